import type { Live } from '@binnacle/client';
import { parseTimestamp, timestamp } from '@binnacle/client';
import type { CronJob, Job } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { turn } from './plan.ts';
import { parse } from '../../objects/schedule.ts';

const MINUTE = 60_000;
const at = (text: string) => parseTimestamp(text);
const born = at('2026-03-01T00:00:00Z');

function scheduleOf(text: string, zone?: string) {
  const parsed = parse(text, zone);
  assert.ok('schedule' in parsed, JSON.stringify(parsed));
  return parsed.schedule;
}

function cronJob(spec: object, lastMs?: number): Live<typeof CronJob> {
  const status = lastMs === undefined ? {} : { lastScheduleTime: timestamp(lastMs) };
  return { metadata: { name: 'c', namespace: 'ns', uid: 'c', creationTimestamp: timestamp(born) }, spec, status } as unknown as Live<typeof CronJob>;
}

const running = [{ metadata: { name: 'c-1' } }] as unknown as readonly Live<typeof Job>[];

test('a schedule is read in its zone, also across the change to summer time', () => {
  const berlin = scheduleOf('30 9 * * MON-FRI', 'Europe/Berlin');
  assert.equal(timestamp(berlin.next(at('2026-03-27T00:00:00Z'))!), '2026-03-27T08:30:00Z');
  assert.equal(timestamp(berlin.next(at('2026-03-27T08:30:00Z'))!), '2026-03-30T07:30:00Z');
  assert.equal(timestamp(scheduleOf('@daily').next(at('2026-03-01T00:00:00Z'))!), '2026-03-02T00:00:00Z');
  assert.equal(timestamp(scheduleOf('0 0 1 * ?').next(at('2026-03-01T00:00:00Z'))!), '2026-04-01T00:00:00Z');
  assert.equal(scheduleOf('0 0 31 2 *').next(born), undefined);
});

test('@every counts from the last start, or from the beginning, and misses nothing when it is looked at late', () => {
  const parsed = parse('@every 1h30m', 'UTC', born);
  assert.ok('schedule' in parsed);
  const { schedule } = parsed;
  const step = 90 * MINUTE;
  assert.deepEqual([schedule.next(born), schedule.next(born + step), schedule.next(born + step - 1)], [born + step, born + 2 * step, born + step]);
  assert.deepEqual(schedule.last(born, born + 3 * step + 1, 2), [born + 3 * step, born + 2 * step]);
  assert.deepEqual(schedule.last(born, born + step - 1, 5), []);
});

test('what a real cluster refuses is refused here: seconds, last days, nicknames of others, unknown zones', () => {
  for (const text of ['', '* * * *', '* * * * * *', '0 0 L * *', '0 0 15W * *', '0 0 * * FRI#2', '@every', '@every day', '61 * * * *', 'TZ=UTC 0 0 * * *']) {
    const parsed = parse(text);
    assert.ok('reason' in parsed && parsed.reason === 'UnparseableSchedule', text);
  }
  const parsed = parse('@daily', 'Atlantis/Capital');
  assert.ok('reason' in parsed && parsed.reason === 'UnknownTimeZone' && parsed.message.includes('Atlantis/Capital'));
});

test('of many missed starts the last one is made up for, with a word when there were more than a hundred', () => {
  const every = scheduleOf('* * * * *');
  const after = (minutes: number) => turn(cronJob({}), every, [], born + minutes * MINUTE + 1);
  assert.deepEqual(after(0), { do: 'wait', nextMs: born + MINUTE });
  assert.deepEqual(after(100), { do: 'start', nextMs: born + 101 * MINUTE, scheduledMs: born + 100 * MINUTE, replaced: [], manyMissed: false });
  const many = after(101);
  assert.ok(many.do === 'start' && many.manyMissed && many.scheduledMs === born + 101 * MINUTE);
});

test('a start that is too late for its deadline is missed for good', () => {
  const hourly = scheduleOf('0 * * * *');
  const late = (ms: number) => turn(cronJob({ startingDeadlineSeconds: 30 }), hourly, [], born + 3_600_000 + ms).do;
  assert.equal(late(29_000), 'start');
  assert.equal(late(31_000), 'skip');
});

test('no start is made twice, none early, and Forbid never starts beside another', () => {
  const spec = fc.record({
    concurrencyPolicy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
    startingDeadlineSeconds: fc.option(fc.nat(1000), { nil: undefined }),
  });
  const schedules = fc.constantFrom('* * * * *', '*/7 * * * *', '0 */2 * * *', '@hourly').map((text) => scheduleOf(text));
  fc.assert(
    fc.property(spec, schedules, fc.nat(300_000), fc.boolean(), (given, schedule, seconds, busy) => {
      const nowMs = born + seconds * 1000;
      const first = turn(cronJob(given), schedule, busy ? running : [], nowMs);
      assert.ok(first.nextMs !== undefined && first.nextMs > nowMs);
      if (first.do !== 'start') return;
      assert.ok(first.scheduledMs > born && first.scheduledMs <= nowMs);
      assert.ok(!busy || given.concurrencyPolicy !== 'Forbid');
      assert.equal(first.replaced.length, busy && given.concurrencyPolicy === 'Replace' ? 1 : 0);
      assert.equal(turn(cronJob(given, first.scheduledMs), schedule, [], nowMs).do, 'wait');
    }),
    { numRuns: 60 },
  );
});
