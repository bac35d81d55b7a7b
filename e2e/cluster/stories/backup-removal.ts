import assert from 'node:assert/strict';
import type { Live } from '@binnacle/client';
import { CoreEvent, Job, Pod } from '@binnacle/client/kinds';
import { HotBackup } from '@binnacle/hazelcast';
import { eventually } from '../../eventually.ts';
import type { Story, World } from '../story.ts';
import { hazelcast } from './members.ts';

const NAMESPACE = 'backups';
const NAME = 'stored';
const MEMBER_POD = { namespace: NAMESPACE, name: `${NAME}-0` };
/** Without the registry it is nobody's default, so that with a licence it is not changed for Enterprise's, which is not to be had here. */
const REPOSITORY = 'hazelcast/hazelcast';
const IMAGE = `${REPOSITORY}:5.5.0`;
const NOBODY = 65_534;
/** Folder of all backups on a member's volume. Source: spec/hazelcast-core.md §2.7.1. */
const FOLDER = '/data/persistence/base-dir/hot-backup';
const CHUNK = '9ee0f5a6-2a4f-4b55-8a3d-0d6b4a2f9c11/s00/value/01.chunk';
/** Sequences of two backups that the member has taken. */
const BACKUPS = { earlier: 'backup-1767225600000', later: 'backup-1767229200000' } as const;

/**
 * Open-source members take no backups, and no licence is to be had here: folders and statuses are laid down as an Enterprise member and the operator leave them.
 * The operator, the Job that it makes, the kubelet, the volume and the members' image are those of any cluster; the image's shell tools are busybox's.
 */
export const backupRemoval: readonly Story[] = [
  {
    name: 'a HotBackup that is deleted takes its folder off the volume, by a Job under restricted, and leaves the other backup whole',
    async run(world) {
      await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });
      await member(world);
      // Nobody but the member's account may so much as look into them.
      const lay = Object.values(BACKUPS).map((folder) => `f=${FOLDER}/${folder}/${CHUNK}; mkdir -p "\${f%/*}"; echo ${folder} > "$f"`);
      await asMember(world, 'lay', ['umask 077', ...lay].join('; '));
      for (const [name, folder] of Object.entries(BACKUPS)) await taken(world, name, folder);

      using ended = removalPod(world);
      await world.kubectl(['-n', NAMESPACE, 'delete', 'hotbackup', 'earlier', '--timeout=240s']);
      const { spec, status } = await ended.pod;
      assert.deepEqual([spec?.containers[0]?.image, spec?.securityContext?.runAsUser, status?.phase], [IMAGE, NOBODY, 'Succeeded']);
      assert.equal(spec?.nodeName, (await world.api.get(Pod, MEMBER_POD)).spec?.nodeName, 'beside the member, which has the volume');
      assert.match(await asMember(world, 'look', `cd ${FOLDER}; ls; cat */${CHUNK}`), new RegExp(`^${BACKUPS.later}\\n${BACKUPS.later}\\n$`));
      const { items } = await world.api.list(CoreEvent, { namespace: NAMESPACE, fieldSelector: 'reason=BackupRemoved' });
      assert.deepEqual(
        items.map(({ message }) => message),
        [`${BACKUPS.earlier} was taken off 1 volumes`],
      );
      await world.api.get(HotBackup, { namespace: NAMESPACE, name: 'later' });
      await eventually('no Job is left', async () => (await world.api.list(Job, { namespace: NAMESPACE })).items.length === 0);
      await world.kubectl(['-n', NAMESPACE, 'delete', 'hazelcast', NAME, '--timeout=240s']);
      await world.kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
    },
  },
];

/** A cluster of one member with its volume. The member itself exits for want of a real licence: its pod is there, and its claim is bound. */
async function member(world: World): Promise<void> {
  const licence = { name: 'licence', namespace: NAMESPACE };
  await world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: licence, stringData: { 'license-key': 'of a story' } });
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi', storageClassName: 'node' };
  const spec = { ...hazelcast(1).spec, repository: REPOSITORY, licenseKeySecretName: licence.name, persistence: { pvc } };
  await world.apply({ ...hazelcast(1), metadata: { namespace: NAMESPACE, name: NAME }, spec });
  await eventually('its pod is on a node', async () => (await world.api.get(Pod, MEMBER_POD)).spec?.nodeName !== undefined);
}

/** A HotBackup that ended well. */
async function taken(world: World, name: string, folder: string): Promise<void> {
  const ref = { namespace: NAMESPACE, name };
  const spec = { hazelcastResourceName: NAME, deletionPolicy: 'Delete' };
  await world.apply({ apiVersion: 'hazelcast.com/v1alpha1', kind: 'HotBackup', metadata: ref, spec });
  await eventually('the operator has seen it', async () => (await world.api.get(HotBackup, ref)).status?.state === 'Pending');
  const status = { state: 'Success', backupUUIDs: [`${folder}/${CHUNK.split('/')[0]}`] };
  await world.api.patch(HotBackup, ref, { type: 'merge', body: { status } }, { subresource: 'status' });
}

/** Runs a line of shell with the member's account on its volume; what it printed. */
async function asMember(world: World, name: string, line: string): Promise<string> {
  const ref = { namespace: NAMESPACE, name };
  const securityContext = { fsGroup: NOBODY, runAsUser: NOBODY, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  const container = {
    name,
    image: IMAGE,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-ec', line],
    volumeMounts: [{ name: 'persistence', mountPath: '/data/persistence' }],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const volumes = [{ name: 'persistence', persistentVolumeClaim: { claimName: `persistence-${MEMBER_POD.name}` } }];
  await world.apply({ apiVersion: 'v1', kind: 'Pod', metadata: ref, spec: { restartPolicy: 'Never', securityContext, containers: [container], volumes } });
  await eventually(`${name} has ended`, async () => ['Succeeded', 'Failed'].includes((await world.api.get(Pod, ref)).status?.phase ?? ''));
  const said = await world.kubectl(['-n', NAMESPACE, 'logs', name]);
  assert.equal((await world.api.get(Pod, ref)).status?.phase, 'Succeeded', said);
  return said;
}

/** The pod of the Job as it ended: watched, since the operator takes the Job away at once. */
function removalPod({ api }: World): Disposable & { readonly pod: Promise<Live<typeof Pod>> } {
  const over = new AbortController();
  const watch = async () => {
    for await (const event of api.watch(Pod, { namespace: NAMESPACE, labelSelector: 'app.kubernetes.io/name=hot-backup-removal', signal: over.signal }))
      if (event.type !== 'BOOKMARK' && event.object.status?.phase === 'Succeeded') return event.object;
    throw new Error('no pod of the Job ended well');
  };
  const pod = watch();
  // Awaited after the HotBackup has gone; whatever fails before that is told first.
  pod.catch(() => undefined);
  return { pod, [Symbol.dispose]: () => over.abort() };
}
