import { forbidden, invalid, quantityNanos, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { pathSegment, qualifiedName } from '../../names.ts';
import type { KindRules } from '../strategy.ts';
import { selectorErrors } from './selector.ts';

export const limitRange: KindRules = {
  lists: [['spec', 'limits']],
  allowCreateOnUpdate: true,
  absent: /^spec\.limits/,
  // The one kind whose name need not be given.
  create: (object) => {
    const metadata = objectAt(object, 'metadata');
    return (stringAt(metadata, 'name') ?? '') === '' ? { ...object, metadata: { ...metadata, name: metadata['uid'] } } : object;
  },
  validate: (object) =>
    listAt(objectAt(object, 'spec'), 'limits').flatMap((item, at) => {
      const limit = isObject(item) ? item : {};
      const field = `spec.limits[${at}]`;
      const type = stringAt(limit, 'type') ?? '';
      return [
        ...qualifiedName(type).map((text) => invalid(`${field}.type`, type, text)),
        ...orderErrors(objectAt(limit, 'min'), objectAt(limit, 'max'), field),
      ];
    }),
};

function orderErrors(least: JsonObject, most: JsonObject, field: string): readonly FieldError[] {
  return Object.keys(least).flatMap((name) => {
    const [from, to] = [quantityNanos(String(least[name])), quantityNanos(String(most[name]))];
    const text = `min value ${String(least[name])} is greater than max value ${String(most[name])}`;
    return from !== undefined && to !== undefined && from > to ? [invalid(`${field}.min[${name}]`, least[name], text)] : [];
  });
}

/** How many pods may be missing: a number or a percentage, one of the two. */
export const disruptionBudget: KindRules = {
  name: pathSegment,
  allowUnconditionalUpdate: false,
  standardFinalizers: false,
  metadataLast: true,
  create: (object) => ({ ...object, spec: objectAt(object, 'spec') }),
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const both = spec['minAvailable'] !== undefined && spec['maxUnavailable'] !== undefined;
    const found: FieldError[] = both ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : [];
    for (const key of ['minAvailable', 'maxUnavailable']) found.push(...shareErrors(spec[key], `spec.${key}`));
    const policy = spec['unhealthyPodEvictionPolicy'];
    const policies = ['AlwaysAllow', 'IfHealthyBudget'];
    if (typeof policy === 'string' && !policies.includes(policy)) found.push(unsupported('spec.unhealthyPodEvictionPolicy', policy, policies));
    return [...found, ...selectorErrors(objectAt(spec, 'selector'), 'spec.selector')];
  },
};

/** What is wrong with a number of pods, or a percentage of them that is at most all. */
export function shareErrors(value: unknown, field: string): readonly FieldError[] {
  if (typeof value === 'number') return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
  if (typeof value !== 'string') return [];
  if (!/^[0-9]+%$/.test(value)) {
    const text = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [invalid(field, value, text)];
  }
  return Number(value.slice(0, -1)) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : [];
}

const METRICS: Readonly<Record<string, string>> = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  External: 'external',
  ContainerResource: 'containerResource',
};

export const autoscaler: KindRules = {
  absent: /^spec\./,
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const [least, most] = [spec['minReplicas'], spec['maxReplicas']];
    const found: FieldError[] = [];
    if (typeof least === 'number' && least < 1) found.push(invalid('spec.minReplicas', least, 'must be greater than or equal to 1'));
    const scales = listAt(spec, 'metrics').some((metric) => isObject(metric) && (metric['type'] === 'Object' || metric['type'] === 'External'));
    if (least === 0 && !scales)
      found.push(forbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'));
    const replicas = typeof most === 'number' ? most : 0;
    if (replicas === 0) found.push(required('spec.maxReplicas', 'must be set and greater than 0'));
    if (replicas < 0) found.push(invalid('spec.maxReplicas', replicas, 'must be greater than 0'));
    if (typeof least === 'number' && replicas < least) found.push(invalid('spec.maxReplicas', replicas, 'must be greater than or equal to `minReplicas`'));
    const target = objectAt(spec, 'scaleTargetRef');
    for (const key of ['kind', 'name']) if ((stringAt(target, key) ?? '') === '') found.push(required(`spec.scaleTargetRef.${key}`));
    const version = stringAt(target, 'apiVersion') ?? '';
    const parts = version.split('/').length;
    if (parts > 2) found.push(invalid('spec.scaleTargetRef.apiVersion', version, `unexpected GroupVersion string: ${version}`));
    else if (parts < 2 && !(version === 'v1' && target['kind'] === 'ReplicationController'))
      found.push(invalid('spec.scaleTargetRef.apiVersion', version, 'apiVersion must specify API group'));
    for (const [at, metric] of listAt(spec, 'metrics').filter(isObject).entries()) {
      const type = stringAt(metric, 'type') ?? '';
      const part = METRICS[type];
      if (type === '') found.push(required(`spec.metrics[${at}].type`, 'must specify a metric source type'));
      if (part === undefined) found.push(unsupported(`spec.metrics[${at}].type`, type, Object.keys(METRICS).toSorted()));
      else if (!isObject(metric[part])) found.push(required(`spec.metrics[${at}].${part}`, 'must populate information for the given metric source'));
    }
    for (const key of ['scaleUp', 'scaleDown']) {
      const select = objectAt(objectAt(spec, 'behavior'), key)['selectPolicy'];
      const policies = ['Disabled', 'Max', 'Min'];
      if (typeof select === 'string' && !policies.includes(select)) found.push(unsupported(`spec.behavior.${key}.selectPolicy`, select, policies));
    }
    return found;
  },
};
