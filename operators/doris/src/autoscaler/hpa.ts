import type { HPAScalingRules, MetricSpec, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { given } from '../given.ts';
import { labelsBeside } from '../labels.ts';
import { namesOf } from '../cluster/names.ts';

export type Direction = 'up' | 'down';

/** Seconds between two changes, in either direction. */
const PERIOD_SECONDS = 60;

/** `<A>-cn-scaleup` and `<A>-cn-scaledown`, as in the existing operator (spec/doris-operator.md §7). */
export const hpaName = (autoscaler: string, direction: Direction): string => `${autoscaler}-cn-scale${direction}`;

/**
 * The HorizontalPodAutoscaler of one direction; `undefined`: there is no rule for it. The other direction is switched off: on its own each of the two would
 * scale both ways, and they would undo what the other did (spec/doris-operator.md §10 #9).
 */
export function hpa(name: string, spec: AutoscalerSpec, direction: Direction): Desired<typeof V2HorizontalPodAutoscaler> | undefined {
  const { cn, cluster } = spec;
  if (cn === undefined || (direction === 'down' && cn.disableScaleDown === true)) return undefined;
  const metrics = metricsOf(cn.rules, direction);
  if (metrics.length === 0) return undefined;
  const periodSeconds = cn.scalePeriodSeconds?.[direction === 'up' ? 'scaleUp' : 'scaleDown'] || PERIOD_SECONDS;
  const oneByOne = (selectPolicy: 'Max' | 'Min'): HPAScalingRules => ({ selectPolicy, policies: [{ type: 'Pods', value: 1, periodSeconds }] });
  const off: HPAScalingRules = { selectPolicy: 'Disabled' };
  return {
    name: hpaName(name, direction),
    labels: labelsBeside(cluster, 'cn-autoscaler'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: namesOf(cluster, 'cn').statefulSet },
      maxReplicas: cn.replicas?.max ?? 0,
      ...given({ minReplicas: cn.replicas?.min }),
      metrics,
      behavior: direction === 'up' ? { scaleUp: oneByOne('Max'), scaleDown: off } : { scaleUp: off, scaleDown: oneByOne('Min') },
    },
  };
}

function metricsOf(rules: NonNullable<AutoscalerSpec['cn']>['rules'], direction: Direction): MetricSpec[] {
  const metrics: MetricSpec[] = [];
  for (const name of ['cpu', 'memory'] as const) {
    const averageUtilization = rules?.[name]?.[direction === 'up' ? 'max' : 'min'];
    if (averageUtilization !== undefined) metrics.push({ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } });
  }
  return metrics;
}
