import type { Live } from '@binnacle/client';
import type { HPAScalingRules, MetricSpec, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { given } from '../given.ts';
import { labelsBeside } from '../labels.ts';
import { namesOf } from '../cluster/names.ts';

export type Direction = 'up' | 'down';
export const SCALED = ['cn', 'be'] as const;
export type Scaled = (typeof SCALED)[number];

/** Seconds between two changes, in either direction. */
export const PERIOD_SECONDS = 60;
/** Target of a metric that has a lower threshold alone: it is measured, and never asks for more nodes; percent. */
const MEASURED_ONLY = 1000;
const METRICS = ['cpu', 'memory'] as const;

/** An autoscaler as builders take it. */
export interface Autoscaler {
  readonly kind: string;
  readonly name: string;
  readonly spec: AutoscalerSpec;
}

/**
 * Names of the HorizontalPodAutoscaler that there may be, of which only one is ever there. Those of a DorisAutoscaler are the existing operator's
 * (spec/doris-operator.md §7); the other kind has its own, since two objects may have the same name.
 */
export function hpaNames({ kind, name }: Pick<Autoscaler, 'kind' | 'name'>, part: Scaled): readonly string[] {
  if (kind !== 'DorisAutoscaler') return [`${name}-${part}-autoscaler`];
  return part === 'cn' ? [`${name}-cn-scaleup`, `${name}-cn-scaledown`] : [`${name}-be-scaleup`];
}

/** In which directions rules and metrics scale compute nodes, or back ends. */
export function directionsOf(spec: AutoscalerSpec, part: Scaled = 'cn'): readonly Direction[] {
  const own = spec[part];
  if (spec.cluster === '' || own === undefined) return [];
  const measured = (own.metrics ?? []).length > 0;
  const up = measured || METRICS.some((name) => own.rules?.[name]?.max !== undefined);
  const down = part === 'cn' && spec.cn?.disableScaleDown !== true && (measured || lowerOf(spec).length > 0);
  return [...(up ? ['up' as const] : []), ...(down ? ['down' as const] : [])];
}

/** Metrics with a lower threshold. */
const lowerOf = ({ cn }: AutoscalerSpec) => METRICS.filter((name) => cn?.rules?.[name]?.min !== undefined);

/**
 * The HorizontalPodAutoscaler of compute nodes or of back ends; `undefined`: there is no rule for one. One for both directions: Kubernetes 1.26 and later stops two
 * on one set, and earlier ones let them fight (spec/doris-operator.md §10 #9). It knows one threshold a metric, the upper one, by which it would take nodes away
 * long before the lower one is reached. So down is switched off until the nodes are `idle`; that upper threshold then also keeps it from taking away what would be
 * missing at once. Compute nodes it scales through the autoscaler's own scale subresource, so that the operator takes them out of Doris before their pods go; back
 * ends, which it may only add, on their StatefulSet.
 */
export function hpa({ kind, name, spec }: Autoscaler, part: Scaled, idle: boolean): Desired<typeof V2HorizontalPodAutoscaler> | undefined {
  const own = spec[part];
  const directions = directionsOf(spec, part);
  if (own === undefined || directions[0] === undefined) return undefined;
  const up = directions.includes('up');
  const down = directions.includes('down');
  const gated = up && lowerOf(spec).length > 0;
  const names = hpaNames({ kind, name }, part);
  return {
    name: (directions[0] === 'down' ? names.at(-1) : names[0])!,
    labels: labelsBeside(spec.cluster, `${part}-autoscaler`),
    spec: {
      scaleTargetRef:
        part === 'be'
          ? { apiVersion: 'apps/v1', kind: 'StatefulSet', name: namesOf(spec.cluster, 'be').statefulSet }
          : { apiVersion: 'al-assad.github.io/v1beta1', kind, name },
      maxReplicas: own.replicas?.max ?? 0,
      ...given({ minReplicas: own.replicas?.min }),
      metrics: [...metricsOf(spec, part, { up, down }), ...(own.metrics ?? [])],
      behavior: { scaleUp: rules(spec, part, 'scaleUp', up), scaleDown: rules(spec, part, 'scaleDown', down && (!gated || idle)) },
    },
  };
}

function rules(spec: AutoscalerSpec, part: Scaled, direction: 'scaleUp' | 'scaleDown', on: boolean): HPAScalingRules {
  if (!on) return { selectPolicy: 'Disabled' };
  const said = part === 'be' ? (direction === 'scaleUp' ? spec.be?.behavior?.scaleUp : undefined) : spec.cn?.behavior?.[direction];
  const seconds = (part === 'cn' ? spec.cn?.scalePeriodSeconds?.[direction] : undefined) || PERIOD_SECONDS;
  const selectPolicy = direction === 'scaleUp' ? 'Max' : 'Min';
  return { selectPolicy, policies: [{ type: 'Pods', value: 1, periodSeconds: seconds }], ...said };
}

function metricsOf(spec: AutoscalerSpec, part: Scaled, { up, down }: { readonly up: boolean; readonly down: boolean }): MetricSpec[] {
  return METRICS.flatMap((name): MetricSpec[] => {
    const max = spec[part]?.rules?.[name]?.max;
    const min = part === 'cn' ? spec.cn?.rules?.[name]?.min : undefined;
    const lower = !down || min === undefined ? undefined : up ? MEASURED_ONLY : min;
    const averageUtilization = up ? (max ?? lower) : lower;
    return averageUtilization === undefined ? [] : [{ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } }];
  });
}

/** Whether every metric with a lower threshold was measured below it. */
export function isIdle(spec: AutoscalerSpec, live: Live<typeof V2HorizontalPodAutoscaler> | undefined): boolean {
  const lower = lowerOf(spec);
  return (
    lower.length > 0 &&
    lower.every((name) => {
      const used = live?.status?.currentMetrics?.find(({ resource }) => resource?.name === name)?.resource?.current.averageUtilization;
      return used !== undefined && used < spec.cn!.rules![name]!.min!;
    })
  );
}
