import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestamp } from '@binnacle/client';
import { schedule } from '../../api/schedule.ts';
import type { Backup } from '../../api/hot-backup.ts';
import { WAITING_MOST, decide } from './decide.ts';
import { due } from './due.ts';
import { history } from './history.ts';

const START = 1_767_225_600_000;
const MINUTE = 60_000;
const minutely = schedule('* * * * *', START);

test('a time counts once: from when it has come until it is the last', () => {
  assert.deepEqual(due(minutely, START, START + MINUTE - 1), { at: undefined, missed: 0, next: START + MINUTE });
  assert.deepEqual(due(minutely, START, START + MINUTE), { at: START + MINUTE, missed: 0, next: START + 2 * MINUTE });
  assert.deepEqual(due(minutely, START + MINUTE, START + MINUTE), { at: undefined, missed: 0, next: START + 2 * MINUTE });
});

test('of several that were missed the newest is made up for', () => {
  assert.deepEqual(due(minutely, START, START + 10 * MINUTE), { at: START + 10 * MINUTE, missed: 9, next: START + 11 * MINUTE });
});

test('a schedule of every second does not keep an operator busy that was away for a month', () => {
  const found = due(schedule('@every 1s', START), START, START + 30 * 24 * 60 * MINUTE);
  assert.equal(found.next, START + 30 * 24 * 60 * MINUTE + 1_000);
  assert.ok(found.missed <= 10_000);
});

const backup = (name: string, minute: number, state: string) =>
  ({ metadata: { name, creationTimestamp: timestamp(START + minute * MINUTE) }, status: { state } }) as Backup; // sound: all that is looked at

/** Names of those that stay, and the minute of the next that is too old; `restored` is restored from. */
function kept(made: readonly Backup[], limits: Parameters<typeof history>[1], minute: number): readonly [readonly string[], number | undefined] {
  const { staying, nextMs } = history(made, limits, new Set(['restored']), START + minute * MINUTE);
  return [staying.map(({ metadata }) => metadata.name), nextMs === undefined ? undefined : (nextMs - START) / MINUTE];
}

test('the newest stay, of each kind; what is not finished, or restored from, stays as well', () => {
  const made = [
    backup('old', 1, 'Success'),
    backup('restored', 0, 'Success'),
    backup('new', 2, 'Success'),
    backup('failed', 3, 'Failure'),
    backup('running', 4, 'InProgress'),
    backup('waiting', 5, 'Pending'),
  ];
  assert.deepEqual(kept(made, { successful: 1, failed: 0 }, 10), [['restored', 'new', 'running', 'waiting'], undefined]);
});

test('what is too old goes, but for what a cluster is to be restored from, what has not ended, and the newest that succeeded', () => {
  const made = [
    backup('restored', 0, 'Success'),
    backup('running', 0, 'InProgress'),
    backup('failed', 1, 'Failure'),
    backup('old', 2, 'Success'),
    backup('last', 3, 'Success'),
  ];
  const limits = { successful: 9, failed: 9, maxAgeMs: 10 * MINUTE };
  assert.deepEqual(kept(made, limits, 10), [['restored', 'running', 'failed', 'old', 'last'], 11]);
  assert.deepEqual(kept(made, limits, 11), [['restored', 'running', 'old', 'last'], 12]);
  assert.deepEqual(kept(made, limits, 12), [['restored', 'running', 'last'], undefined]);
  assert.deepEqual(kept(made, limits, 1_000_000), [['restored', 'running', 'last'], undefined]);
  const longer = [{ ...made[3]!, status: { state: 'Success', finishedAt: timestamp(START + 9 * MINUTE) } } as Backup, made[4]!];
  assert.deepEqual(kept(longer, limits, 12), [['old', 'last'], 19], 'counted from its end');
});

test('one that its user deletes is not the one that always stays', () => {
  const deleted = backup('deleted', 3, 'Success');
  const made = [backup('old', 1, 'Success'), { ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: timestamp(START) } }];
  assert.ok(kept(made, { successful: 9, failed: 9, maxAgeMs: MINUTE }, 1_000)[0].includes('old'));
});

const policy = (concurrencyPolicy: string, more: object = {}) => ({ spec: { concurrencyPolicy, ...more } }) as Parameters<typeof decide>[0]; // sound: all that is looked at
const now = { at: START, missed: 0, next: undefined };
const running = backup('running', 4, 'InProgress');

test('while one has not ended the next waits behind it, is not made, or takes its place, as the policy has it', () => {
  assert.deepEqual(decide(policy('Allow'), now, [running], 'next', START), { type: 'make', at: START, replaced: [] });
  assert.deepEqual(decide(policy('Replace'), now, [running], 'next', START), { type: 'make', at: START, replaced: [running] });
  const { type, ...skipped } = decide(policy('Forbid'), now, [running], 'next', START);
  assert.deepEqual([type, skipped], ['skip', { reason: 'Forbidden', message: 'next was not made: running has not ended' }]);
  const ended = [backup('old', 1, 'Success'), backup('failed', 2, 'Failure')];
  for (const one of ['Allow', 'Forbid', 'Replace']) assert.deepEqual(decide(policy(one), now, ended, 'next', START), { type: 'make', at: START, replaced: [] });
});

test('backups do not pile up behind a cluster that is down', () => {
  const waiting = Array.from({ length: WAITING_MOST }, (_, index) => backup(`waiting-${index}`, index, 'Pending'));
  assert.equal(decide(policy('Allow'), now, waiting, 'next', START).type, 'skip');
  assert.equal(decide(policy('Allow'), now, waiting, 'waiting-3', START).type, 'make', 'it is there: only the status is behind');
});

test('what was missed for too long is not made up for', () => {
  const late = START + 61_000;
  assert.equal(decide(policy('Allow', { startingDeadlineSeconds: 60 }), now, [], 'next', late).type, 'skip');
  assert.equal(decide(policy('Allow', { startingDeadlineSeconds: 61 }), now, [], 'next', late).type, 'make');
});
