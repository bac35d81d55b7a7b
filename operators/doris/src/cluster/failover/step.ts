import { conditionOf, parseTimestamp, timestamp } from '@binnacle/client';
import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { FAILOVER_AFTER_SECONDS } from '../../api/failover.ts';
import type { FailedNode } from '../../api/failover.ts';
import type { Status } from '../../api/status.ts';
import { isAutoscaled, scaledCluster } from '../../autoscaler/scaled.ts';
import { given } from '../../given.ts';
import { showBackends } from '../../sql/backends.ts';
import type { Backend } from '../../sql/backends.ts';
import type { Doors } from '../../sql/front-end.ts';
import { asMaster } from '../doris.ts';
import { ordinalOf, podName } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { failoverPlan } from './plan.ts';
import type { Failed, FailoverDecision, Seen } from './plan.ts';
import { Pod } from '../../pod.ts';

const PARTS = ['be', 'cn'] as const;

/**
 * Adds nodes in place of dead ones: carries out failoverPlan(). It only writes into the status for whom one was added; with the next pass there is one node more to be
 * had (scaledCluster), and when that ends one too many, which leaves through scale-in. Not reached while nodes are restarted in order.
 */
export const failover = (doors: Doors) =>
  step('failover', DorisCluster, { reads: [Pod, Secret, StatefulSet, ...AUTOSCALERS] }, async (object, cx) => {
    const cluster = await scaledCluster(object, cx);
    const before = (object.status as Status | undefined)?.failover; // sound: a Live status is the declared one
    const wanted = PARTS.filter((name) => cluster.spec[name]?.failover !== undefined || (before?.[name] ?? []).length > 0);
    if (cluster.spec.fe === undefined || wanted.length === 0) return done;
    return await asMaster(doors, cluster, cx, async ({ fe }) => {
      const backends = await showBackends(fe, cx.signal);
      const told: string[] = [];
      let reason: string | undefined;
      const after: { be?: FailedNode[]; cn?: FailedNode[] } = {};
      for (const name of wanted) {
        const component = cluster.spec[name];
        if (component === undefined || (await isAutoscaled(cluster, name, cx))) continue;
        const known = (before?.[name] ?? []).map(fromStatus);
        const nodes = nodesWanted(cluster, name, backends, known);
        const { maxNodes = 0, afterSeconds = FAILOVER_AFTER_SECONDS, withdraw = false } = component.failover ?? {};
        const decision = failoverPlan({ nodes, known, max: maxNodes, afterMs: afterSeconds * 1_000, withdraw, nowMs: cx.clock.now() });
        if (decision.failed.length > 0) after[name] = decision.failed.map(toStatus);
        for (const one of decision.added)
          cx.event('Warning', 'NodeAdded', `${one.pod} is dead since ${timestamp(one.deadSinceMs)}: one node is added`, 'Failover');
        for (const one of decision.withdrawn) cx.event('Normal', 'NodeWithdrawn', `${one.pod} is back: the node that was added for it leaves`, 'Failover');
        told.push(...sentences(decision, maxNodes));
        reason = decision.heldBack ?? reason ?? (decision.failed.some((one) => one.addedAtMs !== undefined) ? 'NodesAdded' : undefined);
      }
      cx.status({ failover: Object.keys(after).length === 0 ? undefined : after });
      if (told.length > 0 || conditionOf(object, 'FailedOver') !== undefined) {
        const added = Object.values(after).some((all) => all.some((one) => one.addedAt !== undefined));
        cx.condition('FailedOver', added, reason ?? 'NoneAdded', told.length === 0 ? 'no node stands in for another' : told.join('; '));
      }
      return done;
    });
  });

/** All nodes that are to be there. One that nobody has seen yet is still to join; one that was dead when it was last seen, and is not listed any more, is dead. */
function nodesWanted(cluster: Cluster, name: 'be' | 'cn', backends: readonly Backend[], known: readonly Failed[]): readonly Seen[] {
  return Array.from({ length: componentOf(cluster, name).replicas }, (_, ordinal) => ordinal).flatMap((ordinal) => {
    const pod = podName(cluster.name, name, ordinal);
    const listed = backends.find((one) => ordinalOf(cluster, name, one.host) === ordinal);
    if (listed === undefined) return known.some((one) => one.pod === pod) ? [{ pod, ordinal, alive: false }] : [];
    return listed.decommissioned ? [] : [{ pod, ordinal, alive: listed.alive }];
  });
}

function sentences({ failed, heldBack }: FailoverDecision, max: number): readonly string[] {
  const added = failed.filter((one) => one.addedAtMs !== undefined).map((one) => `a node was added for ${one.pod}, dead since ${timestamp(one.deadSinceMs)}`);
  if (heldBack === 'AtMaximum') added.push(`no more than ${max} are added; dead are ${failed.map((one) => one.pod).join(', ')}`);
  if (heldBack === 'TooManyDead') added.push(`none is added while more than half are dead: ${failed.map((one) => one.pod).join(', ')}`);
  return added;
}

const fromStatus = ({ pod, deadSince, addedAt }: FailedNode): Failed => ({
  pod,
  ordinal: Number(pod.slice(pod.lastIndexOf('-') + 1)),
  deadSinceMs: parseTimestamp(deadSince),
  addedAtMs: addedAt === undefined ? undefined : parseTimestamp(addedAt),
});

const toStatus = ({ pod, deadSinceMs, addedAtMs }: Failed): FailedNode => ({
  pod,
  deadSince: timestamp(deadSinceMs),
  ...given({ addedAt: addedAtMs === undefined ? undefined : timestamp(addedAtMs) }),
});
