import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt, withKey } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { dnsLabel, qualifiedName } from '../../names.ts';
import type { KindRules } from '../strategy.ts';

/** Namespaces: the finalizer in the spec is taken away through `/finalize`, by the controller that emptied it. */
export const namespace: KindRules = {
  name: dnsLabel,
  newStatus: { phase: 'Active' },
  create: (object) => {
    const finalizers = listAt(objectAt(object, 'spec'), 'finalizers');
    return finalizers.includes('kubernetes') ? object : { ...object, spec: { ...objectAt(object, 'spec'), finalizers: [...finalizers, 'kubernetes'] } };
  },
  update: (next, before) => withKey(next, 'spec', before['spec']),
  subresources: { finalize: (next, before) => ({ ...before, metadata: next['metadata'], spec: objectAt(next, 'spec') }) },
};

/** Nodes come with a status: a kubelet registers itself in one write. */
export const node: KindRules = { newStatus: 'kept' };

/** Leases are held by whoever wrote last, so a blind write is never meant. */
export const lease: KindRules = {
  standardFinalizers: false,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const found: FieldError[] = [];
    const [duration, transitions] = [spec['leaseDurationSeconds'], spec['leaseTransitions']];
    if (typeof duration === 'number' && duration <= 0) found.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
    if (typeof transitions === 'number' && transitions < 0) found.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
    return found;
  },
};

/** Events of both groups. The namespace of what they are about must be theirs. */
/** Events: those with an `eventTime` are of the new sort, in either shape, and say who did what. Source: pkg/apis/core/validation/events.go. */
export const event: KindRules = {
  allowCreateOnUpdate: true,
  validate: (object) => {
    const own = stringAt(objectAt(object, 'metadata'), 'namespace') ?? '';
    const key = isObject(object['regarding']) ? 'regarding' : 'involvedObject';
    const about = stringAt(objectAt(object, key), 'namespace') ?? '';
    const timed = (stringAt(object, 'eventTime') ?? '') !== '';
    const fits = about === '' ? own === 'default' || (timed && own === 'kube-system') : timed || about === own;
    const found = fits ? [] : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
    const isNew = stringAt(object, 'apiVersion') === 'events.k8s.io/v1';
    return [...found, ...(timed ? deedErrors(object, isNew) : []), ...(isNew ? newEventErrors(object) : [])];
  },
};

function deedErrors(object: JsonObject, isNew: boolean): readonly FieldError[] {
  const controller = isNew ? 'reportingController' : 'reportingComponent';
  const name = stringAt(object, controller) ?? '';
  return [
    ...(name === '' ? [required(controller)] : []),
    ...qualifiedName(name).map((text) => invalid(controller, name, text)),
    ...['reportingInstance', 'action', 'reason'].filter((key) => (stringAt(object, key) ?? '') === '').map((key) => required(key)),
  ];
}

function newEventErrors(object: JsonObject): readonly FieldError[] {
  const type = stringAt(object, 'type') ?? '';
  return [
    ...((stringAt(object, 'eventTime') ?? '') === '' ? [required('eventTime')] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
  ];
}

export const priorityClass: KindRules = {
  validateUpdate: (next, before) => (equal(next['value'], before['value']) ? [] : [forbidden('value', 'may not be changed in an update.')]),
};

/** Kinds for which every write must say what it replaces. */
export const conditional: KindRules = { allowUnconditionalUpdate: false };
/** Kinds that a PUT may create. */
export const creatable: KindRules = { allowCreateOnUpdate: true };
