import { parseTimestamp } from '@binnacle/client';
import { list, printed, record } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { ageOf, humanDuration } from './age.ts';
import { AGE, NAME, count, field, flag, number, shown, wide, word } from './columns.ts';
import type { BuiltinColumn } from './columns.ts';
import { labelsText, selectorText } from './selector-text.ts';
import { targetsText } from './targets-text.ts';

const containers = (path: readonly string[]) => (object: ApiObject) => list(field(object, ...path, 'containers')).map(record);
const TEMPLATE = ['spec', 'template', 'spec'];
const CRON_TEMPLATE = ['spec', 'jobTemplate', 'spec', 'template', 'spec'];

/** Names and images of the pods that a workload makes. */
const pods = (path: readonly string[] = TEMPLATE): readonly BuiltinColumn[] => [
  wide('Containers', (object) =>
    containers(path)(object)
      .map((container) => word(container, 'name'))
      .join(','),
  ),
  wide('Images', (object) =>
    containers(path)(object)
      .map((container) => word(container, 'image'))
      .join(','),
  ),
];
const selector = wide('Selector', (object) => selectorText(field(object, 'spec', 'selector')));

const ready = shown('Ready', (object) => `${number(object, 'status.readyReplicas')}/${number(object, 'spec.replicas')}`);
const replicaSet: readonly BuiltinColumn[] = [
  NAME,
  count('Desired', (object) => number(object, 'spec.replicas')),
  count('Current', (object) => number(object, 'status.replicas')),
  count('Ready', (object) => number(object, 'status.readyReplicas')),
  AGE,
  ...pods(),
];

function jobStatus(job: ApiObject): string {
  const holds = (type: string) =>
    list(field(job, 'status', 'conditions')).some((condition) => record(condition)['type'] === type && record(condition)['status'] === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions(job: ApiObject): string {
  const wanted = field(job, 'spec', 'completions');
  const parallelism = number(job, 'spec.parallelism');
  const done = number(job, 'status.succeeded');
  if (wanted !== undefined) return `${done}/${printed(wanted)}`;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobDuration(job: ApiObject, nowMs: number): string {
  const started = word(job, 'status.startTime');
  if (started === '') return '';
  const completed = word(job, 'status.completionTime');
  return humanDuration((completed === '' ? nowMs : parseTimestamp(completed)) - parseTimestamp(started));
}

/** Columns of what runs pods. Source: spec/sandbox.md §1.3. */
export const workloadTables: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  'statefulsets.apps': [NAME, ready, AGE, ...pods()],
  'deployments.apps': [
    NAME,
    ready,
    shown('Up-to-date', (object) => number(object, 'status.updatedReplicas')),
    shown('Available', (object) => number(object, 'status.availableReplicas')),
    AGE,
    ...pods(),
    selector,
  ],
  'replicasets.apps': [...replicaSet, selector],
  replicationcontrollers: [...replicaSet, wide('Selector', (object) => labelsText(field(object, 'spec', 'selector')))],
  'daemonsets.apps': [
    NAME,
    count('Desired', (object) => number(object, 'status.desiredNumberScheduled')),
    count('Current', (object) => number(object, 'status.currentNumberScheduled')),
    count('Ready', (object) => number(object, 'status.numberReady')),
    count('Up-to-date', (object) => number(object, 'status.updatedNumberScheduled')),
    count('Available', (object) => number(object, 'status.numberAvailable')),
    shown('Node Selector', (object) => labelsText(field(object, ...TEMPLATE, 'nodeSelector'))),
    AGE,
    ...pods(),
    selector,
  ],
  'controllerrevisions.apps': [
    NAME,
    shown('Controller', (object) => {
      const owner = (object.metadata.ownerReferences ?? []).find((one) => one.controller === true);
      if (owner === undefined) return '<none>';
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    }),
    shown('Revision', (object) => number(object, 'revision')),
    AGE,
  ],
  'jobs.batch': [NAME, shown('Status', jobStatus), shown('Completions', jobCompletions), shown('Duration', jobDuration), AGE, ...pods(), selector],
  'cronjobs.batch': [
    NAME,
    shown('Schedule', (object) => word(object, 'spec.schedule')),
    shown('Timezone', (object) => word(object, 'spec.timeZone', '<none>')),
    flag('Suspend', (object) => ({ true: 'True', false: 'False' })[word(object, 'spec.suspend')] ?? '<unset>'),
    count('Active', (object) => list(field(object, 'status', 'active')).length),
    shown('Last Schedule', (object, now) => (word(object, 'status.lastScheduleTime') === '' ? '<none>' : ageOf(word(object, 'status.lastScheduleTime'), now))),
    AGE,
    ...pods(CRON_TEMPLATE),
    wide('Selector', () => '<none>'),
  ],
  'poddisruptionbudgets.policy': [
    NAME,
    shown('Min Available', (object) => word(object, 'spec.minAvailable', 'N/A')),
    shown('Max Unavailable', (object) => word(object, 'spec.maxUnavailable', 'N/A')),
    count('Allowed Disruptions', (object) => number(object, 'status.disruptionsAllowed')),
    AGE,
  ],
  'horizontalpodautoscalers.autoscaling': [
    NAME,
    shown('Reference', (object) => `${word(object, 'spec.scaleTargetRef.kind')}/${word(object, 'spec.scaleTargetRef.name')}`),
    shown('Targets', targetsText),
    shown('MinPods', (object) => word(object, 'spec.minReplicas', '<unset>')),
    shown('MaxPods', (object) => number(object, 'spec.maxReplicas')),
    shown('Replicas', (object) => number(object, 'status.currentReplicas')),
    AGE,
  ],
};
