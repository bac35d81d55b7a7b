import { forbidden, invalid, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt, withKey } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { immutable } from '../../metadata.ts';
import { dnsLabel } from '../../names.ts';
import { parse } from '../../schedule.ts';
import { TEMPLATE_GENERATION } from '../decode/workloads.ts';
import type { KindRules } from '../strategy.ts';
import { templateErrors } from './pod.ts';
import { shareErrors } from './limits.ts';
import { matches, selectorErrors } from './selector.ts';
import { claimErrors } from './storage.ts';

/** Counts that may not be negative. */
const COUNTS = [
  'replicas',
  'minReadySeconds',
  'revisionHistoryLimit',
  'progressDeadlineSeconds',
  'parallelism',
  'completions',
  'backoffLimit',
  'startingDeadlineSeconds',
  'successfulJobsHistoryLimit',
  'failedJobsHistoryLimit',
  'activeDeadlineSeconds',
  'ttlSecondsAfterFinished',
];

function countErrors(spec: JsonObject): readonly FieldError[] {
  return COUNTS.flatMap((key) => {
    const value = spec[key];
    return typeof value === 'number' && value < 0 ? [invalid(`spec.${key}`, value, 'must be greater than or equal to 0')] : [];
  });
}

/** The selector must be there, say something and match the template. */
function selection(spec: JsonObject, kind: string): readonly FieldError[] {
  const selector = spec['selector'];
  if (!isObject(selector)) return [...(kind === 'daemonset' ? [] : [required('spec.selector')]), ...mismatch(spec, {})];
  const empty = Object.keys(objectAt(selector, 'matchLabels')).length + listAt(selector, 'matchExpressions').length === 0;
  const found = [...selectorErrors(selector, 'spec.selector')];
  if (empty) found.push(invalid('spec.selector', selector, `empty selector is invalid for ${kind}`));
  return empty ? found : [...found, ...mismatch(spec, selector)];
}

/** A selector that is not there, or says nothing, matches no template. */
function mismatch(spec: JsonObject, selector: JsonObject): readonly FieldError[] {
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
  const says = Object.keys(objectAt(selector, 'matchLabels')).length + listAt(selector, 'matchExpressions').length > 0;
  return says && matches(selector, labels) ? [] : [invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

function common(object: JsonObject, kind: string, shown: string): readonly FieldError[] {
  const spec = objectAt(object, 'spec');
  return [...countErrors(spec), ...selection(spec, kind), ...templateErrors(objectAt(spec, 'template'), 'spec.template', { kind: shown })];
}

const selectorStays = (next: JsonObject, before: JsonObject) => immutable(objectAt(next, 'spec'), objectAt(before, 'spec'), 'selector', 'spec.selector');

/** Fields of a stateful set's spec that may change; the others are what its pods and volumes are named and found by. Source: spec/sandbox.md §2.13. */
const STATEFUL_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const STATEFUL_FORBIDDEN =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** Of a new set alone. Source: pkg/apis/apps/validation, `ValidateStatefulSet`. */
function serviceNameErrors(spec: JsonObject): FieldError[] {
  const name = stringAt(spec, 'serviceName') ?? '';
  return name === '' ? [] : dnsLabel(name).map((why) => invalid('spec.serviceName', name, why));
}

export const statefulSet: KindRules = {
  name: dnsLabel,
  validate: (object, before) => {
    const spec = objectAt(object, 'spec');
    const found: FieldError[] = before === undefined ? serviceNameErrors(spec) : [];
    const policy = spec['podManagementPolicy'];
    if (policy !== 'OrderedReady' && policy !== 'Parallel') found.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
    const strategy = objectAt(spec, 'updateStrategy');
    if (strategy['type'] !== 'RollingUpdate' && strategy['type'] !== 'OnDelete') {
      found.push(invalid('spec.updateStrategy', strategy, "must be 'RollingUpdate' or 'OnDelete'"));
    } else if (strategy['type'] === 'OnDelete' && strategy['rollingUpdate'] !== undefined) {
      found.push(invalid('spec.updateStrategy.rollingUpdate', strategy['rollingUpdate'], "only allowed for updateStrategy 'RollingUpdate'"));
    }
    const retention = objectAt(spec, 'persistentVolumeClaimRetentionPolicy');
    for (const key of ['whenDeleted', 'whenScaled']) {
      if (retention[key] !== 'Retain' && retention[key] !== 'Delete') {
        found.push(unsupported(`spec.persistentVolumeClaimRetentionPolicy.${key}`, retention[key], ['Retain', 'Delete']));
      }
    }
    return [...found, ...claimTemplateErrors(spec), ...common(withoutClaimMounts(object), 'statefulset', 'StatefulSet')];
  },
  validateStatus: (next) => statusErrors(next, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']),
  validateUpdate: (next, before) => {
    const stored = objectAt(before, 'spec');
    let allowed = objectAt(next, 'spec');
    for (const key of STATEFUL_MUTABLE) allowed = withKey(allowed, key, stored[key]);
    return equal(allowed, stored) ? [] : [forbidden('spec', STATEFUL_FORBIDDEN)];
  },
};

/** Source: pkg/apis/apps/validation/validation.go, `ValidateStatefulSetSpec`. */
function claimTemplateErrors(spec: JsonObject): readonly FieldError[] {
  const claims = listAt(spec, 'volumeClaimTemplates').map((claim) => (isObject(claim) ? claim : {}));
  const nameless = claims.map((claim) => (stringAt(objectAt(claim, 'metadata'), 'name') ?? '') === '');
  return [
    ...claims.flatMap((claim, index) => claimErrors(objectAt(claim, 'spec'), `spec.volumeClaimTemplates[${index}].spec`)),
    ...nameless.flatMap((is, index) => (is ? [required(`spec.template.spec.volumes[${index}].persistentVolumeClaim.claimName`)] : [])),
  ];
}

/** Claims become volumes of the pods only when these are made: for the template's mounts they count as there. */
function withoutClaimMounts(object: JsonObject): JsonObject {
  const spec = objectAt(object, 'spec');
  const template = objectAt(spec, 'template');
  const podSpec = objectAt(template, 'spec');
  const own = listAt(podSpec, 'volumes').map((volume) => (isObject(volume) ? volume['name'] : undefined));
  const claims = listAt(spec, 'volumeClaimTemplates')
    .map((claim) => stringAt(objectAt(isObject(claim) ? claim : {}, 'metadata'), 'name') ?? '')
    .filter((name) => name === '' || !own.includes(name));
  if (claims.length === 0) return object;
  // The claims first: so Kubernetes numbers them in what it says is wrong.
  const volumes = [...claims.map((name) => ({ name, persistentVolumeClaim: {} })), ...listAt(podSpec, 'volumes')];
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...podSpec, volumes } } } };
}

