import type { DeepReadonly, Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import type { MetricStatus, Pod, ResourceMetricSource } from '@binnacle/client/kinds';
import { isReady, isTerminating } from '../pod.ts';
import { quantity } from '../volume/quantity.ts';
import type { MetricsSource } from './usage.ts';

type LivePod = Live<typeof Pod>;

/** Away from its target by less than this part, nothing is scaled. */
const TOLERANCE = 0.1;
/** A pod that is not ready so soon after its start may be busy with starting: its cpu says nothing yet; ms. */
const STARTING_MS = 300_000;

/** How many replicas one metric asks for, or why it cannot say. `name` is how Kubernetes' messages call the metric. */
export type Proposal =
  | { readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  | { readonly reason: 'FailedGetResourceMetric'; readonly message: string };

interface Measured {
  readonly used: number;
  readonly request: number;
}

/**
 * Replicas by the use of cpu or memory: as many as bring the mean to its target. Pods that cannot be measured are taken to use what keeps the number from
 * changing too far, so that a silent pod never scales a set down. Source: the replica calculator of Kubernetes' own controller.
 */
export function propose(metric: DeepReadonly<ResourceMetricSource>, current: number, pods: readonly LivePod[], source: MetricsSource, nowMs: number): Proposal {
  const failed = (why: string): Proposal => ({ reason: 'FailedGetResourceMetric', message: `failed to get ${metric.name} ${what}: ${why}` });
  const { averageUtilization, averageValue } = metric.target;
  const what = averageUtilization === undefined ? 'usage' : 'utilization';
  if (metric.name !== 'cpu' && metric.name !== 'memory') return failed(`the sandbox measures cpu and memory only`);
  if (averageUtilization === undefined && averageValue === undefined) return failed('neither averageUtilization nor averageValue is given');
  const counted = pods.filter((pod) => !isTerminating(pod) && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded');
  const measured: Measured[] = [];
  const missing: Measured[] = [];
  const starting: Measured[] = [];
  for (const pod of counted) {
    const request = requestOf(pod, metric.name);
    if (averageUtilization !== undefined && typeof request === 'string')
      return failed(`missing request for ${metric.name} in container ${request} of Pod ${pod.metadata.name}`);
    const used = source.usage(pod, metric.name);
    const one = { used: used ?? 0, request: typeof request === 'string' ? 0 : request };
    if (pod.status?.phase === 'Pending' || (metric.name === 'cpu' && isStarting(pod, nowMs))) starting.push(one);
    else if (used === undefined) missing.push(one);
    else measured.push(one);
  }
  if (measured.length === 0) return failed(`unable to get metrics for resource ${metric.name}: no metrics returned from resource metrics API`);
  const target = averageUtilization === undefined ? quantity(averageValue) : averageUtilization / 100;
  const ratio = (of: readonly Measured[]) =>
    sum(of, ({ used }) => used) / (target * (averageUtilization === undefined ? of.length : sum(of, ({ request }) => request)));
  const replicas = scaled(ratio(measured), current, measured.length, () => {
    const up = ratio(measured) > 1;
    const silent = missing.map(({ request }) => ({ request, used: up ? 0 : averageUtilization === undefined ? target : request * Math.max(1, target) }));
    const all = [...measured, ...silent, ...(up ? starting.map(({ request }) => ({ request, used: 0 })) : [])];
    return { ratio: ratio(all), pods: all.length };
  });
  return {
    replicas,
    name: `${metric.name} resource${averageUtilization === undefined ? '' : ' utilization (percentage of request)'}`,
    status: statusOf(metric.name, measured, averageUtilization),
  };
}

/** `cautious`: the ratio with the pods that could not be measured. It may take the change back, and never turns it round. */
function scaled(ratio: number, current: number, measured: number, cautious: () => { readonly ratio: number; readonly pods: number }): number {
  const careful = cautious();
  if (careful.pods === measured) return Math.abs(1 - ratio) <= TOLERANCE ? current : Math.ceil(ratio * measured - 1e-9);
  const turned = (ratio > 1 && careful.ratio < 1) || (ratio < 1 && careful.ratio > 1);
  if (Math.abs(1 - careful.ratio) <= TOLERANCE || turned) return current;
  const replicas = Math.ceil(careful.ratio * careful.pods - 1e-9);
  return (careful.ratio < 1 && replicas > current) || (careful.ratio > 1 && replicas < current) ? current : replicas;
}

function isStarting(pod: LivePod, nowMs: number): boolean {
  const startMs = parseTimestamp(pod.status?.startTime ?? '');
  return !isReady(pod) && (Number.isNaN(startMs) || nowMs - startMs < STARTING_MS);
}

/** What the containers ask for together; the name of one that does not say. */
function requestOf(pod: LivePod, resource: string): number | string {
  let total = 0;
  for (const { name, resources } of pod.spec?.containers ?? []) {
    const asked = resources?.requests?.[resource];
    if (asked === undefined) return name;
    total += quantity(asked);
  }
  return total;
}

function statusOf(name: string, measured: readonly Measured[], utilization: number | undefined): MetricStatus {
  const used = sum(measured, (one) => one.used);
  const averageValue = name === 'cpu' ? `${Math.ceil((used / measured.length) * 1000)}m` : String(Math.ceil(used / measured.length));
  const requests = sum(measured, ({ request }) => request);
  const current = utilization === undefined || requests === 0 ? { averageValue } : { averageValue, averageUtilization: Math.floor((used * 100) / requests) };
  return { type: 'Resource', resource: { name, current } };
}

function sum(all: readonly Measured[], of: (one: Measured) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}
