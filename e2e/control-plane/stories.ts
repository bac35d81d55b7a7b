import assert from 'node:assert/strict';
import { isNotFound, isReady, systemClock } from '@binnacle/client';
import type { AnyKind, Api, Live } from '@binnacle/client';
import {
  ClusterRole,
  ClusterRoleBinding,
  CoreEvent,
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
import { rawDoor } from '../raw.ts';
import type { RawDoor } from '../raw.ts';
import { table } from '../table.ts';
import { isWrite, readAudit } from './audit.ts';
import type { Asked } from './audit.ts';
import type { Version } from './binary.ts';
import { example } from './examples.ts';
import type { ExampleObject } from './examples.ts';
import { guardedNamespace, startOperator } from './operators.ts';
import type { RunningOperator } from './operators.ts';
import { granted, unused, used } from './rights.ts';
import type { Right } from './rights.ts';
import type { Cluster } from './with-nodes.ts';

/** What an operator asked for while it did one thing, and how long that took. */
export interface Flow {
  readonly name: string;
  readonly reads: number;
  readonly writes: number;
  readonly seconds: number;
}

/** An operator's story on one version. */
export interface StoryReport {
  readonly operator: string;
  readonly version: Version;
  readonly flows: readonly Flow[];
  readonly granted: readonly Right[];
  readonly used: readonly Right[];
  readonly explained: ReadonlyMap<string, readonly Right[]>;
  /** What is wrong: empty when all is well. */
  readonly wrong: readonly string[];
}

const STEADY_MS = 12_000;
/** How often an operator may try in vain in a namespace that goes: once for each object of its clusters is plenty. */
const LATE = 20;
/**
 * An admission plugin of Kubernetes, OwnerReferencesPermissionEnforcement, learns of a new kind up to half a minute after its CRD was made, and refuses owner references
 * to it until then. Operators try again.
 */
const isNewKind = ({ message }: Asked) => message.includes('cannot set blockOwnerDeletion') && message.includes('no matches for kind');
/** Nothing is made any more in a namespace that goes; whoever was about to learns it by this. */
const isGoing = ({ message }: Asked) => message.includes('because it is being terminated');
/** What was asked for and refused for want of a right, each once. */
export function forbidden(requests: readonly Asked[]): readonly string[] {
  const refused = requests.filter((one) => one.code === 403 && !isNewKind(one) && !isGoing(one));
  return [...new Set(refused.map(({ verb, path, message }) => `forbidden: ${verb} ${path}: ${message}`))];
}
/** Of the Lease that an idle operator renews, and nothing else. */
const isRenewal = ({ resource }: Asked) => resource === 'leases';

/** A story: what is done to the cluster, one flow after another, each until it has settled. */
interface Step {
  readonly name: string;
  readonly act: (stage: Stage) => Promise<void>;
  readonly until: (stage: Stage) => Promise<void>;
  /** Nothing is written for a while after it; `asks`: nothing is read either. */
  readonly steady?: 'writes' | 'asks';
}

interface Stage {
  readonly api: Api;
  readonly door: RawDoor;
  readonly namespace: string;
}

const kindOf = (name: string): AnyKind =>
  entries()
    .flatMap(({ resources }) => resources)
    .find(({ kind }) => kind === name)!;

/** Applies as kubectl does, and fails on a warning as on an error. */
async function apply({ door, namespace }: Stage, object: ExampleObject): Promise<void> {
  const kind = object.kind === 'Secret' ? Secret : kindOf(object.kind);
  const base = kind.group === '' ? '/api/v1' : `/apis/${kind.group}/${kind.version}`;
  const answer = await door.ask('PATCH', `${base}/namespaces/${namespace}/${kind.plural}/${object.metadata.name}?fieldManager=kubectl&fieldValidation=Strict`, {
    body: object,
    headers: { 'content-type': 'application/apply-patch+yaml' },
  });
  assert.ok(answer.status === 200 || answer.status === 201, `${object.kind} ${object.metadata.name}: ${answer.status} ${answer.text}`);
  assert.equal(answer.headers['warning'], undefined, `${object.kind} ${object.metadata.name}`);
}

async function applyExample(stage: Stage, file: string): Promise<void> {
  for (const object of example(file)) await apply(stage, object);
}

async function edit({ api, namespace }: Stage, kind: string, name: string, spec: object): Promise<void> {
  await api.patch(kindOf(kind), { namespace, name }, { type: 'merge', body: { spec } });
}

const ready =
  (kind: string, name: string) =>
  async ({ api, namespace }: Stage) => {
    await eventually(`${kind} ${name} is Ready`, async () => {
      const object = (await api.get(kindOf(kind), { namespace, name })) as Live<AnyKind> & { readonly status?: { readonly observedGeneration?: number } };
      if (isReady(object) && object.status?.observedGeneration === object.metadata.generation) return true;
      throw new Error(JSON.stringify(object.status));
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
      throw new Error(found.map((pod) => `${pod.metadata.name} ${JSON.stringify(pod.status?.conditions)}`).join('\n'));
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

/** Nothing that the operator made is there any more, but the claims: data outlives its cluster. */
const gone =
  (keepsClaims: boolean) =>
  async ({ api, namespace }: Stage) => {
    await eventually('what the operator made is gone', async () => {
      for (const kind of [StatefulSet, Pod, Service]) {
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
const LEVELS = { doris: 'baseline', hazelcast: 'restricted' } as const;

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
      throw new Error(JSON.stringify((await api.get(Namespace, { name: namespace })).status));
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
};

const STORIES: Readonly<Record<'doris' | 'hazelcast', readonly Step[]>> = {
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

/** Runs an operator's story; reports what it asked for. @throws {Error} when a flow does not end as it should. */
async function tell(cluster: Cluster, operator: RunningOperator): Promise<StoryReport> {
  const name = operator.entry.name;
  await using door = rawDoor(cluster.cluster);
  const stage: Stage = { api: cluster.api, door, namespace: `story-${name}` };
  await guardedNamespace(cluster.api, stage.namespace, LEVELS[name]);
  const clock = systemClock();
  const flows: Flow[] = [];
  const wrong: string[] = [];
  const requests: Asked[] = [];
  let bytes = 0;
  const take = (): readonly Asked[] => {
    const read = readAudit(cluster.auditLog, bytes);
    bytes = read.bytes;
    const own = read.asked.filter(({ user }) => user === operator.user);
    requests.push(...own);
    return own;
  };
  const count = (flow: string, since: number): readonly Asked[] => {
    const asked = take().filter((one) => !isRenewal(one));
    const writes = asked.filter(isWrite);
    flows.push({ name: flow, reads: asked.length - writes.length, writes: writes.length, seconds: (clock.monotonic() - since) / 1000 });
    return writes;
  };
  await eventually('the operator is idle', () => operator.idle);
  count('start', clock.monotonic());
  for (const step of STORIES[name]) {
    const since = clock.monotonic();
    try {
      await step.act(stage);
      await step.until(stage);
      await eventually('the operator is idle', () => operator.idle);
    } catch (error) {
      throw new Error(`${name}, ${step.name}: ${String(error)}\nwarnings:\n${await warningsOf(stage)}`, { cause: error });
    }
    count(step.name, since);
    if (step.steady === undefined) continue;
    const quiet = clock.monotonic();
    await clock.sleep(STEADY_MS);
    const flow = `steady state, ${step.name}`;
    for (const write of count(flow, quiet)) wrong.push(`writes in steady state: ${write.verb} ${write.path}`);
    const { reads } = flows.at(-1)!;
    if (step.steady === 'asks' && reads > 0) wrong.push(`asks in steady state after ${step.name}: ${reads} times`);
  }
  take();
  wrong.push(...forbidden(requests));
  const late = requests.filter(isGoing).length;
  if (late > LATE) wrong.push(`tried ${late} times to make something in a namespace that goes`);
  const may = granted(operator.rbac);
  const did = used(requests);
  const { explained, unexplained } = unused(may, did);
  for (const one of did.filter((right) => !may.includes(right))) wrong.push(`used and not granted by its own roles: ${one}`);
  for (const one of unexplained) wrong.push(`granted, never used, and no reason is given: ${one}`);
  return { operator: name, version: cluster.version, flows, granted: may, used: did, explained, wrong };
}

/** What the cluster complained of, for whoever has to find out why a story did not go on. */
async function warningsOf({ api, namespace }: Stage): Promise<string> {
  const { items } = await api.list(CoreEvent, { namespace, fieldSelector: 'type=Warning' });
  return [...new Set(items.map(({ involvedObject, reason, message }) => `${involvedObject.kind} ${involvedObject.name}: ${reason}: ${message}`))]
    .slice(0, 20)
    .join('\n');
}

/** The stories of both operators on a cluster, one after the other. */
export async function tellStories(cluster: Cluster): Promise<readonly StoryReport[]> {
  const reports: StoryReport[] = [];
  for (const name of ['doris', 'hazelcast'] as const) {
    await using operator = await startOperator(cluster, name);
    reports.push(await tell(cluster, operator));
  }
  return reports;
}

/** What the operators asked for, and the rights that they have for it. */
export function printStories(reports: readonly StoryReport[], write: (line: string) => void): void {
  const flows = reports.flatMap(({ operator, version, flows: all }) =>
    all.map(({ name, reads, writes, seconds }) => [operator, version, name, String(reads), String(writes), seconds.toFixed(1)]),
  );
  write(`\n${table([['operator', 'on', 'flow', 'reads', 'writes', 'seconds'], ...flows])}`);
  const rights = reports.map(({ operator, version, granted: may, used: did, explained, wrong }) => {
    const unseen = [...explained.values()].flat().length;
    return [operator, version, String(may.length), String(did.length), String(unseen), String(may.length - did.length - unseen), String(wrong.length)];
  });
  write(`\n${table([['operator', 'on', 'rights granted', 'used', 'unused, with a reason', 'unused without', 'wrong'], ...rights])}`);
  for (const { operator, version, explained } of reports)
    for (const [reason, unseen] of explained) write(`  ${operator} on ${version}, unused (${reason}): ${unseen.join(', ')}`);
}
