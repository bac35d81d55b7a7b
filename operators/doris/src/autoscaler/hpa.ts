import type { Live } from '@binnacle/client';
import type { HPAScalingRules, MetricSpec, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { given } from '../given.ts';
import { labelsBeside } from '../labels.ts';
import { namesOf } from '../cluster/names.ts';

export type Direction = 'up' | 'down';

/** Seconds between two changes, in either direction. */
const PERIOD_SECONDS = 60;
/** Target of a metric that has a lower threshold alone: it is measured, and never asks for more nodes; percent. */
const MEASURED_ONLY = 1000;
const METRICS = ['cpu', 'memory'] as const;

/** `<A>-cn-scaleup` and `<A>-cn-scaledown`, as in the existing operator (spec/doris-operator.md §7). There is only ever one of them. */
export const hpaName = (autoscaler: string, direction: Direction): string => `${autoscaler}-cn-scale${direction}`;

/** In which directions the rules scale. */
export function directionsOf({ cluster, cn }: AutoscalerSpec): readonly Direction[] {
  if (cluster === '' || cn === undefined) return [];
  const has = (threshold: 'max' | 'min') => METRICS.some((name) => cn.rules?.[name]?.[threshold] !== undefined);
  return [...(has('max') ? ['up' as const] : []), ...(has('min') && cn.disableScaleDown !== true ? ['down' as const] : [])];
}

/**
 * The HorizontalPodAutoscaler; `undefined`: there is no rule for one. One for both directions: Kubernetes 1.26 and later stops two on one set, and earlier ones let
 * them fight (spec/doris-operator.md §10 #9). It knows one threshold a metric, the upper one, by which it would take nodes away long before the lower one is
 * reached. So down is switched off until the nodes are `idle`; that upper threshold then also keeps it from taking away what would be missing at once.
 */
export function hpa(name: string, spec: AutoscalerSpec, idle: boolean): Desired<typeof V2HorizontalPodAutoscaler> | undefined {
  const { cn, cluster } = spec;
  const directions = directionsOf(spec);
  if (cn === undefined || directions[0] === undefined) return undefined;
  const up = directions.includes('up');
  const down = directions.includes('down');
  const rule = (on: boolean, direction: 'scaleUp' | 'scaleDown', selectPolicy: 'Max' | 'Min'): HPAScalingRules =>
    on
      ? { selectPolicy, policies: [{ type: 'Pods', value: 1, periodSeconds: cn.scalePeriodSeconds?.[direction] || PERIOD_SECONDS }] }
      : { selectPolicy: 'Disabled' };
  return {
    name: hpaName(name, directions[0]),
    labels: labelsBeside(cluster, 'cn-autoscaler'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: namesOf(cluster, 'cn').statefulSet },
      maxReplicas: cn.replicas?.max ?? 0,
      ...given({ minReplicas: cn.replicas?.min }),
      metrics: metricsOf(cn.rules, up, down),
      behavior: { scaleUp: rule(up, 'scaleUp', 'Max'), scaleDown: rule(down && (!up || idle), 'scaleDown', 'Min') },
    },
  };
}

function metricsOf(rules: NonNullable<AutoscalerSpec['cn']>['rules'], up: boolean, down: boolean): MetricSpec[] {
  return METRICS.flatMap((name): MetricSpec[] => {
    const { max, min } = rules?.[name] ?? {};
    const lower = !down || min === undefined ? undefined : up ? MEASURED_ONLY : min;
    const averageUtilization = up ? (max ?? lower) : lower;
    return averageUtilization === undefined ? [] : [{ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } }];
  });
}

/** Whether every metric with a lower threshold was measured below it. */
export function isIdle({ cn }: AutoscalerSpec, live: Live<typeof V2HorizontalPodAutoscaler> | undefined): boolean {
  const lower = METRICS.filter((name) => cn?.rules?.[name]?.min !== undefined);
  return (
    lower.length > 0 &&
    lower.every((name) => {
      const used = live?.status?.currentMetrics?.find(({ resource }) => resource?.name === name)?.resource?.current.averageUtilization;
      return used !== undefined && used < cn!.rules![name]!.min!;
    })
  );
}
