import { list, record, withMetadata } from '../object.ts';
import type { Conversion } from './served.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What `autoscaling/v1` has no field for is carried in annotations of these names, as JSON, so that an old client loses nothing of it. */
const PREFIX = 'autoscaling.alpha.kubernetes.io/';

/** HorizontalPodAutoscalers in the shape of `autoscaling/v1`, which `kubectl autoscale` of older minors writes; they are stored as `autoscaling/v2`. */
export const autoscalerConversion: Conversion = {
  toStored(object) {
    const { targetCPUUtilizationPercentage, ...spec } = record(object['spec']);
    const { currentCPUUtilizationPercentage, ...status } = record(object['status']);
    const { carried, kept } = apart(object.metadata.annotations ?? {});
    const metrics = [...cpuMetric('target', 'averageUtilization', targetCPUUtilizationPercentage), ...list(carried['metrics'])];
    const currentMetrics = [...cpuMetric('current', 'averageUtilization', currentCPUUtilizationPercentage), ...list(carried['current-metrics'])];
    return {
      ...withMetadata(object, { annotations: Object.keys(kept).length === 0 ? undefined : kept }),
      apiVersion: 'autoscaling/v2',
      spec: { ...spec, ...present({ metrics: some(metrics), behavior: carried['behavior'] }) },
      status: { ...status, ...present({ currentMetrics: some(currentMetrics), conditions: carried['conditions'] }) },
    };
  },
  fromStored(object) {
    const { metrics, behavior, ...spec } = record(object['spec']);
    const { currentMetrics, conditions, ...status } = record(object['status']);
    const [target, others] = cpuOf(list(metrics), 'target');
    const [current, otherValues] = cpuOf(list(currentMetrics), 'current');
    const carried = present({ metrics: some(others), behavior, 'current-metrics': some(otherValues), conditions });
    const written = Object.fromEntries(Object.entries(carried).map(([key, value]) => [PREFIX + key, JSON.stringify(value)]));
    const annotations = { ...object.metadata.annotations, ...written };
    return {
      ...withMetadata(object, { annotations: Object.keys(annotations).length === 0 ? undefined : annotations }),
      apiVersion: 'autoscaling/v1',
      spec: { ...spec, ...present({ targetCPUUtilizationPercentage: target }) },
      status: { currentReplicas: 0, desiredReplicas: 0, ...status, ...present({ currentCPUUtilizationPercentage: current }) },
    };
  },
};

function cpuMetric(field: 'target' | 'current', key: string, value: unknown): readonly object[] {
  if (value === undefined) return [];
  const amount = field === 'target' ? { type: 'Utilization', [key]: value } : { [key]: value };
  return [{ type: 'Resource', resource: { name: 'cpu', [field]: amount } }];
}

/** The utilization of the processor among metrics, and the others. */
function cpuOf(metrics: readonly unknown[], field: 'target' | 'current'): readonly [utilization: unknown, others: readonly unknown[]] {
  const utilization = (metric: unknown) => {
    const resource = record(record(metric)['resource']);
    return resource['name'] === 'cpu' ? record(resource[field])['averageUtilization'] : undefined;
  };
  const at = metrics.findIndex((metric) => utilization(metric) !== undefined);
  return at < 0 ? [undefined, metrics] : [utilization(metrics[at]), metrics.filter((_, index) => index !== at)];
}

/** Annotations that carry something, read, and the others. One that cannot be read is one of the others. */
function apart(annotations: Readonly<Record<string, string>>): { readonly carried: Fields; readonly kept: Readonly<Record<string, string>> } {
  const carried: Record<string, unknown> = {};
  const kept: Record<string, string> = {};
  for (const [key, text] of Object.entries(annotations)) {
    const value = key.startsWith(PREFIX) ? parsed(text) : undefined;
    if (value === undefined) kept[key] = text;
    else carried[key.slice(PREFIX.length)] = value;
  }
  return { carried, kept };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const some = (items: readonly unknown[]) => (items.length === 0 ? undefined : items);
const present = (fields: Fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
