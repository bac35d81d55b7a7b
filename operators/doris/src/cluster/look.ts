import { conditionOf } from '@binnacle/client';
import type { Clock, Live } from '@binnacle/client';
import { Secret, StatefulSet } from '@binnacle/client/kinds';
import type { Context } from '@binnacle/runtime';
import { done, waitFor } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import type { DorisCluster } from '../api/doris-cluster.ts';
import type { Node, Status } from '../api/status.ts';
import { scaledCluster } from '../autoscaler/scaled.ts';
import { showBackends } from '../sql/backends.ts';
import { showBrokers } from '../sql/brokers.ts';
import type { Doors } from '../sql/front-end.ts';
import type { Master } from '../sql/master.ts';
import { STATUS_INTERVAL_MS, asMaster } from './doris.ts';
import { COMPONENTS, labelsOf, namesOf, ordinalOf, podName } from './names.ts';
import type { ComponentName } from './names.ts';
import { componentOf } from './objects/cluster.ts';
import type { Cluster } from './objects/cluster.ts';
import { templateOf } from './rollout/observe.ts';
import { waitsForRestart } from './rollout/take-over.ts';
import { asleep, backEndNode, brokerNode, componentStatus, frontEndNode, isReady, isRolling, nodesOf } from './report.ts';
import { replicasThere } from './there.ts';
import { Pod } from '../pod.ts';

/** Kinds that a look at a cluster reads. */
export const LOOKED_AT = [Pod, Secret, StatefulSet, ...AUTOSCALERS] as const;

/** When a cluster that is well is looked at next; ms from now. */
export function nextLook({ random }: Pick<Clock, 'random'>): { readonly afterMs: number } {
  return { afterMs: STATUS_INTERVAL_MS * (0.9 + 0.2 * random()) };
}

/** What is not as it should be, in words: members that are wanted and do not serve, and sets whose pods are being replaced. */
export interface Look {
  readonly missing: readonly string[];
  readonly rolling: readonly string[];
}

type Looking = Pick<
  Context<typeof DorisCluster, never, (typeof LOOKED_AT)[number]>,
  'get' | 'list' | 'status' | 'condition' | 'signal' | 'mustLead' | 'shared'
>;

/** A member that is wanted and does not serve. */
interface Missing {
  readonly what: string;
  /** It was a member, Doris does not hear of it, and nobody meant it so: not one that has yet to join, or is being restarted in its turn. */
  readonly lost: boolean;
}

/** Asks Doris for all members, and writes what it says, and `Degraded`, into the status. */
export async function look(object: Live<typeof DorisCluster>, cluster: Cluster, cx: Looking, { fe, frontends }: Master): Promise<Look> {
  const needed = (name: 'be' | 'cn' | 'broker') => cluster.spec[name] !== undefined;
  const backends = needed('be') || needed('cn') ? await showBackends(fe, cx.signal) : [];
  const brokers = needed('broker') ? await showBrokers(fe, cx.signal) : [];
  // Who was never heard of was only added: it is still on its way.
  const workers = backends.map((one) => ({ node: backEndNode(one), joined: one.httpPort !== undefined }));
  const ours = (all: readonly Listed[], name: ComponentName) => all.filter(({ node }) => ordinalOf(cluster, name, node.host) !== undefined);
  const listed: Readonly<Record<ComponentName, readonly Listed[]>> = {
    fe: frontends.map((one) => ({ node: frontEndNode(one), joined: one.joined })),
    be: ours(workers, 'be'),
    cn: ours(workers, 'cn'),
    broker: ours(
      brokers.map((one) => ({ node: brokerNode(one), joined: one.started !== undefined })),
      'broker',
    ),
  };
  const rolling: string[] = [];
  const missing: Missing[] = [];
  const left: string[] = [];
  for (const name of COMPONENTS) {
    if (cluster.spec[name] === undefined) continue;
    const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, name) });
    const statefulSet = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    cx.status({ [name]: componentStatus(cluster, name, { statefulSet, pods, nodes: listed[name].map(({ node }) => node) }) });
    if (statefulSet !== undefined && isRolling(statefulSet) && waitsForRestart(statefulSet, object.metadata.annotations) === undefined)
      rolling.push(`${statefulSet.metadata.name} is being rolled out`);
    missing.push(...missingOf(cluster, name, { statefulSet, pods, listed: listed[name], upgrading: conditionOf(object, 'Upgrading')?.status === 'True' }));
    left.push(...leftBehind(cluster, name, replicasThere(statefulSet, pods), listed[name]));
  }
  const lost = [...missing.filter((one) => one.lost).map((one) => one.what), ...left];
  const degraded = isBorn(object) && lost.length > 0;
  cx.condition('Degraded', degraded, degraded ? 'MembersMissing' : 'AllThere', degraded ? lost.join(', ') : 'no member is missing');
  return { missing: missing.map((one) => one.what), rolling };
}

interface Listed {
  readonly node: Node;
  readonly joined: boolean;
}