export const deployment: KindRules = {
  statusResets: ['metadata.labels'],
  updateStatus: (next, before) => ({ ...next, metadata: withKey(objectAt(next, 'metadata'), 'labels', objectAt(before, 'metadata')['labels']) }),
  validate: (object) => {
    const strategy = objectAt(objectAt(object, 'spec'), 'strategy');
    const found: FieldError[] = [];
    if (strategy['type'] === 'Recreate' && strategy['rollingUpdate'] !== undefined) {
      found.push(forbidden('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'"));
    } else if (strategy['type'] !== 'Recreate' && strategy['type'] !== 'RollingUpdate') {
      found.push(unsupported('spec.strategy', strategy, ['Recreate', 'RollingUpdate']));
    } else found.push(...rollingErrors(objectAt(strategy, 'rollingUpdate'), 'spec.strategy.rollingUpdate'));
    return [...found, ...deadlineErrors(objectAt(object, 'spec')), ...common(object, 'deployment', 'ReplicaSet')];
  },
  validateStatus: (next) => statusErrors(next, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
  validateUpdate: selectorStays,
};

/** Source: pkg/apis/apps/validation, `ValidateDeploymentSpec`. */
function deadlineErrors({ progressDeadlineSeconds: deadline, minReadySeconds: least = 0 }: JsonObject): readonly FieldError[] {
  if (typeof deadline !== 'number' || typeof least !== 'number' || deadline > least) return [];
  return [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')];
}

const isZero = (value: unknown) => value === 0 || value === '0%';

function rollingErrors(rolling: JsonObject, field: string): readonly FieldError[] {
  const found = ['maxUnavailable', 'maxSurge'].flatMap((key) => shareErrors(rolling[key], `${field}.${key}`));
  const stuck = isZero(rolling['maxUnavailable']) && isZero(rolling['maxSurge']);
  return stuck ? [...found, invalid(`${field}.maxUnavailable`, 0, 'may not be 0 when `maxSurge` is 0')] : found;
}

/** Numbers of a status: none is negative, none more than all. `more`: those that count some of the pods. */
function statusErrors(object: JsonObject, more: readonly string[]): readonly FieldError[] {
  const status = objectAt(object, 'status');
  const count = (key: string) => (typeof status[key] === 'number' ? status[key] : 0);
  const found = ['replicas', ...more, 'observedGeneration'].flatMap((key) =>
    count(key) < 0 ? [invalid(`status.${key}`, status[key], 'must be greater than or equal to 0')] : [],
  );
  const over = more.filter((key) => count(key) > count('replicas'));
  return [...found, ...over.map((key) => invalid(`status.${key}`, count(key), 'cannot be greater than status.replicas'))];
}

export const replicaSet: KindRules = {
  validate: (object) => common(object, 'deployment', 'ReplicaSet'),
  validateStatus: (next) => statusErrors(next, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
  validateUpdate: selectorStays,
};

export const daemonSet: KindRules = {
  absent: /^spec\.selector$/,
  create: (object) => withTemplateGeneration(object, 1),
  update: (next, before) => {
    const generation = Number(objectAt(objectAt(before, 'metadata'), 'annotations')[TEMPLATE_GENERATION] ?? 0);
    const same = equal(objectAt(next, 'spec')['template'], objectAt(before, 'spec')['template']);
    return withTemplateGeneration(next, same ? generation : generation + 1);
  },
  // The annotation is a field of the spec to the server, and the spec stays.
  updateStatus: (next, before) => withTemplateGeneration(next, Number(objectAt(objectAt(before, 'metadata'), 'annotations')[TEMPLATE_GENERATION] ?? 0)),
  validate: (object) => common(object, 'daemonset', 'DaemonSet'),
  validateUpdate: selectorStays,
};

function withTemplateGeneration(object: JsonObject, generation: number): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const annotations = { ...objectAt(metadata, 'annotations'), [TEMPLATE_GENERATION]: String(generation) };
  return { ...object, metadata: { ...metadata, annotations } };
}

const suspension = (object: JsonObject) =>
  listAt(objectAt(object, 'status'), 'conditions').find((one) => isObject(one) && one['type'] === 'JobSuspended') as JsonObject | undefined;
const isResuming = (next: JsonObject, before: JsonObject) => suspension(before)?.['status'] === 'True' && suspension(next)?.['status'] === 'False';

const templateLabels = (object: JsonObject) => objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'metadata')['labels'];

const JOB_LABELS = ['batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name', 'controller-uid', 'job-name'] as const;

export const job: KindRules = {
  ownLabels: (object) => {
    const labels = objectAt(object, 'metadata')['labels'];
    return equal(labels, templateLabels(object)) ? undefined : labels;
  },
  // Labels that a Job has of its template are filled in when it is read. Source: pkg/apis/batch/v1/defaults.go, `SetDefaults_Job`.
  completedByWrite: (object) => equal(objectAt(object, 'metadata')['labels'], templateLabels(object)),
  // Source: pkg/apis/batch/validation/validation.go, `ValidateJobStatusUpdate`.
  validateStatus: (next, before) => {
    const [now, was] = [objectAt(next, 'status')['startTime'], objectAt(before, 'status')['startTime']];
    const fixed = was !== undefined && !equal(now, was) && objectAt(next, 'spec')['suspend'] !== true && !isResuming(next, before);
    return fixed ? [invalid('status.startTime', now ?? null, 'field is immutable for unsuspended job once set')] : [];
  },
  create: (object) => (objectAt(object, 'spec')['manualSelector'] === true ? object : withGeneratedSelector(object)),
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const selector = spec['selector'];
    const found = [...countErrors(spec), ...modeErrors(spec), ...jobTemplateErrors(objectAt(spec, 'template'), 'spec.template')];
    if (!isObject(selector)) return [...found, required('spec.selector')];
    const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
    if (!matches(selector, labels)) found.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
    return spec['manualSelector'] === true ? found : [...found, ...generatedErrors(object, selector, labels)];
  },
  validateUpdate: (next, before) => {
    const spec = objectAt(next, 'spec');
    const stored = objectAt(before, 'spec');
    const kept = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'];
    // An indexed job may grow and shrink with its parallelism.
    const elastic = spec['completionMode'] === 'Indexed' && spec['completions'] === spec['parallelism'];
    const fixed = elastic ? kept : ['completions', ...kept];
    return [...fixed.flatMap((key) => immutable(spec, stored, key, `spec.${key}`)), ...templateChanges(before, spec, stored)];
  },
};

/** What the server wrote into a job must be of that job. Source: pkg/apis/batch/validation/validation.go, `validateGeneratedSelector`. */
function generatedErrors(object: JsonObject, selector: JsonObject, labels: JsonObject): readonly FieldError[] {
  const generated = generatedLabels(objectAt(object, 'metadata'));
  const found = Object.entries(generated).flatMap(([label, value]) => {
    const field = `spec.template.metadata.labels[${label}]`;
    if (labels[label] === undefined) return [required(field, `must be '${value}'`)];
    return labels[label] === value ? [] : [invalid(field, labels, `must be '${value}'`)];
  });
  return matches(selector, generated) ? found : [...found, invalid('spec.selector', selector, '`selector` not auto-generated')];
}

function modeErrors(spec: JsonObject): readonly FieldError[] {
  const mode = spec['completionMode'];
  const modes = ['Indexed', 'NonIndexed'];
  if (typeof mode === 'string' && !modes.includes(mode)) return [unsupported('spec.completionMode', mode, modes)];
  return mode === 'Indexed' && spec['completions'] === undefined ? [required('spec.completions', 'when completion mode is Indexed')] : [];
}

/**
 * Where the pods of a suspended job may run, and what they may use, can change while none of them is there.
 * Source: pkg/apis/batch/validation/validation.go, `validatePodTemplateUpdate`, and pkg/registry/batch/job/strategy.go, `shouldAllowMutablePodTemplate`.
 */
function templateChanges(before: JsonObject, spec: JsonObject, stored: JsonObject): readonly FieldError[] {
  const status = objectAt(before, 'status');
  const halted = suspension(before)?.['status'] === 'True';
  const free = stored['suspend'] === true && (status['startTime'] === undefined || halted) && (status['active'] ?? 0) === 0;
  if (!free) return immutable(spec, stored, 'template', 'spec.template');
  const [next, old] = [objectAt(objectAt(spec, 'template'), 'spec'), objectAt(objectAt(stored, 'template'), 'spec')];
  let allowed = old;
  for (const key of ['nodeSelector', 'tolerations', 'schedulingGates', 'affinity']) allowed = withKey(allowed, key, next[key]);
  for (const key of ['containers', 'initContainers']) {
    const now = listAt(next, key);
    if (allowed[key] !== undefined && now.length === listAt(old, key).length)
      allowed = { ...allowed, [key]: listAt(old, key).map((item, at) => withResourcesOf(item, now[at])) };
  }
  return equal(next, allowed) ? [] : [invalid('spec.template.spec', next, 'field is immutable')];
}

function withResourcesOf(container: unknown, other: unknown): unknown {
  if (!isObject(container) || !isObject(other) || container['name'] !== other['name']) return container;
  return withKey(container, 'resources', other['resources']);
}

function jobTemplateErrors(template: JsonObject, field: string): readonly FieldError[] {
  const found = [...templateErrors(template, field, undefined)];
  const policy = objectAt(template, 'spec')['restartPolicy'];
  // The default of all pods: for a Job it is as if nothing had been said.
  if (policy === 'Always' || policy === undefined) found.push(required(`${field}.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  return found;
}

function generatedLabels(metadata: JsonObject): Readonly<Record<string, string>> {
  const [uid, name] = [stringAt(metadata, 'uid') ?? '', stringAt(metadata, 'name') ?? ''];
  return Object.fromEntries(JOB_LABELS.map((label) => [label, label.endsWith('uid') ? uid : name]));
}

/** A selector by the job's uid, and the labels for it: what makes a job's pods its own. */
function withGeneratedSelector(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const spec = objectAt(object, 'spec');
  const template = objectAt(spec, 'template');
  const uid = stringAt(metadata, 'uid') ?? '';
  const generated = generatedLabels(metadata);
  const templateMeta = objectAt(template, 'metadata');
  const labels = { ...generated, ...objectAt(templateMeta, 'labels') };
  const selector = objectAt(spec, 'selector');
  const matchLabels = { [JOB_LABELS[0]]: uid, ...objectAt(selector, 'matchLabels') };
  return { ...object, spec: { ...spec, selector: { ...selector, matchLabels }, template: { ...template, metadata: { ...templateMeta, labels } } } };
}

export const cronJob: KindRules = {
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const schedule = stringAt(spec, 'schedule') ?? '';
    const found = [
      ...countErrors(spec),
      ...zoneErrors(stringAt(spec, 'timeZone')),
      ...jobTemplateErrors(objectAt(objectAt(objectAt(spec, 'jobTemplate'), 'spec'), 'template'), 'spec.jobTemplate.spec.template'),
    ];
    const policy = spec['concurrencyPolicy'];
    const policies = ['Allow', 'Forbid', 'Replace'];
    if (typeof policy === 'string' && !policies.includes(policy)) found.push(unsupported('spec.concurrencyPolicy', policy, policies));
    return [...scheduleErrors(schedule), ...found];
  },
};

function scheduleErrors(schedule: string): readonly FieldError[] {
  if (schedule === '') return [required('spec.schedule')];
  if (schedule.includes('TZ')) return [invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  const parsed = parse(schedule);
  return 'schedule' in parsed ? [] : [invalid('spec.schedule', schedule, parsed.message)];
}

function zoneErrors(zone: string | undefined): readonly FieldError[] {
  if (zone === undefined) return [];
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return [];
  } catch {
    return [invalid('spec.timeZone', zone, zone === '' ? 'timeZone must be nil or non-empty string' : `unknown time zone ${zone}`)];
  }
}
