import type { Clock, Network } from '@binnacle/client';
import { operator } from '@binnacle/runtime';
import { AUTOSCALERS } from './api/doris-autoscaler.ts';
import { DorisCluster } from './api/doris-cluster.ts';
import { DorisInitializer } from './api/doris-initializer.ts';
import { DorisMonitor } from './api/doris-monitor.ts';
import { autoscalerControllers } from './autoscaler/controller.ts';
import { clusterController } from './cluster/controller.ts';
import { initializerController } from './initializer/controller.ts';
import { monitorController } from './monitor/controller.ts';
import { PROMETHEUS_OPERATOR_RULES } from './monitor/objects/pod-monitor.ts';
import { advice } from './webhook/advice.ts';
import { fillers } from './webhook/fill.ts';
import { guards } from './webhook/guards.ts';
import { onlyOne } from './webhook/only-one.ts';
import { shipping } from './webhook/shipping.ts';
import { scaledBack } from './webhook/scaled-back.ts';

export { DorisAutoscaler, DorisClusterAutoscaler } from './api/doris-autoscaler.ts';
export { DorisCluster } from './api/doris-cluster.ts';
export { DorisInitializer } from './api/doris-initializer.ts';
export { DorisMonitor } from './api/doris-monitor.ts';

/** The kinds that this operator brings, for CRDs, RBAC and reference pages. */
export const dorisResources = [DorisCluster, DorisInitializer, DorisMonitor, ...AUTOSCALERS] as const;

/**
 * The Doris operator. `network` reaches front ends' query ports, `clock` is all its time; both are the sandbox's there. `prometheusOperator`: which of
 * its kinds the cluster serves, by plural name. Default: none.
 */
export function dorisOperator(doors: { readonly network: Network; readonly clock: Clock; readonly prometheusOperator?: readonly string[] }) {
  return operator({
    name: 'doris',
    // The existing operator's program is called so, and signs with that. Source: client-go names a manager after the program where it is told no other name.
    formerly: ['manager'],
    controllers: [
      clusterController(doors),
      initializerController(),
      monitorController({ prometheusOperator: doors.prometheusOperator ?? [] }),
      ...autoscalerControllers(),
    ],
    // Whatever the cluster has when manifests are printed: Prometheus Operator may come later.
    grants: PROMETHEUS_OPERATOR_RULES,
    hooks: [...guards(doors.clock), ...onlyOne, ...advice, shipping, ...scaledBack, ...fillers],
  });
}
