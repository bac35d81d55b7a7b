import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { controller, watch } from '@binnacle/runtime';
import { DorisCluster } from '../api/doris-cluster.ts';
import { DorisInitializer } from '../api/doris-initializer.ts';
import { waiting } from '../waiting.ts';
import { report } from './report.ts';
import { decide } from './steps/decide.ts';
import { follow } from './steps/follow.ts';
import { job } from './steps/job.ts';
import { salt } from './steps/salt.ts';
import { warning } from './steps/warning.ts';

/** Brings passwords and SQL into a new cluster, once. */
export function initializerController() {
  const waits = waiting();
  return controller(DorisInitializer, {
    steps: [warning, salt, follow, decide(waits), job],
    watches: [
      watch(DorisCluster, ({ metadata }) => waits.take({ name: metadata.name, namespace: metadata.namespace ?? '' })),
      // A changed password, or a script that was missing, is looked at right away. No cluster has a name with a slash.
      watch(Secret, ({ metadata }) => waits.take({ name: `Secret/${metadata.name}`, namespace: metadata.namespace ?? '' })),
      watch(ConfigMap, ({ metadata }) => waits.take({ name: `ConfigMap/${metadata.name}`, namespace: metadata.namespace ?? '' })),
    ],
    report,
  });
}
