import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import type { Waiting } from '../../waiting.ts';

/** Tells whether there is anything to watch over. Waits for nobody: what watches may come first, and then a wrong name looks like a cluster that is still to come. */
export const clusterFound = (waits: Waiting) =>
  step('clusterFound', DorisMonitor, { reads: [DorisCluster] }, async (object, cx) => {
    const [{ name, namespace = '' }, { cluster }] = [object.metadata, object.spec];
    // Before the look.
    waits.add({ namespace, name: cluster }, { namespace, name });
    const found = cluster === '' ? undefined : await cx.get(DorisCluster, cluster);
    const what =
      cluster === ''
        ? 'spec.cluster is empty: nothing is deployed'
        : `there is no DorisCluster ${cluster} in namespace ${namespace}: nothing is scraped until there is`;
    if (found === undefined) cx.condition('ClusterFound', false, 'ClusterMissing', what);
    else cx.condition('ClusterFound', true, 'Found', `DorisCluster ${cluster} is watched over`);
    return done;
  });
