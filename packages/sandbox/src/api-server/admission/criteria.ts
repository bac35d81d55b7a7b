import { forbidden, invalid, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { list, record } from '../object.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with the selectors and the match policy of a webhook or policy; `at` is where they are. */
export function selectionErrors(fields: Fields, at: string): readonly FieldError[] {
  return [
    ...oneOf(`${at}.matchPolicy`, fields['matchPolicy'], ['Equivalent', 'Exact']),
    ...['namespaceSelector', 'objectSelector'].flatMap((key) => selectorErrors(record(fields[key]), `${at}.${key}`)),
  ];
}

/** What is wrong with a value that has to be one of a few; absent is not. */
export function oneOf(field: string, value: unknown, supported: readonly string[]): readonly FieldError[] {
  return value === undefined || value === '' || (typeof value === 'string' && supported.includes(value)) ? [] : [unsupported(field, value, supported)];
}

/** What is wrong with one of the rules that say what is asked about. */
export function ruleErrors(rule: Fields, at: string): readonly FieldError[] {
  const lists = ['operations', 'apiGroups', 'apiVersions', 'resources'].flatMap((key) => {
    const values = list(rule[key]);
    if (values.length === 0) return [required(`${at}.${key}`)];
    const star = key !== 'resources' && values.length > 1 && values.includes('*');
    return star ? [invalid(`${at}.${key}`, values, "if '*' is present, must not specify other values")] : [];
  });
  const operations = list(rule['operations']).flatMap((one, index) => oneOf(`${at}.operations[${index}]`, one, ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT']));
  return [...lists, ...operations, ...oneOf(`${at}.scope`, rule['scope'], ['*', 'Cluster', 'Namespaced'])];
}

/** What is wrong with a label selector. */
export function selectorErrors(selector: Fields, at: string): readonly FieldError[] {
  return list(selector['matchExpressions']).flatMap((expression, index) => {
    const { operator, values } = record(expression);
    const where = `${at}.matchExpressions[${index}]`;
    const listed = list(values).length > 0;
    switch (operator) {
      case 'In':
      case 'NotIn':
        return listed ? [] : [required(`${where}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
      case 'Exists':
      case 'DoesNotExist':
        return listed ? [forbidden(`${where}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : [];
      default:
        return [invalid(`${where}.operator`, operator, 'not a valid selector operator')];
    }
  });
}
