import type { Clock, Live } from '@binnacle/client';
import { Secret, StatefulSet } from '@binnacle/client/kinds';
import type { Context } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import type { DorisCluster } from '../api/doris-cluster.ts';
import type { Node, Status } from '../api/status.ts';
import { showBackends } from '../sql/backends.ts';
import { showBrokers } from '../sql/brokers.ts';
import type { Master } from '../sql/master.ts';
import { STATUS_INTERVAL_MS } from './doris.ts';
import { COMPONENTS, labelsOf, namesOf, ordinalOf, podName } from './names.ts';
import { componentOf } from './objects/cluster.ts';
import type { Cluster } from './objects/cluster.ts';
import { waitsForRestart } from './rollout/take-over.ts';
import { backEndNode, brokerNode, componentStatus, frontEndNode, isReady, isRolling } from './report.ts';
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

type Looking = Pick<Context<typeof DorisCluster, never, typeof Pod | typeof StatefulSet>, 'get' | 'list' | 'status' | 'condition' | 'signal'>;

/** Asks Doris for all members, and writes what it says, and `Degraded`, into the status. */
export async function look(object: Live<typeof DorisCluster>, cluster: Cluster, cx: Looking, { fe, frontends }: Master): Promise<Look> {
  const needed = (name: 'be' | 'cn' | 'broker') => cluster.spec[name] !== undefined;
  const backends = needed('be') || needed('cn') ? await showBackends(fe, cx.signal) : [];
  const brokers = needed('broker') ? await showBrokers(fe, cx.signal) : [];
  const nodes: Readonly<Record<(typeof COMPONENTS)[number], readonly Node[]>> = {
    fe: frontends.map(frontEndNode),
    be: backends.filter((one) => ordinalOf(cluster, 'be', one.host) !== undefined).map(backEndNode),
    cn: backends.filter((one) => ordinalOf(cluster, 'cn', one.host) !== undefined).map(backEndNode),
    broker: brokers.filter((one) => ordinalOf(cluster, 'broker', one.host) !== undefined).map(brokerNode),
  };
  const rolling: string[] = [];
  const missing: string[] = [];
  for (const name of COMPONENTS) {
    if (cluster.spec[name] === undefined) continue;
    const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, name) });
    const statefulSet = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    cx.status({ [name]: componentStatus(cluster, name, { statefulSet, pods, nodes: nodes[name] }) });
    if (statefulSet !== undefined && isRolling(statefulSet) && waitsForRestart(statefulSet, object.metadata.annotations) === undefined)
      rolling.push(`${statefulSet.metadata.name} is being rolled out`);
    for (let ordinal = 0; ordinal < componentOf(cluster, name).replicas; ordinal += 1) {
      const pod = podName(cluster.name, name, ordinal);
      const node = nodes[name].find((one) => ordinalOf(cluster, name, one.host) === ordinal);
      if (!pods.some((one) => one.metadata.name === pod && isReady(one))) missing.push(`${pod} is not ready`);
      else if (node === undefined) missing.push(`${pod} has not joined`);
      else if (!node.alive) missing.push(`${pod} is not alive`);
    }
  }
  // Whoever was away since the cluster first stood as a whole: a new cluster has not lost anything yet.
  const born = (object.status as Status | undefined)?.lastApplySpecHash !== undefined; // sound: a Live status is the declared one
  const degraded = born && missing.length > 0;
  cx.condition('Degraded', degraded, degraded ? 'MembersMissing' : 'AllThere', degraded ? missing.join(', ') : 'no member is missing');
  return { missing, rolling };
}
