import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { showBackends } from '../../sql/backends.ts';
import type { Backend } from '../../sql/backends.ts';
import type { Doors, FrontEnd } from '../../sql/front-end.ts';
import { hostPort } from '../../sql/host-port.ts';
import { addBackend, decommissionBackend, dropBackend } from '../../sql/statements.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import { LOOK_AGAIN_MS, LOOK_LATER_MS, asMaster } from '../doris.ts';
import { domainOf, labelsOf, namesOf, ordinalOf, podHost, podName } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import { backEndPorts } from '../ports.ts';
import { backEndNode, componentStatus } from '../report.ts';
import { Pod } from '../../pod.ts';

/**
 * `beMembership` and `cnMembership`: every running pod that the spec wants is a back end in Doris. Pods beyond the spec are left alone: they are leaving.
 * One that registered by itself is as good. Without the component in the spec: its members leave first, if they can.
 */
export const backEndMembership = (doors: Doors, name: 'be' | 'cn') =>
  step(`${name}Membership`, DorisCluster, { reads: [Pod, Secret, StatefulSet, ...AUTOSCALERS] }, async (object, cx) => {
    const cluster = await scaledCluster(object, cx);
    const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    const wanted = cluster.spec[name] !== undefined;
    if (cluster.spec.fe === undefined || (!wanted && live === undefined)) return done;
    return await asMaster(doors, cluster, cx, async ({ fe, frontends }) => {
      const all = await showBackends(fe, cx.signal);
      const ours = all.filter((one) => ordinalOf(cluster, name, one.host) !== undefined);
      if (!wanted) return await leave(fe, ours, name, cx.signal);
      const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, name) });
      cx.status({ [name]: componentStatus(cluster, name, { statefulSet: live, pods, nodes: ours.map(backEndNode) }) });
      const { heartbeat } = backEndPorts(componentOf(cluster, name).config);
      const domain = domainOf(
        cluster,
        frontends.map((one) => one.host),
      );
      for (let ordinal = 0; ordinal < componentOf(cluster, name).replicas; ordinal += 1) {
        if (ours.some((one) => ordinalOf(cluster, name, one.host) === ordinal)) continue;
        const pod = pods.find((one) => one.metadata.name === podName(cluster.name, name, ordinal));
        if (pod?.status?.phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) continue;
        const address = hostPort(podHost(cluster, name, ordinal, domain), heartbeat);
        await fe.query(addBackend(address), cx.signal);
        cx.event('Normal', 'BackEndJoined', `added back end ${address}`, 'JoinBackEnd');
      }
      return done;
    });
  });

/** The component is gone from the spec: its nodes leave when they are empty, and only then are its objects pruned. Data stays where it is, said aloud. */
async function leave(fe: FrontEnd, ours: readonly Backend[], name: 'be' | 'cn', signal: AbortSignal): Promise<Outcome> {
  if (ours.length === 0) return done;
  const holding = ours.filter((one) => one.tablets > 0);
  if (holding.length > 0) {
    const tablets = holding.reduce((sum, one) => sum + one.tablets, 0);
    const message = `spec.${name} is gone, but ${holding.length} of its nodes hold ${tablets} tablets: put it back, lower spec.${name}.replicas or drop the tables, then remove it; nothing was deleted`;
    return waitFor('StillHoldsData', message, { afterMs: LOOK_LATER_MS });
  }
  for (const { address, decommissioned } of ours) await fe.query(decommissioned ? dropBackend(address) : decommissionBackend(address), signal);
  return waitFor('NodesLeaving', `${ours.length} empty nodes of ${name} are leaving`, { afterMs: LOOK_AGAIN_MS });
}
