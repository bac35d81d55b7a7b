import { parseTimestamp } from '@binnacle/client';
import type { Clock, Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { showBackends } from '../../sql/backends.ts';
import { showBrokers } from '../../sql/brokers.ts';
import type { Master } from '../../sql/master.ts';
import { labelsOf, namesOf, ordinalOf, podName } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { componentOf, imageOf } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { partitionOf } from '../objects/partition.ts';
import { MASTER_MOVES, RESTARTED } from '../objects/stateful-set.ts';
import { isReady } from '../report.ts';
import { ORDER } from './plan.ts';
import type { Member, Part } from './plan.ts';
import { downgrade, sameVersion } from './version.ts';

export { ALLOW_DOWNGRADE } from './version.ts';
import { Pod } from '../../pod.ts';

/** Doris hears from each node every 5 s: what is alive for so long beside a ready pod is that pod, also when both starts fall into the same second. */
const HEARTBEATS_MS = 30_000;

/** A component's StatefulSet and pods. */
export interface Parts {
  readonly name: ComponentName;
  readonly live: Live<typeof StatefulSet>;
  readonly pods: readonly Live<typeof Pod>[];
}

/** The part of a step's context that looking takes. */
interface Looking {
  get(kind: typeof StatefulSet, name: string): Promise<Live<typeof StatefulSet> | undefined>;
  list(kind: typeof Pod, options: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly Live<typeof Pod>[]>;
}

/** The components whose restarts are ours to order, in that order. */
export async function partsOf(cluster: Cluster, cx: Looking): Promise<readonly Parts[]> {
  const parts: Parts[] = [];
  for (const name of ORDER) {
    if (cluster.spec[name] === undefined) continue;
    const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    if (live !== undefined && partitionOf(live) !== undefined) parts.push({ name, live, pods: await cx.list(Pod, { labels: labelsOf(cluster.name, name) }) });
  }
  return parts;
}

/** Whether any pod is made from another template than the one wanted, or may be restarted. Nothing is asked of Doris while none is. */
export function isMoving({ live, pods }: Parts): boolean {
  return (partitionOf(live) ?? 0) < (live.spec?.replicas ?? 0) || !isSeen(live) || pods.some((pod) => templateOf(live, pod) === 'old');
}

/** What Doris says of a node. */
interface Node {
  readonly host: string;
  readonly alive: boolean;
  readonly master?: boolean;
  readonly version?: string | undefined;
  readonly started: string | undefined;
}

/** What rolloutPlan() decides from: StatefulSets and pods as the cache has them, nodes as the master says now. */
export async function observe(
  cluster: Cluster,
  all: readonly Parts[],
  { fe, frontends }: Master,
  allowed: string | undefined,
  cx: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<readonly Part[]> {
  const backends = cluster.spec.be === undefined && cluster.spec.cn === undefined ? [] : await showBackends(fe, cx.signal);
  const brokers = cluster.spec.broker === undefined ? [] : await showBrokers(fe, cx.signal);
  const nodes: Readonly<Record<ComponentName, readonly Node[]>> = { fe: frontends, be: backends, cn: backends, broker: brokers };
  return all.map((parts) => partFrom(cluster, parts, nodes[parts.name], { allowed, nowMs: cx.clock.now() }));
}

function partFrom(
  cluster: Cluster,
  { name, live, pods }: Parts,
  nodes: readonly Node[],
  at: { readonly allowed: string | undefined; readonly nowMs: number },
): Part {
  const replicas = live.spec?.replicas ?? 0;
  const tag = imageOf(cluster, name).replace(/^.*:/, '');
  const [restarted, before] = live.metadata.annotations?.[RESTARTED]?.split(' at ') ?? [];
  const listed = (ordinal: number) => nodes.find((one) => ordinalOf(cluster, name, one.host) === ordinal);
  // A pod beyond the spec whose node has left already only waits to be taken away: nothing waits for it.
  const ordinals = Array.from({ length: replicas }, (_, ordinal) => ordinal).filter(
    (ordinal) => ordinal < componentOf(cluster, name).replicas || listed(ordinal) !== undefined,
  );
  const members = ordinals.map((ordinal): Member => {
    const own = podName(cluster.name, name, ordinal);
    const pod = pods.find((one) => one.metadata.name === own);
    const node = listed(ordinal);
    const template = pod === undefined ? 'none' : templateOf(live, pod);
    // Until its heartbeat is missed, or answered anew, a node counts as alive: believed only once it has started again.
    const again = own !== restarted || before === '' || node?.started !== before || readyForMs(pod, at.nowMs) >= HEARTBEATS_MS;
    const versioned = template !== 'new' || sameVersion(node?.version, tag);
    return {
      ordinal,
      pod: own,
      template,
      ready: pod !== undefined && isReady(pod),
      healthy: node?.alive === true && again && versioned,
      master: node?.master === true,
      started: node?.started ?? '',
    };
  });
  const ours = nodes.filter((one) => ordinalOf(cluster, name, one.host) !== undefined);
  return {
    name,
    seen: isSeen(live),
    complete: live.status?.currentRevision === live.status?.updateRevision,
    replicas,
    partition: partitionOf(live) ?? replicas,
    members,
    masterMoves: Number(live.metadata.annotations?.[MASTER_MOVES] ?? 0),
    downgrade: at.allowed === tag ? undefined : ours.map((one) => downgrade(one.version, tag)).find((one) => one !== undefined),
  };
}

/** How long a pod has been ready; 0: it is not. */
function readyForMs(pod: Live<typeof Pod> | undefined, nowMs: number): number {
  const since = pod?.status?.conditions?.find((one) => one.type === 'Ready' && one.status === 'True')?.lastTransitionTime;
  return since === undefined ? 0 : nowMs - parseTimestamp(since);
}

/** From which template a pod is, as far as the StatefulSet controller has noticed; `none`: it is going. */
export function templateOf({ status }: Live<typeof StatefulSet>, pod: Live<typeof Pod>): Member['template'] {
  if (pod.metadata.deletionTimestamp !== undefined) return 'none';
  const wanted = status?.updateRevision;
  return wanted === undefined || pod.metadata.labels?.['controller-revision-hash'] === wanted ? 'new' : 'old';
}

/** Whether the StatefulSet controller has noticed the last change. */
export const isSeen = ({ metadata, status }: Live<typeof StatefulSet>): boolean => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
