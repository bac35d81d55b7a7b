import { invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { labelErrors } from '../../metadata.ts';
import { labelValue, qualifiedName } from '../../names.ts';

/** Whether labels satisfy a label selector. An empty selector matches all. */
export function matches(selector: JsonObject, labels: JsonObject): boolean {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
  return equal && listAt(selector, 'matchExpressions').every((expression) => isObject(expression) && satisfied(expression, labels));
}

function satisfied(expression: JsonObject, labels: JsonObject): boolean {
  const value = labels[stringAt(expression, 'key') ?? ''];
  const listed = listAt(expression, 'values').includes(value);
  switch (expression['operator']) {
    case 'In':
      return value !== undefined && listed;
    case 'NotIn':
      return value === undefined || !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** What is wrong with a label selector at `field`. */
export function selectorErrors(selector: JsonObject, field: string): readonly FieldError[] {
  const found = [...labelErrors(selector['matchLabels'], `${field}.matchLabels`)];
  for (const [at, expression] of listAt(selector, 'matchExpressions').entries()) {
    if (!isObject(expression)) continue;
    const path = `${field}.matchExpressions[${at}]`;
    const values = listAt(expression, 'values');
    const operator = expression['operator'];
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) found.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator !== 'Exists' && operator !== 'DoesNotExist') found.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    else if (values.length > 0) {
      const message = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      found.push({ reason: 'FieldValueForbidden', field: `${path}.values`, message });
    }
    const key = stringAt(expression, 'key') ?? '';
    found.push(...qualifiedName(key).map((text) => invalid(`${path}.key`, key, text)));
    for (const [index, value] of values.entries()) {
      if (typeof value === 'string') found.push(...labelValue(value).map((text) => invalid(`${path}.values[${index}]`, value, text)));
    }
  }
  return found;
}
