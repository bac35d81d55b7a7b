import type { Live } from '@binnacle/client';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { labelsOf } from '../names.ts';
import { BORN_CONTAINER, bornName } from '../objects/born.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { isReady } from '../report.ts';
import { Pod } from '../../pod.ts';

/**
 * Waits for the first front end. Not for all: the second one only becomes ready after feMembership has joined it. Pods wake the cluster, so nothing is polled.
 */
export const feReady = step('feReady', DorisCluster, { reads: [Pod] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  if (cluster.spec.fe === undefined) return done;
  const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') });
  if (pods.some(isReady)) return done;
  const lost = pods.find(waitsForOthers);
  if (lost !== undefined) {
    const message = `the cluster was born once and is not begun a second time: ${lost.metadata.name} has an empty metadata volume and waits for another front end. Restore the volume of one; to begin anew, with all data lost, delete the ConfigMap ${bornName(cluster.name)}`;
    return waitFor('MetadataMissing', message);
  }
  return waitFor('FrontEndsStarting', `no front end is ready yet (${pods.length} of ${cluster.spec.fe.replicas} pods exist)`);
});

const waitsForOthers = (pod: Live<typeof Pod>): boolean =>
  pod.status?.initContainerStatuses?.some((one) => one.name === BORN_CONTAINER && one.state?.running !== undefined) === true;
