import assert from 'node:assert/strict';
import { isNotFound, isReady } from '@binnacle/client';
import type { AnyKind, Api, Condition, Live } from '@binnacle/client';
import {
  ClusterRole,
  ClusterRoleBinding,
  Namespace,
  V1HorizontalPodAutoscaler,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  StatefulSet,
} from '@binnacle/client/kinds';
import { entries } from '../../apps/binnacle/src/operators.ts';
import { eventually } from '../eventually.ts';
import type { RawDoor } from '../raw.ts';
import { example } from './examples.ts';
import type { ExampleObject } from './examples.ts';
import type { RunningOperator } from './operators.ts';
import { short } from './report.ts';

/** Of a story: what is done to the cluster, one flow after another, each until it has settled. */
export interface Step {
  readonly name: string;
  readonly act: (stage: Stage) => Promise<void>;
  readonly until: (stage: Stage) => Promise<void>;
  /** Nothing is written for a while after it; `asks`: nothing is read either. */
  readonly steady?: 'writes' | 'asks';
  readonly removesNamespace?: true;
}

/** Where a story is told. */
export interface Stage {
  readonly api: Api;
  readonly operator: RunningOperator;
  readonly door: RawDoor;
  readonly namespace: string;
}

const kindOf = (name: string): AnyKind =>
  entries()
    .flatMap(({ resources }) => resources)
    .find(({ kind }) => kind === name)!;

/**
 * Applies as kubectl does, and fails on a warning as on an error. The operator has seen it by the end: its webhook judges what names it by what it has seen, and
 * warns of what it has not.
 */
