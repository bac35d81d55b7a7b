import { controller, watch } from '@binnacle/runtime';
import { DorisCluster } from '../api/doris-cluster.ts';
import { DorisInitializer } from '../api/doris-initializer.ts';
import { waiting } from '../waiting.ts';
import { report } from './report.ts';
import { decide } from './steps/decide.ts';
import { follow } from './steps/follow.ts';
import { job } from './steps/job.ts';
import { warning } from './steps/warning.ts';

/** Brings passwords and SQL into a new cluster, once. */
export function initializerController() {
  const waits = waiting();
  return controller(DorisInitializer, {
    steps: [warning, follow, decide(waits), job],
    watches: [watch(DorisCluster, (cluster) => waits.take({ name: cluster.metadata.name, namespace: cluster.metadata.namespace ?? '' }))],
    report,
  });
}
