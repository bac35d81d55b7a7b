import { CoreEvent, CronJob, Job } from '@binnacle/client/kinds';
import { parseTimestamp } from '@binnacle/client';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestCluster } from '../../../test/cluster.ts';
import { testCluster } from '../../../test/cluster.ts';
import type { Image } from '../../program.ts';

const MINUTE = 60_000;

/** `work:<seconds>` works so long; `fail:<…>` the same, in vain. */
const work: Image = {
  image: /^(work|fail):/,
  async program(container) {
    const [what, seconds] = container.image.split(':');
    await container.clock.sleep(Number(seconds) * 1000, container.signal).catch(() => undefined);
    return what === 'work' ? 0 : 1;
  },
};

const cronJob = (image: string, spec: object) => ({
  spec: {
    schedule: '* * * * *',
    ...spec,
    jobTemplate: {
      metadata: { labels: { app: 'c' } },
      spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } },
    },
  },
});

const reasons = async (cluster: TestCluster) =>
  (await cluster.list(CoreEvent)).filter(({ involvedObject }) => involvedObject.kind === 'CronJob').map(({ reason }) => reason);
const names = async (cluster: TestCluster) => (await cluster.list(Job)).map(({ metadata }) => metadata.name).toSorted();

test('a job a minute, named after its minute, and no more kept than asked for', async () => {
  await using cluster = await testCluster([work]);
  await cluster.create(CronJob, 'good', cronJob('work:5', { successfulJobsHistoryLimit: 2 }));
  await cluster.create(CronJob, 'bad', cronJob('fail:5', {}));
  const first = await cluster.until(CronJob, 'good', ({ status }) => status?.lastSuccessfulTime !== undefined);
  const scheduledMs = parseTimestamp(first.status!.lastScheduleTime!);
  assert.equal(scheduledMs % MINUTE, 0);
  const job = await cluster.get(Job, `good-${scheduledMs / MINUTE}`);
  assert.equal(job?.metadata.labels?.['app'], 'c');
  assert.equal(job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'], first.status?.lastScheduleTime);
  await cluster.clock.advance(10 * MINUTE);
  const kept = await names(cluster);
  assert.deepEqual([kept.filter((name) => name.startsWith('good-')).length, kept.filter((name) => name.startsWith('bad-')).length], [2, 1]);
  assert.equal((await cluster.get(CronJob, 'good'))?.status?.active, undefined);
  assert.ok((await reasons(cluster)).includes('SawCompletedJob'));
  await cluster.delete(CronJob, 'good');
  await cluster.clock.until(async () => !(await names(cluster)).some((name) => name.startsWith('good-')));
});

test('Forbid waits for the job before, Replace stops it, Allow runs both', async () => {
  await using cluster = await testCluster([work]);
  for (const concurrencyPolicy of ['Allow', 'Forbid', 'Replace'])
    await cluster.create(CronJob, concurrencyPolicy.toLowerCase(), cronJob('work:200', { concurrencyPolicy }));
  const active: Record<string, number> = { allow: 0, forbid: 0, replace: 0 };
  for (let minute = 0; minute < 8; minute += 1) {
    await cluster.clock.advance(MINUTE);
    for (const name of Object.keys(active)) active[name] = Math.max(active[name]!, (await cluster.get(CronJob, name))?.status?.active?.length ?? 0);
  }
  assert.deepEqual(active, { allow: 4, forbid: 1, replace: 1 });
  const jobs = await cluster.list(Job);
  const succeeded = (name: string) => jobs.filter(({ metadata, status }) => metadata.name.startsWith(`${name}-`) && status?.succeeded === 1).length;
  assert.equal(succeeded('replace'), 0);
  assert.ok(succeeded('forbid') >= 1);
  assert.ok((await reasons(cluster)).includes('JobAlreadyActive'));
});

test('suspended it starts nothing; afterwards the last missed start is made up for, and too late is too late', async () => {
  await using cluster = await testCluster([work]);
  await cluster.create(CronJob, 'c', cronJob('work:1', { suspend: true }));
  await cluster.create(CronJob, 'late', cronJob('work:1', { suspend: true, schedule: '0 * * * *', startingDeadlineSeconds: 60 }));
  // More than a hundred minutes, to half past an hour.
  const nowMs = cluster.clock.now();
  await cluster.clock.advance(Math.ceil(nowMs / (60 * MINUTE)) * 60 * MINUTE + 150 * MINUTE - nowMs);
  assert.deepEqual(await names(cluster), []);
  await cluster.merge(CronJob, 'c', { spec: { suspend: false } });
  await cluster.merge(CronJob, 'late', { spec: { suspend: false } });
  await cluster.clock.settle();
  assert.equal((await names(cluster)).length, 1);
  const said = await reasons(cluster);
  assert.ok(said.includes('TooManyMissedTimes') && said.includes('MissSchedule'), said.join());
});

test('a schedule that nobody can read is refused with its path, a time zone in it too', async () => {
  await using cluster = await testCluster([work]);
  for (const schedule of ['0 0 L * *', 'nonsense', '* * * *', '* * * * * *', 'CRON_TZ=UTC 0 0 * * *'])
    await assert.rejects(cluster.create(CronJob, 'c', cronJob('work:1', { schedule })), /spec\.schedule: Invalid value/, schedule);
  await cluster.create(CronJob, 'c', cronJob('work:1', { schedule: '*/2 * * * *' }));
  await assert.rejects(cluster.merge(CronJob, 'c', { spec: { schedule: '61 * * * *' } }), /spec\.schedule: Invalid value/);
});
