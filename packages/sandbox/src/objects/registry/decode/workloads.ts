import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Defaults } from './defaults.ts';
import { editEach, fill, fillText } from './fill.ts';

const APPS = 'io.k8s.api.apps.v1.';
const BATCH = 'io.k8s.api.batch.v1.';
/** An annotation that the type of DaemonSets is read from and written to: every one has it. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const MAX_INT32 = 2_147_483_647;

/** Kinds that make pods. The templates in them are filled by type. */
export const workloadDefaults: Readonly<Record<string, Defaults>> = {
  [`${APPS}StatefulSetSpec`]: statefulSetSpec,
  [`${APPS}DeploymentSpec`]: deploymentSpec,
  [`${APPS}DaemonSetSpec`]: daemonSetSpec,
  [`${APPS}ReplicaSetSpec`]: (spec) => fill(spec, { replicas: 1 }),
  [`${APPS}DaemonSet`]: daemonSet,
  [`${BATCH}Job`]: job,
  [`${BATCH}CronJobSpec`]: (spec) =>
    fillText(fill(spec, { suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 }), { concurrencyPolicy: 'Allow' }),
  [`${BATCH}JobTemplateSpec`]: (template) => fill(template, { metadata: {} }),
  [`${BATCH}PodFailurePolicyOnPodConditionsPattern`]: (pattern) => fillText(pattern, { status: 'True' }),
};

function statefulSetSpec(spec: JsonObject): JsonObject {
  const given = objectAt(spec, 'updateStrategy');
  const untyped = given['type'] === undefined || given['type'] === '';
  let strategy = fillText(given, { type: 'RollingUpdate' });
  // Only a strategy without a type gets the whole part; a named one may leave it out.
  if (untyped || strategy['rollingUpdate'] !== undefined) strategy = withPart(strategy, 'RollingUpdate', { partition: 0 });
  const retention = fillText(objectAt(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' });
  const out = fillText(fill(spec, { replicas: 1, revisionHistoryLimit: 10 }), { podManagementPolicy: 'OrderedReady' });
  const claims = editEach(out, 'volumeClaimTemplates', (claim) => fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }));
  return replaced(replaced(claims, 'updateStrategy', strategy), 'persistentVolumeClaimRetentionPolicy', retention);
}

function deploymentSpec(spec: JsonObject): JsonObject {
  const strategy = withPart(fillText(objectAt(spec, 'strategy'), { type: 'RollingUpdate' }), 'RollingUpdate', { maxUnavailable: '25%', maxSurge: '25%' });
  return replaced(fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }), 'strategy', strategy);
}

function daemonSetSpec(spec: JsonObject): JsonObject {
  const strategy = withPart(fillText(objectAt(spec, 'updateStrategy'), { type: 'RollingUpdate' }), 'RollingUpdate', { maxUnavailable: 1, maxSurge: 0 });
  return replaced(fill(spec, { revisionHistoryLimit: 10 }), 'updateStrategy', strategy);
}

function daemonSet(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const annotations = fill(objectAt(metadata, 'annotations'), { [TEMPLATE_GENERATION]: '0' });
  return annotations === metadata['annotations'] ? object : { ...object, metadata: { ...metadata, annotations } };
}

/** A strategy of `type` with its `rollingUpdate` part filled. */
function withPart(strategy: JsonObject, type: string, values: JsonObject): JsonObject {
  if (strategy['type'] !== type) return strategy;
  const part = objectAt(strategy, 'rollingUpdate');
  return replaced(strategy, 'rollingUpdate', fill(part, values));
}

function replaced(object: JsonObject, key: string, value: JsonObject): JsonObject {
  return object[key] === value ? object : { ...object, [key]: value };
}

function job(object: JsonObject): JsonObject {
  const spec = objectAt(object, 'spec');
  const single = spec['completions'] === undefined && spec['parallelism'] === undefined;
  const filled = fill(spec, {
    ...(single ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: spec['backoffLimitPerIndex'] === undefined ? 6 : MAX_INT32,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  });
  const out = replaced(object, 'spec', filled);
  const metadata = objectAt(object, 'metadata');
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
  if (Object.keys(labels).length === 0 || Object.keys(objectAt(metadata, 'labels')).length > 0) return out;
  return { ...out, metadata: { ...metadata, labels } };
}
