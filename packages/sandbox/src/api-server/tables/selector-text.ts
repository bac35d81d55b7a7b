import { list, record } from '../object.ts';

/** `a=1,b=2`, in the order of the keys; `<none>` when there are none. */
export function labelsText(labels: unknown): string {
  const entries = Object.entries(record(labels)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${String(value)}`).join(',') || '<none>';
}

/** A label selector as `kubectl` prints it. */
export function selectorText(selector: unknown): string {
  const { matchLabels, matchExpressions } = record(selector);
  const labels = Object.keys(record(matchLabels)).length === 0 ? [] : [labelsText(matchLabels)];
  const expressions = list(matchExpressions).map((expression) => {
    const { key, operator, values } = record(expression);
    const among = `(${list(values).join(',')})`;
    const texts: Readonly<Record<string, string>> = {
      In: `${String(key)} in ${among}`,
      NotIn: `${String(key)} notin ${among}`,
      Exists: `${String(key)}`,
      DoesNotExist: `!${String(key)}`,
    };
    return texts[String(operator)] ?? '';
  });
  return [...labels, ...expressions].join(',') || '<none>';
}
