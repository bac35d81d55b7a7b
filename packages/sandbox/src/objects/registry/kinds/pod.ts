import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt, withKey } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { fill } from '../decode/fill.ts';
import { qosClass } from '../decode/pod.ts';
import { annotationErrors, labelErrors } from '../../metadata.ts';
import type { KindRules } from '../strategy.ts';
import { podSpecErrors } from './pod-spec.ts';

/** How long a pod stays on a node that is not ready or cannot be reached. */
const TOLERATED_SECONDS = 300;

/** Pods: immutable but for images and a few numbers; what admission fills in on a real server is filled in here. Source: spec/sandbox.md §2.21. */
export const pod: KindRules = {
  graceful: true,
  statusResets: ['metadata.deletionTimestamp', 'metadata.ownerReferences'],
  create: (object) => {
    const spec = admitted(objectAt(object, 'spec'));
    return { ...object, spec, status: { phase: 'Pending', qosClass: qosClass(spec) } };
  },
  // Source: plugin/pkg/admission/defaulttolerationseconds/admission.go, `Admit`.
  update: (next) => ({ ...next, spec: tolerant(objectAt(next, 'spec')) }),
  updateStatus: (next, before) => {
    const metadata = withKey(objectAt(next, 'metadata'), 'ownerReferences', objectAt(before, 'metadata')['ownerReferences']);
    const { qosClass: qos } = objectAt(before, 'status');
    return { ...next, metadata, status: fill(objectAt(next, 'status'), { qosClass: qos }) };
  },
  subresources: {
    ephemeralcontainers: (next, before) => {
      const { ephemeralContainers } = objectAt(next, 'spec');
      return { ...before, metadata: next['metadata'], spec: withKey(objectAt(before, 'spec'), 'ephemeralContainers', ephemeralContainers) };
    },
    resize: (next, before) => ({
      ...before,
      metadata: next['metadata'],
      spec: { ...objectAt(before, 'spec'), containers: objectAt(next, 'spec')['containers'] },
    }),
  },
  validate: (object) => podSpecErrors(objectAt(object, 'spec'), 'spec'),
  validateUpdate: updateErrors,
};

/** What the admission plug-ins of a real server add: account, priority, tolerations. */
function admitted(spec: JsonObject): JsonObject {
  const account = stringAt(spec, 'serviceAccountName') ?? 'default';
  const named = fill(spec, { serviceAccountName: account, serviceAccount: account, priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
  return tolerant(named);
}

/** Pods stay for a while on a node that is not ready or not reached, unless they say otherwise. */
function tolerant(spec: JsonObject): JsonObject {
  const tolerations = listAt(spec, 'tolerations').filter(isObject);
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATED_SECONDS }));
  return added.length === 0 ? spec : { ...spec, tolerations: [...tolerations, ...added] };
}

function tolerates(toleration: JsonObject, key: string): boolean {
  const own = stringAt(toleration, 'key') ?? '';
  const effect = stringAt(toleration, 'effect') ?? '';
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}

const MUTABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

function updateErrors(next: JsonObject, before: JsonObject): readonly FieldError[] {
  const spec = objectAt(next, 'spec');
  const stored = objectAt(before, 'spec');
  if (equal(spec, stored)) return [];
  for (const key of ['containers', 'initContainers']) {
    if (listAt(spec, key).length !== listAt(stored, key).length) return [forbidden(`spec.${key}`, 'pod updates may not add or remove containers')];
  }
  const found = [...deadlineErrors(spec, stored), ...tolerationErrors(spec, stored), ...gateErrors(spec, stored)];
  let allowed: JsonObject = spec;
  for (const key of ['containers', 'initContainers']) {
    const images = listAt(stored, key).map((container) => (isObject(container) ? container['image'] : undefined));
    if (allowed[key] !== undefined)
      allowed = { ...allowed, [key]: listAt(allowed, key).map((item, at) => (isObject(item) ? withKey(item, 'image', images[at]) : item)) };
  }
  for (const key of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) allowed = withKey(allowed, key, stored[key]);
  const grace = stored['terminationGracePeriodSeconds'];
  if (typeof grace === 'number' && grace < 0 && allowed['terminationGracePeriodSeconds'] === 1) allowed = { ...allowed, terminationGracePeriodSeconds: grace };
  if (equal(allowed, stored)) return found;
  const changed = [...new Set([...Object.keys(allowed), ...Object.keys(stored)])].filter((key) => !equal(allowed[key], stored[key]));
  // A real server prints a Go diff here; the fields that differ say as much.
  const lines = changed.map((key) => `-\t${key}: ${JSON.stringify(stored[key])}\n+\t${key}: ${JSON.stringify(allowed[key])}`);
  return [...found, forbidden('spec', `pod updates may not change fields other than ${MUTABLE}\n${lines.join('\n')}\n`)];
}

function deadlineErrors(spec: JsonObject, stored: JsonObject): readonly FieldError[] {
  const field = 'spec.activeDeadlineSeconds';
  const [next, old] = [spec['activeDeadlineSeconds'], stored['activeDeadlineSeconds']];
  if (typeof old !== 'number') return [];
  if (next === undefined) return [invalid(field, null, 'must not update from a positive integer to nil value')];
  return typeof next === 'number' && next > old ? [invalid(field, next, 'must be less than or equal to previous value')] : [];
}

function tolerationErrors(spec: JsonObject, stored: JsonObject): readonly FieldError[] {
  const next = listAt(spec, 'tolerations').filter(isObject);
  const same = (a: JsonObject, b: JsonObject) => equal(withKey(a, 'tolerationSeconds', undefined), withKey(b, 'tolerationSeconds', undefined));
  const lost = listAt(stored, 'tolerations')
    .filter(isObject)
    .some((old) => !next.some((toleration) => same(toleration, old)));
  return lost ? [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')] : [];
}

function gateErrors(spec: JsonObject, stored: JsonObject): readonly FieldError[] {
  const old = listAt(stored, 'schedulingGates');
  const added = listAt(spec, 'schedulingGates').some((gate) => !old.some((other) => equal(gate, other)));
  return added ? [forbidden('spec.schedulingGates', 'only deletion is allowed, but found new scheduling gates')] : [];
}

/** What is wrong with a template at `field` (`spec.template`). `always`: pods that are kept running, by everything but jobs. */
export function templateErrors(template: JsonObject, field: string, always: { readonly kind: string } | undefined): readonly FieldError[] {
  const spec = objectAt(template, 'spec');
  const metadata = objectAt(template, 'metadata');
  // The paths are Kubernetes' own. Source: pkg/apis/core/validation/validation.go, `ValidatePodTemplateSpec`.
  const found = [
    ...labelErrors(metadata['labels'], `${field}.labels`),
    ...annotationErrors(objectAt(metadata, 'annotations'), `${field}.annotations`),
    ...podSpecErrors(spec, `${field}.spec`),
  ];
  if (always === undefined) return found;
  const policy = spec['restartPolicy'];
  if (policy !== 'Always') {
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Always"`;
    found.push({ reason: 'FieldValueNotSupported', field: `${field}.spec.restartPolicy`, message });
  }
  if (spec['activeDeadlineSeconds'] !== undefined) {
    found.push(forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${always.kind} is not Supported`));
  }
  return found;
}

/** A field that must be there, and not be empty. */
export function needs(object: JsonObject, key: string, field: string): readonly FieldError[] {
  const value = object[key];
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0) ? [required(field)] : [];
}
