import type { DeepReadonly, Live } from '@binnacle/client';
import type { MetricSpec, MetricStatus, Pod, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import type { Memory, Paced } from './pace.ts';
import { pace } from './pace.ts';
import type { Proposal } from './replicas.ts';
import { propose } from './replicas.ts';
import type { MetricsSource } from './usage.ts';

export interface Condition {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** What follows from one look. `why`: for the Event when `replicas` is not what it was. `wish`: before windows and limits; undefined: no metric spoke. */
export interface Verdict {
  readonly replicas: number;
  readonly why: string;
  readonly wish: number | undefined;
  readonly conditions: readonly Condition[];
  readonly metrics: readonly (MetricStatus | undefined)[];
}

interface Observed {
  readonly autoscaler: Live<typeof V2HorizontalPodAutoscaler>;
  /** Replicas that the target wants now. */
  readonly current: number;
  readonly pods: readonly Live<typeof Pod>[];
  readonly source: MetricsSource;
  readonly memory: Memory;
  readonly nowMs: number;
}

type Failed = { readonly reason: string; readonly message: string };

/** How many replicas the target is to have now. Of several metrics the highest counts; when one cannot be read, nothing is scaled down. */
export function decide({ autoscaler, current, pods, source, memory, nowMs }: Observed): Verdict {
  const { minReplicas: min = 1, maxReplicas: max, metrics = [], behavior } = autoscaler.spec;
  const active = (status: 'True' | 'False', reason: string, message: string): Condition => ({ type: 'ScalingActive', status, reason, message });
  const none = { wish: undefined, metrics: [], why: '' };
  if (current === 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return { ...none, replicas: 0, conditions: [active('False', 'ScalingDisabled', message)] };
  }
  if (current > max) return { ...none, replicas: max, why: 'Current number of replicas above Spec.MaxReplicas', conditions: [] };
  if (current < min) return { ...none, replicas: min, why: 'Current number of replicas below Spec.MinReplicas', conditions: [] };
  const proposals = metrics.map((metric) => proposalOf(metric, current, pods, source, nowMs));
  const valid = proposals.filter((one): one is Extract<Proposal, { replicas: number }> => 'replicas' in one);
  const failed = proposals.find((one): one is Failed => 'reason' in one);
  const highest = valid.toSorted((a, b) => b.replicas - a.replicas)[0];
  const shown = proposals.map((one) => ('replicas' in one ? one.status : undefined));
  if (highest === undefined || (failed !== undefined && highest.replicas < current)) {
    const message = `the HPA was unable to compute the replica count: ${failed?.message ?? 'no metrics are given'}`;
    return { ...none, replicas: current, metrics: shown, conditions: [active('False', failed?.reason ?? 'InvalidMetricSourceType', message)] };
  }
  const paced = pace({ current, wanted: highest.replicas, min, max, behavior, nowMs }, memory);
  const why = paced.replicas > current ? `${highest.name} above target` : 'All metrics below target';
  const found = active('True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${highest.name}`);
  return { replicas: paced.replicas, why, wish: highest.replicas, metrics: shown, conditions: [found, ableTo(paced), limitedBy(paced)] };
}

function proposalOf(
  metric: DeepReadonly<MetricSpec>,
  current: number,
  pods: readonly Live<typeof Pod>[],
  source: MetricsSource,
  nowMs: number,
): Proposal | Failed {
  if (metric.type === 'Resource' && metric.resource !== undefined) return propose(metric.resource, current, pods, source, nowMs);
  return { reason: `FailedGet${metric.type}Metric`, message: `the sandbox has no source for metrics of type ${metric.type}: only Resource` };
}

function ableTo({ stabilized }: Paced): Condition {
  const able = (reason: string, message: string): Condition => ({ type: 'AbleToScale', status: 'True', reason, message });
  if (stabilized === 'up') return able('ScaleUpStabilized', 'recent recommendations were lower than current one, applying the lowest recent recommendation');
  if (stabilized === 'down')
    return able('ScaleDownStabilized', 'recent recommendations were higher than current one, applying the highest recent recommendation');
  return able('ReadyForNewScale', 'recommended size matches current size');
}

function limitedBy({ limited }: Paced): Condition {
  const messages = {
    ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
    ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
    TooManyReplicas: 'the desired replica count is more than the maximum replica count',
    TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  };
  if (limited === undefined)
    return { type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
  return { type: 'ScalingLimited', status: 'True', reason: limited, message: messages[limited] };
}