async function apply({ door, namespace, operator }: Stage, object: ExampleObject): Promise<void> {
  const kind = object.kind === 'Secret' ? Secret : kindOf(object.kind);
  const base = kind.group === '' ? '/api/v1' : `/apis/${kind.group}/${kind.version}`;
  const answer = await door.ask('PATCH', `${base}/namespaces/${namespace}/${kind.plural}/${object.metadata.name}?fieldManager=kubectl&fieldValidation=Strict`, {
    body: object,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
  const what = `${object.kind} ${object.metadata.name}`;
  assert.ok(answer.status === 200 || answer.status === 201, `applying ${what}: 200 or 201 was expected and ${answer.status} came: ${short(answer.text)}`);
  assert.equal(answer.headers['warning'], undefined, `applying ${what}: no warning was expected`);
  const stored = answer.json.metadata as { readonly uid: string; readonly resourceVersion: string };
  await eventually(`the operator has seen ${what}`, async () => {
    const seen = operator.cache.get(kind, { namespace, name: object.metadata.name })?.metadata;
    return seen?.uid === stored.uid && BigInt(seen.resourceVersion) >= BigInt(stored.resourceVersion);
  });
}

async function applyExample(stage: Stage, file: string): Promise<void> {
  for (const object of example(file)) await apply(stage, object);
}

async function edit({ api, namespace }: Stage, kind: string, name: string, spec: object): Promise<void> {
  await api.patch(kindOf(kind), { namespace, name }, { type: 'merge', body: { spec } });
}

/** What every kind of ours has in its status. */
export interface Told {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

/** What an object says of itself, for whoever has to find out why a story did not go on. */
export function inWords({ observedGeneration, conditions = [] }: Told = {}): string {
  const said = conditions.map(({ type, status, reason, message }) => `${type}=${status} ${reason ?? ''}: ${message ?? ''}`);
  return `it tells of generation ${observedGeneration}: ${said.join('; ')}`;
}

const ready =
  (kind: string, name: string) =>
  async ({ api, namespace }: Stage) => {
    await eventually(`${kind} ${name} is Ready`, async () => {
      const object = (await api.get(kindOf(kind), { namespace, name })) as Live<AnyKind> & { readonly status?: Told };
      if (isReady(object) && object.status?.observedGeneration === object.metadata.generation) return true;
      throw new Error(`generation ${object.metadata.generation}, ${inWords(object.status)}`);
    });
  };

const pods =
  (prefix: string, count: number) =>
  async ({ api, namespace }: Stage) => {
    await eventually(`${count} pods ${prefix}* are Ready`, async () => {
      const found = (await api.list(Pod, { namespace })).items.filter(
        ({ metadata }) => metadata.name.startsWith(prefix) && metadata.deletionTimestamp === undefined,
      );
      if (found.length === count && found.every(isReady)) return true;
      throw new Error(found.map((pod) => `${pod.metadata.name} ${pod.status?.phase} ${isReady(pod) ? 'Ready' : 'not Ready'}`).join(', '));
    });
  };

const some =
  (kind: string, count: number) =>
  async ({ api, namespace }: Stage) => {
    await eventually(`${count} of ${kind}`, async () => (await api.list(kindOf(kind), { namespace })).items.length === count);
  };

const none =
  (kind: AnyKind) =>
  async ({ api, namespace }: Stage) => {
    await eventually(`no ${kind.kind} is left`, async () => (await api.list(kind, { namespace })).items.length === 0);
  };

const all =
  (...waits: readonly ((stage: Stage) => Promise<void>)[]) =>
  async (stage: Stage) => {
    for (const wait of waits) await wait(stage);
  };

/** Nothing that the operator looked after or made is there any more, but the claims: data outlives its cluster. */
const gone =
  (keepsClaims: boolean) =>
  async ({ api, namespace, operator }: Stage) => {
    await eventually('what the operator made is gone', async () => {
      for (const kind of [...(operator.entry.resources as readonly AnyKind[]), StatefulSet, Pod, Service]) {
        const { items } = await api.list(kind, { namespace });
        if (items.length > 0) throw new Error(`${kind.kind} ${items.map(({ metadata }) => metadata.name).join(', ')}`);
      }
      return true;
    });
    const { items } = await api.list(PersistentVolumeClaim, { namespace });
    assert.equal(items.length > 0, keepsClaims, 'claims outlive the cluster');
  };

async function remove({ api, namespace }: Stage, kind: string, name: string): Promise<void> {
  await api.delete(kindOf(kind), { namespace, name });
}

/** The strictest Pod Security level that operands live under: Doris' images run as root. */
export const LEVELS = { doris: 'baseline', hazelcast: 'restricted' } as const;

const secretOf = (name: string, content: Readonly<Record<string, string>>): ExampleObject & { readonly stringData: object } => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: content,
});

/** Without logs: what ships them reads files of its node, and no pod that does is let in under `baseline`. */
async function monitor(stage: Stage): Promise<void> {
  await apply(stage, secretOf('grafana-admin', { password: 'of a story' }));
  for (const object of example('doris/monitor.yaml')) await apply(stage, { ...object, spec: { ...object.spec, disableLoki: true } });
}

async function initialise(stage: Stage): Promise<void> {
  await apply(stage, secretOf('doris-passwords', { root: 'of a story', admin: 'of a story too' }));
  await applyExample(stage, 'doris/initializer.yaml');
}

/** Its certificate first: the webhook warns of one that is not there. */
async function managementCenter(stage: Stage): Promise<void> {
  await apply(stage, secretOf('management-center-certificate', { 'tls.crt': 'of a story', 'tls.key': 'of a story' }));
  await applyExample(stage, 'hazelcast/management-center-ingress.yaml');
}

/** The second Hazelcast: one that keeps its data. */
const KEPT = 'kept';

async function persistent(stage: Stage): Promise<void> {
  await apply(stage, secretOf('hazelcast-license-key', { 'license-key': 'UNLIMITED_LICENSE#99Nodes#of-a-story' }));
  for (const object of example('hazelcast/persistence.yaml')) await apply(stage, { ...object, metadata: { name: KEPT } });
}

async function backUp(stage: Stage): Promise<void> {
  const [backup] = example('hazelcast/hot-backup.yaml');
  const [schedule] = example('hazelcast/cron-hot-backup-local.yaml');
  await apply(stage, { ...backup!, metadata: { name: KEPT }, spec: { hazelcastResourceName: KEPT } });
  await apply(stage, { ...schedule!, metadata: { name: KEPT }, spec: { schedule: '0 3 * * *', hotBackupTemplate: { spec: { hazelcastResourceName: KEPT } } } });
}

/** The backup is to go with its HotBackup, by a Job that nobody can make in a namespace that goes. */
async function backUpToGo(stage: Stage): Promise<void> {
  const [backup] = example('hazelcast/hot-backup.yaml');
  await apply(stage, { ...backup!, metadata: { name: KEPT }, spec: { hazelcastResourceName: KEPT, deletionPolicy: 'Delete' } });
}

/** The namespace and all in it are gone, and what the operator made for it outside of it. */
async function namespaceGone({ api, namespace }: Stage): Promise<void> {
  await eventually(`namespace ${namespace} is gone`, async () => {
    try {
      throw new Error(inWords((await api.get(Namespace, { name: namespace })).status as Told));
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  });
  for (const kind of [ClusterRole, ClusterRoleBinding]) {
    const left = (await api.list(kind as AnyKind, {})).items.filter(({ metadata }) => /^(hazelcast|kept)-\d+$/.test(metadata.name));
    assert.deepEqual(
      left.map(({ metadata }) => `${kind.kind} ${metadata.name}`),
      [],
    );
  }
}

const namespaceRemoved: Step = {
  name: 'namespace removed',
  act: async ({ api, namespace }) => void (await api.delete(Namespace, { name: namespace })),
  until: namespaceGone,
  steady: 'asks',
  removesNamespace: true,
};

/** What is told of each operator. */
export const STORIES: Readonly<Record<'doris' | 'hazelcast', readonly Step[]>> = {
  doris: [
    { name: 'create', act: (stage) => applyExample(stage, 'doris/basic.yaml'), until: ready('DorisCluster', 'basic') },
    { name: 'initialise', act: initialise, until: ready('DorisInitializer', 'basic') },
    { name: 'monitor', act: monitor, until: ready('DorisMonitor', 'basic') },
    { name: 'autoscale', act: (stage) => applyExample(stage, 'doris/cluster-autoscaler.yaml'), until: ready('DorisClusterAutoscaler', 'basic-scaling') },
    {
      name: 'autoscale no more',
      act: (stage) => remove(stage, 'DorisClusterAutoscaler', 'basic-scaling'),
      until: none(V1HorizontalPodAutoscaler),
    },
    {
      name: 'scale out',
      act: (stage) => edit(stage, 'DorisCluster', 'basic', { be: { replicas: 2 } }),
      until: all(pods('basic-be-', 2), ready('DorisCluster', 'basic')),
    },
    {
      name: 'configuration',
      act: (stage) => edit(stage, 'DorisCluster', 'basic', { fe: { config: { max_connections: '1000' } } }),
      until: all(ready('DorisCluster', 'basic'), pods('basic-fe-', 1)),
      steady: 'writes',
    },
    {
      name: 'scale in',
      act: (stage) => edit(stage, 'DorisCluster', 'basic', { be: { replicas: 1 } }),
      until: all(pods('basic-be-', 1), ready('DorisCluster', 'basic')),
    },
    {
      name: 'delete',
      async act(stage) {
        for (const kind of ['DorisMonitor', 'DorisInitializer', 'DorisCluster']) await remove(stage, kind, 'basic');
      },
      until: gone(true),
    },
    { name: 'create again', act: (stage) => applyExample(stage, 'doris/basic.yaml'), until: ready('DorisCluster', 'basic') },
    namespaceRemoved,
  ],
  hazelcast: [
    { name: 'create', act: (stage) => applyExample(stage, 'hazelcast/basic.yaml'), until: ready('Hazelcast', 'hazelcast') },
    {
      name: 'Management Center',
      act: managementCenter,
      until: ready('ManagementCenter', 'management-center-ingress'),
    },
    {
      name: 'scale out',
      act: (stage) => edit(stage, 'Hazelcast', 'hazelcast', { clusterSize: 4 }),
      until: all(pods('hazelcast-', 4), ready('Hazelcast', 'hazelcast')),
    },
    {
      name: 'configuration',
      act: (stage) => edit(stage, 'Hazelcast', 'hazelcast', { properties: { 'hazelcast.heartbeat.interval.seconds': '4' } }),
      until: all(ready('Hazelcast', 'hazelcast'), pods('hazelcast-', 4)),
      steady: 'writes',
    },
    {
      name: 'scale in',
      act: (stage) => edit(stage, 'Hazelcast', 'hazelcast', { clusterSize: 3 }),
      until: all(pods('hazelcast-', 3), ready('Hazelcast', 'hazelcast')),
    },
    { name: 'create with volumes', act: persistent, until: ready('Hazelcast', KEPT) },
    { name: 'back up', act: backUp, until: all(ready('HotBackup', KEPT), ready('CronHotBackup', KEPT)) },
    {
      name: 'expose externally',
      act: (stage) =>
        edit(stage, 'Hazelcast', KEPT, { exposeExternally: { type: 'Smart', discoveryServiceType: 'NodePort', memberAccess: 'NodePortNodeName' } }),
      // The cluster, its WAN port and three members.
      until: all(some('HazelcastEndpoint', 5), ready('Hazelcast', KEPT)),
    },
    {
      name: 'delete',
      async act(stage) {
        await remove(stage, 'CronHotBackup', KEPT);
        await remove(stage, 'HotBackup', KEPT);
        await remove(stage, 'ManagementCenter', 'management-center-ingress');
        for (const name of ['hazelcast', KEPT]) await remove(stage, 'Hazelcast', name);
      },
      until: gone(true),
    },
    { name: 'create again', act: persistent, until: ready('Hazelcast', KEPT) },
    { name: 'back up again', act: backUpToGo, until: ready('HotBackup', KEPT) },
    namespaceRemoved,
  ],
};
