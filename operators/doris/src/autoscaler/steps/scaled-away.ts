import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { asMaster } from '../../cluster/doris.ts';
import { labelsOf, namesOf, ordinalOf, podName } from '../../cluster/names.ts';
import { clusterFrom } from '../../cluster/objects/cluster.ts';
import { showBackends } from '../../sql/backends.ts';
import type { Doors } from '../../sql/front-end.ts';
import { dropBackend } from '../../sql/statements.ts';
import { Pod } from '../../pod.ts';

/**
 * Takes compute nodes out of Doris whose pod a HorizontalPodAutoscaler has taken away: it knows nothing of Doris, and without this each scale-in leaves a dead
 * node behind for ever. Only nodes beyond the StatefulSet's replicas, without a pod and without a tablet; one that comes back joins again.
 */
export const scaledAway = (doors: Doors) =>
  step('cnScaledAway', DorisCluster, { reads: [Pod, Secret, StatefulSet] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec.fe === undefined || cluster.spec.cn === undefined) return done;
    const replicas = (await cx.get(StatefulSet, namesOf(cluster.name, 'cn').statefulSet))?.spec?.replicas;
    if (replicas === undefined) return done;
    return await asMaster(doors, cluster, cx, async ({ fe }) => {
      const pods = new Set((await cx.list(Pod, { labels: labelsOf(cluster.name, 'cn') })).map((pod) => pod.metadata.name));
      for (const { host, address, tablets } of await showBackends(fe, cx.signal)) {
        const ordinal = ordinalOf(cluster, 'cn', host);
        if (ordinal === undefined || ordinal < replicas || tablets > 0 || pods.has(podName(cluster.name, 'cn', ordinal))) continue;
        await fe.query(dropBackend(address), cx.signal);
        cx.event('Normal', 'ComputeNodeLeft', `dropped ${address}, whose pod was scaled away`, 'ScaleIn');
      }
      return done;
    });
  });
