import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH } from './requests.ts';
import { until } from './workloads.ts';

const target = await openTarget();
const whole = needs(target, 'controllers', 'node');
const jobs = (ns: TestNamespace) => ns.path('jobs', 'batch/v1');

async function make(ns: TestNamespace, image: string, more: object = {}): Promise<string> {
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image }] } };
  await done(target, 'POST', jobs(ns), { metadata: { name: 'j' }, spec: { template, ...more } });
  return `${jobs(ns)}/j`;
}

const holds = (job: any, wanted: string) => job.status.conditions?.find(({ type, status }: any) => type === wanted && status === 'True');
const podsOf = async (ns: TestNamespace) => (await done(target, 'GET', `${ns.path('pods')}?labelSelector=batch.kubernetes.io%2Fjob-name%3Dj`)).items;

test('69. a job that works is complete, with its times; its pods carry its labels and are let go when counted', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.succeeds, { completions: 2 });
  const job = await until(target, path, 'it is complete', (object) => holds(object, 'Complete') !== undefined);
  assert.deepEqual([job.status.succeeded, job.status.failed], [2, undefined]);
  assert.ok(Date.parse(job.status.completionTime) >= Date.parse(job.status.startTime));
  assert.equal(holds(job, 'SuccessCriteriaMet').reason, 'CompletionsReached');
  const found = await podsOf(ns);
  assert.equal(found.length, 2);
  for (const { metadata } of found) {
    assert.equal(metadata.labels['batch.kubernetes.io/controller-uid'], job.metadata.uid);
    assert.equal(metadata.labels['job-name'], 'j');
  }
  await eventually('nothing holds the pods', async () => (await podsOf(ns)).every(({ metadata }: any) => metadata.finalizers === undefined));
});

test('69. a job whose pods fail gives up at its limit', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.fails, { backoffLimit: 0 });
  const job = await until(target, path, 'it has failed', (object) => holds(object, 'Failed') !== undefined);
  const failed = holds(job, 'Failed');
  assert.deepEqual([failed.reason, failed.message], ['BackoffLimitExceeded', 'Job has reached the specified backoff limit']);
  assert.equal(holds(job, 'FailureTarget').reason, 'BackoffLimitExceeded');
  assert.deepEqual([job.status.failed, job.status.completionTime], [1, undefined]);
});

test('69. an exit code that the failure policy names fails a job at once, and another one counts', whole, async () => {
  const policy = (values: readonly number[]) => ({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values } }] } });
  await using ns = await target.namespace();
  const job = await until(target, await make(ns, target.images.fails, policy([1])), 'it has failed', (object) => holds(object, 'Failed') !== undefined);
  assert.equal(holds(job, 'Failed').reason, 'PodFailurePolicy');
  assert.match(holds(job, 'Failed').message, /^Container c for pod .*\/j-\S+ failed with exit code 1 matching FailJob rule at index 0$/);
  assert.equal(job.status.failed, 1);
  await using other = await target.namespace();
  const path = await make(other, target.images.fails, { ...policy([42]), backoffLimit: 0 });
  const counted = await until(target, path, 'it has failed', (object) => holds(object, 'Failed') !== undefined);
  assert.equal(holds(counted, 'Failed').reason, 'BackoffLimitExceeded');
});

test('69. a job that takes too long is ended, and its pods with it', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.sleeper, { activeDeadlineSeconds: 2 });
  const job = await until(target, path, 'it has failed', (object) => holds(object, 'Failed') !== undefined);
  assert.deepEqual([holds(job, 'Failed').reason, holds(job, 'Failed').message], ['DeadlineExceeded', 'Job was active longer than specified deadline']);
});

test('69. a finished job goes when its time to live is over', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.succeeds, { ttlSecondsAfterFinished: 1 });
  await eventually('the job is gone', async () => (await target.ask('GET', path)).status === 404);
  await eventually('and its pod', async () => (await podsOf(ns)).length === 0);
});

test('69. a job that is deleted while it runs takes its pods along, whatever held them', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.sleeper, { parallelism: 2 });
  await until(target, path, 'it runs', ({ status }) => status.active === 2);
  await done(target, 'DELETE', path, { propagationPolicy: 'Background' });
  await eventually('its pods are gone', async () => (await podsOf(ns)).length === 0);
});

