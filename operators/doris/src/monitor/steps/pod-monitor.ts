import { conditionOf } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { done, step } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { monitorFrom } from '../objects/from.ts';
import { PodMonitor, podMonitor as wanted, podMonitorName } from '../objects/pod-monitor.ts';

const NAME = 'podMonitor';
const NOBODY_READS_IT =
  'spec.podMonitor: this cluster had no PodMonitors (monitoring.coreos.com/v1) when the operator started: install Prometheus Operator and restart ours';

/** The PodMonitor, if one is wanted; one that is no longer wanted is pruned. */
export const podMonitor = step(NAME, DorisMonitor, { owns: [PodMonitor] }, async (object, cx) => {
  const monitor = monitorFrom(object);
  const desired = wanted(monitor);
  if (desired === undefined) return unwanted(object, cx);
  await cx.apply(PodMonitor, desired);
  cx.condition('PodMonitorMade', true, 'Made', `PodMonitor ${podMonitorName(monitor.name)} names the pods of ${monitor.spec.cluster}`);
  return done;
});

/** Where nothing reads PodMonitors: said, and the rest is brought up all the same. */
export const noPodMonitor = step(NAME, DorisMonitor, {}, async (object, cx) => {
  if (wanted(monitorFrom(object)) === undefined) return unwanted(object, cx);
  cx.condition('PodMonitorMade', false, 'NoPrometheusOperator', NOBODY_READS_IT);
  return await Promise.resolve(done);
});

/** Said only to whoever was told something else before. */
function unwanted(object: Live<typeof DorisMonitor>, cx: Pick<Context<typeof DorisMonitor, never, never>, 'condition'>): Outcome {
  if (conditionOf(object, 'PodMonitorMade') !== undefined) cx.condition('PodMonitorMade', false, 'NotWanted', 'spec.podMonitor is not set');
  return done;
}