interface Seen {
  readonly statefulSet: Live<typeof StatefulSet> | undefined;
  readonly pods: readonly Live<typeof Pod>[];
  readonly listed: readonly Listed[];
  /** As the last pass left it: Kubernetes has done its part before Doris hears of a node again. */
  readonly upgrading: boolean;
}

function missingOf(cluster: Cluster, name: ComponentName, { statefulSet, pods, listed, upgrading }: Seen): readonly Missing[] {
  const found: (Missing & { readonly restarts: boolean })[] = [];
  for (let ordinal = 0; ordinal < componentOf(cluster, name).replicas; ordinal += 1) {
    const own = podName(cluster.name, name, ordinal);
    const { node, joined = false } = listed.find((one) => ordinalOf(cluster, name, one.node.host) === ordinal) ?? {};
    const pod = pods.find((one) => one.metadata.name === own);
    const why = pod === undefined || !isReady(pod) ? 'is not ready' : node === undefined ? 'has not joined' : node.alive ? undefined : 'is not alive';
    if (why === undefined) continue;
    const restarts = statefulSet !== undefined && (upgrading || isRolling(statefulSet)) && (pod === undefined || templateOf(statefulSet, pod) !== 'old');
    found.push({ what: `${own} ${why}`, lost: joined && node?.alive !== true, restarts });
  }
  // A rollout takes one at a time: who is missing beside it is not away because of it.
  const restarting = found.filter((one) => one.restarts).length === 1;
  return found.map(({ what, lost, restarts }) => ({ what, lost: lost && !(restarts && restarting) }));
}

/**
 * Members that have no pod and are none of those wanted, and whose votes or data the cluster counts on all the same: of a DorisCluster that was made anew with fewer, or
 * whose pods somebody else took away. What they need is a pod once more; scale-in takes one out.
 */
function leftBehind(cluster: Cluster, name: ComponentName, there: number, listed: readonly Listed[]): readonly string[] {
  if (name !== 'fe' && name !== 'be') return []; // these hold nothing
  return listed.flatMap(({ node: { host, alive, role, tablets = 0 } }) => {
    const ordinal = ordinalOf(cluster, name, host);
    const holds = name === 'fe' ? (role === 'FOLLOWER' ? 'a vote' : undefined) : tablets > 0 ? `${tablets} tablets` : undefined;
    if (ordinal === undefined || alive || holds === undefined || ordinal < Math.max(there, componentOf(cluster, name).replicas)) return [];
    return [
      `${podName(cluster.name, name, ordinal)} has ${holds} and no pod: raise spec.${name}.replicas to ${ordinal + 1}, and lower it again if it is to leave`,
    ];
  });
}

/** Whether the cluster once stood as a whole: before that nothing has been lost yet. */
const isBorn = (object: Live<typeof DorisCluster>): boolean => (object.status as Status | undefined)?.lastApplySpecHash !== undefined; // sound: a Live status is the declared one

/** Whether `lookAround` tells of all members: of a cluster that has stood as a whole, and is not suspended, where nothing is asked and nobody is missing. */
export const isWatched = (object: Live<typeof DorisCluster>): boolean => isBorn(object) && conditionOf(object, 'Suspended')?.status !== 'True';

/**
 * Looks before anything is done: what a pass does then may wait for days, and whoever is missing meanwhile is to be told. Where Doris cannot be asked, what
 * Kubernetes knows is told instead: nodes without a ready pod are not alive.
 */
export async function lookAround(doors: Doors, object: Live<typeof DorisCluster>, cx: Looking): Promise<void> {
  if (!isWatched(object) || object.spec.fe === undefined) return;
  const cluster = await scaledCluster(object, cx);
  const outcome = (await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') })).some(isReady)
    ? await asMaster(doors, cluster, cx, async (master) => {
        await look(object, cluster, cx, master);
        return done;
      })
    : NO_FRONT_END;
  if (outcome.type === 'done') return;
  const away: string[] = [];
  for (const name of COMPONENTS) {
    if (cluster.spec[name] === undefined) continue;
    const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, name) });
    const ready = new Set(pods.filter(isReady).map((pod) => pod.metadata.name));
    const nodes = nodesOf(object, name)?.map((node) => (ready.has(node.host.split('.')[0]!) ? node : asleep(node)));
    const statefulSet = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    cx.status({ [name]: componentStatus(cluster, name, { statefulSet, pods, nodes }) });
    const members = Array.from({ length: componentOf(cluster, name).replicas }, (_, ordinal) => podName(cluster.name, name, ordinal));
    away.push(...members.filter((pod) => !ready.has(pod)).map((pod) => `${pod} is not ready`));
  }
  // The account is refused, say: then nobody knows, unless pods tell.
  const reason = 'reason' in outcome ? outcome.reason : 'FrontEndUnreachable';
  const answers = reason !== 'FrontEndUnreachable';
  const what = [answers ? 'Doris cannot be asked' : 'no front end answers that has a master', ...away].join(', ');
  cx.condition('Degraded', answers && away.length === 0 ? 'Unknown' : true, answers ? reason : 'FrontEndsAway', what);
}

const NO_FRONT_END = waitFor('FrontEndUnreachable', 'no front end is ready');
