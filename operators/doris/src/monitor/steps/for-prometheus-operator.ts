import { conditionOf } from '@binnacle/client';
import type { Kind, Live } from '@binnacle/client';
import { done, step } from '@binnacle/runtime';
import type { Context, Desired, Outcome } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { monitorFrom } from '../objects/from.ts';
import type { Monitor } from '../objects/from.ts';
import {
  PodMonitor,
  PrometheusRule,
  ServiceMonitor,
  podMonitor,
  podMonitorName,
  prometheusRule as ruleOf,
  serviceMonitor as serviceMonitorOf,
} from '../objects/pod-monitor.ts';

/**
 * `podMonitor`, `serviceMonitor`, `prometheusRule`: made where they are wanted and the cluster serves their kind, pruned when they are no longer wanted. Where nothing
 * reads them that is said, and the rest is brought up all the same. `served`: plural names of Prometheus Operator's kinds that the cluster had when we started.
 */
export const forPrometheusOperator = (served: readonly string[]) => [
  one('podMonitor', PodMonitor, podMonitor, served),
  one('serviceMonitor', ServiceMonitor, serviceMonitorOf, served),
  one('prometheusRule', PrometheusRule, ruleOf, served),
];

type Field = 'podMonitor' | 'serviceMonitor' | 'prometheusRule';

function one<K extends Kind<any, 'Namespaced'>>(field: Field, kind: K, wanted: (monitor: Monitor) => Desired<K> | undefined, served: readonly string[]) {
  if (!served.includes(kind.plural)) {
    return step(field, DorisMonitor, {}, async (object, cx) => {
      if (wanted(monitorFrom(object)) === undefined) return unwanted(field, kind, object, cx);
      const message = `spec.${field}: this cluster had no ${kind.plural}.${kind.group} when the operator started: install Prometheus Operator and restart ours`;
      cx.condition(`${kind.kind}Made`, false, 'NoPrometheusOperator', message);
      return await Promise.resolve(done);
    });
  }
  return step(field, DorisMonitor, { owns: [kind], reads: [DorisCluster] }, async (object, cx) => {
    // Who votes decides what is alarming: the part prometheus wakes the monitor when the cluster changes.
    const monitor = monitorFrom(object, await cx.get(DorisCluster, object.spec.cluster));
    const desired = wanted(monitor);
    if (desired === undefined) return unwanted(field, kind, object, cx);
    await cx.apply(kind as never, desired as never); // sound: K is one of three kinds that are kept whole
    cx.condition(`${kind.kind}Made`, true, 'Made', `${kind.kind} ${podMonitorName(monitor.name)} is about DorisCluster ${monitor.spec.cluster}`);
    return done;
  });
}

/** Said only to whoever was told something else before. */
function unwanted(
  field: Field,
  { kind }: { readonly kind: string },
  object: Live<typeof DorisMonitor>,
  cx: Pick<Context<typeof DorisMonitor, never, never>, 'condition'>,
): Outcome {
  if (conditionOf(object, `${kind}Made`) !== undefined) cx.condition(`${kind}Made`, false, 'NotWanted', `spec.${field} is not set`);
  return done;
}
