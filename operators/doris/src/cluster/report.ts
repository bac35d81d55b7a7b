import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import type { Pass } from '@binnacle/runtime';
import type { Node, Phase, Status } from '../api/status.ts';
import { given } from '../given.ts';
import type { Backend } from '../sql/backends.ts';
import type { Broker } from '../sql/brokers.ts';
import type { Frontend } from '../sql/frontends.ts';
import { valueHash } from './hash.ts';
import { namesOf, podName } from './names.ts';
import type { ComponentName } from './names.ts';
import { componentOf, imageOf } from './objects/cluster.ts';
import type { Cluster } from './objects/cluster.ts';
import type { Pod } from '../pod.ts';

// Upper and lower case as in the existing operator (spec/doris-operator.md §1.2): scripts match these words.
const STAGES: Readonly<Record<string, string>> = {
  account: 'operator-sql-account/Secret',
  feConfig: 'fe/Configmap',
  feServices: 'fe/Service',
  feStatefulSet: 'fe/Statefulset',
  beConfig: 'be/Configmap',
  beServices: 'be/Service',
  beStatefulSet: 'be/Statefulset',
  cnConfig: 'cn/ConfigMap',
  cnServices: 'cn/Service',
  cnStatefulSet: 'cn/Statefulset',
  brokerConfig: 'broker/ConfigMap',
  brokerServices: 'broker/Service',
  brokerStatefulSet: 'broker/Statefulset',
};

/** The existing operator's word for where a step stands: `fe` for feReady, `be/Statefulset` for beStatefulSet. */
export function stageOf(step: string): string {
  return STAGES[step] ?? /^(fe|be|cn|broker)(?=[A-Z])/.exec(step)?.[0] ?? step;
}

/** Status fields that follow from how a pass ended: `phase` and the existing operator's `stage…`, `lastMessage`, `allReady`, `lastApplySpecHash`. */
export function report(object: { readonly spec: unknown; readonly status?: unknown }, pass: Pass): Partial<Status> {
  const before = (object.status ?? {}) as Status; // sound: a Live status is the declared one
  const { outcome } = pass;
  if (outcome.type === 'gone') return {};
  if (outcome.type === 'done') {
    return {
      phase: 'Running',
      stage: 'complete',
      stageAction: '',
      stageStatus: 'succeeded',
      lastMessage: '',
      allReady: true,
      lastApplySpecHash: valueHash(object.spec),
    };
  }
  if (outcome.type === 'stop' && outcome.reason === 'Suspended') {
    return { phase: 'Suspended', stage: 'suspend', stageAction: '', stageStatus: 'succeeded', lastMessage: outcome.message, allReady: false };
  }
  const failed = outcome.type === 'error' || outcome.type === 'stop';
  const phase: Phase = failed ? 'Failed' : before.lastApplySpecHash === undefined ? 'Creating' : 'Updating';
  return {
    phase,
    stage: stageOf(pass.step ?? ''),
    stageAction: 'apply',
    stageStatus: failed ? 'failed' : '', // waiting is neither
    lastMessage: outcome.message,
    allReady: false,
  };
}

type MemberStatus = NonNullable<Status['be']>;

/** A component's block of the status. `nodes` absent: as Doris said last. */
export function componentStatus(
  cluster: Cluster,
  name: ComponentName,
  seen: {
    readonly statefulSet: Live<typeof StatefulSet> | undefined;
    readonly pods: readonly Live<typeof Pod>[];
    readonly nodes?: readonly Node[] | undefined;
  },
): MemberStatus & NonNullable<Status['fe']> {
  const component = componentOf(cluster, name);
  const names = namesOf(cluster.name, name);
  const replicas = seen.statefulSet?.spec?.replicas ?? component.replicas;
  const reference = (object: string) => ({ name: object, namespace: cluster.namespace });
  return {
    image: imageOf(cluster, name),
    statefulSetRef: reference(names.statefulSet),
    members: Array.from({ length: replicas }, (_, ordinal) => `${podName(cluster.name, name, ordinal)}.${cluster.namespace}`),
    readyMembers: seen.pods.filter(isReady).map((pod) => `${pod.metadata.name}.${cluster.namespace}`),
    ...given({ nodes: seen.nodes === undefined ? undefined : [...seen.nodes] }),
    ...(name === 'fe' ? { serviceName: reference(names.service) } : {}),
  };
}

/** A component's nodes as the last pass reported them. */
export function nodesOf(object: { readonly status?: unknown }, name: ComponentName): readonly Node[] | undefined {
  return (object.status as Status | undefined)?.[name]?.nodes; // sound: a Live status is the declared one
}

/** Whether a pod has the condition Ready. */
export function isReady(pod: Live<typeof Pod>): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
}

/** Whether pods of an older template still run, or the change was not even noticed yet. Never with OnDelete, where their owner decides when they go. */
export function isRolling({ metadata, spec, status }: Live<typeof StatefulSet>): boolean {
  if (spec?.updateStrategy?.type === 'OnDelete') return false;
  return (status?.observedGeneration ?? 0) < (metadata.generation ?? 0) || status?.updateRevision !== status?.currentRevision;
}

// Of a node that is alive the last heartbeat is always new: a status with it would be written on every look.

/** A front end as the status shows it. */
export const frontEndNode = (one: Frontend): Node => ({
  host: one.host,
  port: one.editLogPort,
  role: one.role,
  alive: one.alive,
  master: one.master,
  ...given({ version: one.version, lastHeartbeat: one.alive ? undefined : one.lastHeartbeat }),
});

/** A back end or compute node as the status shows it. */
export const backEndNode = (one: Backend): Node => ({
  host: one.host,
  port: one.heartbeatPort,
  role: one.role,
  alive: one.alive,
  tablets: one.tablets,
  decommissioned: one.decommissioned,
  ...given({ version: one.version, lastHeartbeat: one.alive ? undefined : one.lastHeartbeat }),
});

/** A broker as the status shows it. */
export const brokerNode = (one: Broker): Node => ({ host: one.host, port: one.port, role: 'broker', alive: one.alive });

/** A node as it is when it does not run: what Doris said of it last, and neither alive nor the master. */
export const asleep = (node: Node): Node => ({ ...node, alive: false, ...(node.master === undefined ? {} : { master: false }) });
