import { Pod } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { labelsOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { isReady } from '../report.ts';

/**
 * Waits for the first front end. Not for all: the second one only becomes ready after feMembership has joined it. Pods wake the cluster, so nothing is polled.
 */
export const feReady = step('feReady', DorisCluster, { reads: [Pod] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  if (cluster.spec.fe === undefined) return done;
  const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') });
  return pods.some(isReady) ? done : waitFor('FrontEndsStarting', `no front end is ready yet (${pods.length} of ${cluster.spec.fe.replicas} pods exist)`);
});