test('69. suspended, a job has no pods; resumed, it has', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.sleeper, { suspend: true });
  const waiting = await until(target, path, 'it is suspended', (object) => holds(object, 'Suspended') !== undefined);
  assert.deepEqual([holds(waiting, 'Suspended').reason, waiting.status.active ?? 0], ['JobSuspended', 0]);
  await done(target, 'PATCH', path, { spec: { suspend: false } }, PATCH.merge);
  await until(target, path, 'it runs', ({ status }) => status.active === 1);
  await done(target, 'PATCH', path, { spec: { suspend: true } }, PATCH.merge);
  await until(target, path, 'it is suspended again', (object) => holds(object, 'Suspended') !== undefined && (object.status.active ?? 0) === 0);
});

test('69. an indexed job numbers its pods and says which numbers are done', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.succeeds, { completionMode: 'Indexed', completions: 3, parallelism: 3 });
  const job = await until(target, path, 'it is complete', (object) => holds(object, 'Complete') !== undefined);
  assert.equal(job.status.completedIndexes, '0-2');
  for (const { metadata } of await podsOf(ns)) {
    const index = metadata.annotations['batch.kubernetes.io/job-completion-index'];
    assert.match(metadata.name, new RegExp(`^j-${index}-[a-z0-9]{5}$`));
  }
});

test('69. a template is what it is, and a pod of a job does not start again for ever', async () => {
  await using ns = await target.namespace();
  const path = await make(ns, target.images.sleeper, { suspend: true });
  const changed = await target.ask('PATCH', path, { body: { spec: { template: { spec: { restartPolicy: 'OnFailure' } } } }, headers: PATCH.merge });
  assert.equal(changed.status, 422);
  const template = { spec: { containers: [{ name: 'c', image: 'x' }], restartPolicy: 'Always' } };
  const always = await target.ask('POST', jobs(ns), { body: { metadata: { name: 'a' }, spec: { template } } });
  assert.equal(always.status, 422);
  assert.match(always.json.message, /restartPolicy: Required value: valid values: "OnFailure", "Never"/);
});

const INDEXED = { completionMode: 'Indexed', completions: 3, parallelism: 3 };
const ended = (wanted: string) => (object: any) => holds(object, wanted) !== undefined;

test('69. with a limit for each index a job goes on with the others, and fails when all have ended; or when too many have failed', whole, async () => {
  await using ns = await target.namespace();
  const all = await until(target, await make(ns, target.images.fails, { ...INDEXED, backoffLimitPerIndex: 0 }), 'it has failed', ended('Failed'));
  assert.deepEqual([holds(all, 'Failed').reason, holds(all, 'Failed').message], ['FailedIndexes', 'Job has failed indexes']);
  assert.deepEqual([all.status.failedIndexes, all.status.completedIndexes ?? '', all.status.failed], ['0-2', '', 3]);
  await using other = await target.namespace();
  const limits = { ...INDEXED, parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
  const some = await until(target, await make(other, target.images.fails, limits), 'it has failed', ended('Failed'));
  assert.equal(holds(some, 'Failed').reason, 'MaxFailedIndexesExceeded');
  assert.equal(some.status.failedIndexes, '0,1');
});

test('69. a failure policy may give up an index at once, or pass over a failure', whole, async () => {
  const policy = (action: string) => ({ podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [1] } }] } });
  await using ns = await target.namespace();
  const path = await make(ns, target.images.fails, { ...INDEXED, completions: 1, backoffLimitPerIndex: 5, ...policy('FailIndex') });
  const given = await until(target, path, 'it has failed', ended('Failed'));
  assert.deepEqual([holds(given, 'Failed').reason, given.status.failedIndexes, given.status.failed], ['FailedIndexes', '0', 1]);
  await using other = await target.namespace();
  const ignoring = await make(other, target.images.fails, { backoffLimit: 0, ...policy('Ignore') });
  await eventually('another pod comes in its place', async () => (await podsOf(other)).length >= 2);
  const job = await done(target, 'GET', ignoring);
  assert.deepEqual([job.status.failed, job.status.conditions], [undefined, undefined]);
});

test('69. a success policy ends a job before all its indexes are done', whole, async () => {
  await using ns = await target.namespace();
  const successPolicy = { rules: [{ succeededIndexes: '2' }, { succeededCount: 1 }] };
  const path = await make(ns, target.images.succeeds, { ...INDEXED, parallelism: 1, successPolicy });
  const job = await until(target, path, 'it is complete', ended('Complete'));
  assert.deepEqual([holds(job, 'Complete').reason, holds(job, 'SuccessCriteriaMet').reason], ['SuccessPolicy', 'SuccessPolicy']);
  assert.equal(holds(job, 'SuccessCriteriaMet').message, 'Matched rules at index 1');
  assert.deepEqual([job.status.succeeded, job.status.completedIndexes], [1, '0']);
});
