import { Pod, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, doneFor, step, waitFor } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Node, Status } from '../../api/status.ts';
import { showBackends } from '../../sql/backends.ts';
import { showBrokers } from '../../sql/brokers.ts';
import type { Doors } from '../../sql/front-end.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import { LOOK_AGAIN_MS, LOOK_LATER_MS, STATUS_INTERVAL_MS, asMaster } from '../doris.ts';
import { COMPONENTS, labelsOf, namesOf, ordinalOf, podName } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import { backEndNode, brokerNode, componentStatus, frontEndNode, isReady, isRolling } from '../report.ts';

/**
 * The last step: every member wanted is ready and, as Doris sees it, alive. Steps before it do not wait for single members, so that a node that is down
 * never keeps the others from being looked after. Looks again soon while something is missing, and once an interval when all is well.
 */
export const alive = (doors: Doors) =>
  step('alive', DorisCluster, { reads: [Pod, Secret, StatefulSet, ...AUTOSCALERS] }, async (object, cx) => {
    const cluster = await scaledCluster(object, cx);
    if (cluster.spec.fe === undefined) return done;
    return await asMaster(doors, cluster, cx, async ({ fe, frontends }) => {
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
        if (statefulSet !== undefined && isRolling(statefulSet)) rolling.push(`${statefulSet.metadata.name} is being rolled out`);
        for (let ordinal = 0; ordinal < componentOf(cluster, name).replicas; ordinal += 1) {
          const pod = podName(cluster.name, name, ordinal);
          const node = nodes[name].find((one) => ordinalOf(cluster, name, one.host) === ordinal);
          if (!pods.some((one) => one.metadata.name === pod && isReady(one))) missing.push(`${pod} is not ready`);
          else if (node === undefined) missing.push(`${pod} has not joined`);
          else if (!node.alive) missing.push(`${pod} is not alive`);
        }
      }
      // Whoever was away since the cluster first stood as a whole: a new cluster has not lost anything yet.
      const born = (object.status as Status | undefined)?.lastApplySpecHash !== undefined;
      const degraded = born && missing.length > 0;
      cx.condition('Degraded', degraded, degraded ? 'MembersMissing' : 'AllThere', degraded ? missing.join(', ') : 'no member is missing');
      cx.condition('ScalingIn', false, 'AtSize', 'no member is leaving');
      if (missing.length > 0) return waitFor('MembersMissing', [...missing, ...rolling].join(', '), { afterMs: LOOK_AGAIN_MS });
      // Kubernetes tells of each step of a rollout; one that was paused may stay so for days.
      return rolling.length === 0
        ? doneFor(STATUS_INTERVAL_MS * (0.9 + 0.2 * cx.clock.random()))
        : waitFor('RollingOut', rolling.join(', '), { afterMs: LOOK_LATER_MS });
    });
  });
