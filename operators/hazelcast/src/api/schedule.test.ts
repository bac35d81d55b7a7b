import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTimestamp, timestamp } from '@binnacle/client';
import { schedule, scheduleProblem } from './schedule.ts';

const ANCHOR = parseTimestamp('2026-01-01T00:00:05Z');

function after(text: string, from: string): string | undefined {
  const next = schedule(text, ANCHOR).after(parseTimestamp(from));
  return next === undefined ? undefined : timestamp(next);
}

test('schedules mean what they mean under the existing operator', () => {
  assert.equal(after('*/30 * * * *', '2026-01-01T00:00:00Z'), '2026-01-01T00:30:00Z');
  assert.equal(after('*/5 * * * * *', '2026-01-01T00:00:00Z'), '2026-01-01T00:00:05Z');
  assert.equal(after('@hourly', '2026-01-01T00:10:00Z'), '2026-01-01T01:00:00Z');
  assert.equal(after('0 3 1 * 1', '2026-01-02T00:00:00Z'), '2026-01-05T03:00:00Z', 'day of month or day of week, as in cron');
  assert.equal(after('CRON_TZ=Europe/Berlin 0 3 * * *', '2026-07-01T00:00:00Z'), '2026-07-01T01:00:00Z');
  for (const [text, next] of Object.entries({ '@yearly': '2027-01-01', '@annually': '2027-01-01', '@monthly': '2026-02-01', '@weekly': '2026-01-04' }))
    assert.equal(after(text, '2026-01-01T00:00:00Z'), `${next}T00:00:00Z`, text);
  for (const text of ['@daily', '@midnight']) assert.equal(after(text, '2026-01-01T00:00:00Z'), '2026-01-02T00:00:00Z', text);
  assert.equal(after('0 0 30 2 *', '2026-01-01T00:00:00Z'), undefined, 'never');
});

test('a time that a zone skips in spring, or has twice in autumn, comes once', () => {
  const berlin = (text: string, from: string) => after(`CRON_TZ=Europe/Berlin ${text}`, from);
  assert.equal(berlin('30 2 * * *', '2026-03-28T02:00:00Z')?.slice(0, 10), '2026-03-29');
  assert.equal(berlin('30 2 * * *', '2026-10-24T01:00:00Z')?.slice(0, 13), '2026-10-25T00', 'the first of the two');
  assert.equal(berlin('30 2 * * *', '2026-10-25T00:30:00Z'), '2026-10-26T01:30:00Z');
});

test('an interval counts from when the object was made, so that a restart shifts nothing', () => {
  assert.equal(after('@every 1h30m', '2026-01-01T00:00:05Z'), '2026-01-01T01:30:05Z');
  assert.equal(after('@every 1h30m', '2026-01-01T02:00:00Z'), '2026-01-01T03:00:05Z');
  assert.equal(after('@every 10s', '2026-01-01T00:00:14Z'), '2026-01-01T00:00:15Z');
});

test('a schedule that means nothing is refused', () => {
  for (const text of ['every day', '61 * * * *', '* * *', '@every', '@every 5 minutes', '@fortnightly', 'TZ=Nowhere/Land * * * * *', ''])
    assert.notEqual(scheduleProblem(text), undefined, text);
});
