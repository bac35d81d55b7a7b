import type { DeepReadonly } from '@binnacle/client';
import type { LabelSelector } from '@binnacle/client/kinds';

type Labels = Readonly<Record<string, string>>;

/** Whether a label selector selects these labels. Absent selects nothing, an empty one everything: as the API defines it. An unknown operator selects nothing. */
export function selects(selector: DeepReadonly<LabelSelector> | undefined, labels: Labels | undefined): boolean {
  if (selector === undefined) return false;
  if (!includesAll(labels, selector.matchLabels)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** Whether `labels` has every one of `wanted`: the plain selector of a Service. */
export function includesAll(labels: Labels | undefined, wanted: Labels | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => labels?.[key] === value);
}
