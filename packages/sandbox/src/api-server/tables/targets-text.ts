import { list, printed, record } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { field } from './columns.ts';

/** How many metrics are shown; of the others the number is. */
const SHOWN = 2;
const UNKNOWN = '<unknown>';
/** Where a metric of a type is described. */
const SOURCES: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

/** What an autoscaler measures against what it wants: `cpu: 40%/50%`. Source: pkg/printers/internalversion/printers.go, `formatHPAMetrics`. */
export function targetsText(autoscaler: ApiObject): string {
  const current = list(field(autoscaler, 'status', 'currentMetrics'));
  const texts = list(field(autoscaler, 'spec', 'metrics')).map((metric, index) => metricText(record(metric), record(current[index])));
  if (texts.length === 0) return '<none>';
  const shown = texts.slice(0, SHOWN).join(', ');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

type Fields = Readonly<Record<string, unknown>>;

function metricText(metric: Fields, measured: Fields): string {
  const source = SOURCES[String(metric['type'])];
  if (source === undefined) return '<unknown type>';
  const [wanted, now] = [record(record(metric[source])['target']), record(record(measured[source])['current'])];
  const average = valueText(wanted['averageValue']);
  if (source === 'resource' || source === 'containerResource') {
    const name = printed(record(metric[source])['name']);
    if (average !== undefined) return `${name}: ${valueText(now['averageValue']) ?? UNKNOWN}/${average}`;
    return `${name}: ${share(now['averageUtilization']) ?? UNKNOWN}/${share(wanted['averageUtilization']) ?? '<auto>'}`;
  }
  if (average !== undefined) return `${valueText(now['averageValue']) ?? UNKNOWN}/${average}${source === 'pods' ? '' : ' (avg)'}`;
  return `${valueText(now['value']) ?? UNKNOWN}/${valueText(wanted['value']) ?? '0'}`;
}

const valueText = (value: unknown) => (value === undefined ? undefined : printed(value));
const share = (value: unknown) => (value === undefined ? undefined : `${printed(value)}%`);
