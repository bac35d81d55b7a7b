import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../api/hot-backup.ts';
import { BEGIN_MS, plan } from './plan.ts';
import type { Action, Member, Observed } from './plan.ts';

const NOW = 1_767_225_600_000;
const OLD = 'backup-1659034855438';
const NEW = 'backup-1767225601000';
const run: Run = { startedAt: '2026-01-01T00:00:00Z', since: OLD, members: ['hz-0', 'hz-1'], activate: true };
const member = (pod: string, task: string, ...sequences: readonly string[]): Member => ({ pod, task, backups: sequences.map((one) => `${one}/uuid-${pod}`) });
const observed = (fields: Partial<Observed>): Observed => ({
  run,
  external: false,
  clusterState: 'ACTIVE',
  members: [member('hz-0', 'SUCCESS', OLD), member('hz-1', 'SUCCESS', OLD)],
  uploads: {},
  nowMs: NOW,
  ...fields,
});
const names = (actions: readonly Action[]) => actions.map((action) => action.do);
const both = (task: string) => [member('hz-0', task, OLD, NEW), member('hz-1', task, OLD, NEW)];

test('what is on the volumes is remembered before members are told', () => {
  assert.deepEqual(plan(observed({ run: undefined })), [{ do: 'remember', run }]);
});

test('the cluster is PASSIVE only while members are told', () => {
  assert.deepEqual(names(plan(observed({}))), ['passivate', 'trigger', 'activate', 'remember']);
});

test('a cluster that was not ACTIVE before is left as it is', () => {
  assert.deepEqual(names(plan(observed({ clusterState: 'FROZEN', run: { ...run, activate: false } }))), ['trigger', 'remember']);
});

test('an operator that died after it told members finds their backup, and tells them nothing again', () => {
  const actions = plan(observed({ members: both('IN_PROGRESS'), clusterState: 'PASSIVE' }));
  assert.deepEqual(actions, [{ do: 'activate' }, { do: 'remember', run: { ...run, sequence: NEW } }]);
});

test('a cluster that stayed PASSIVE becomes ACTIVE before the backup ends, whatever way it ends', () => {
  for (const task of ['SUCCESS', 'FAILURE', 'IN_PROGRESS', 'NO_TASK']) {
    const actions = plan(observed({ run: { ...run, sequence: NEW }, clusterState: 'PASSIVE', members: both(task) }));
    assert.equal(actions[0]?.do, 'activate', task);
  }
});

test('a member that fails ends the backup on all', () => {
  const members = [member('hz-0', 'IN_PROGRESS', NEW), member('hz-1', 'FAILURE', NEW)];
  const actions = plan(observed({ run: { ...run, sequence: NEW }, members }));
  assert.deepEqual(names(actions), ['interrupt', 'finish']);
  assert.match(JSON.stringify(actions), /"Failure".*member backup failed: hz-1/);
});

test('the failure of an earlier backup is not that of this one', () => {
  const members = [member('hz-0', 'IN_PROGRESS', NEW), member('hz-1', 'FAILURE', OLD)];
  assert.deepEqual(names(plan(observed({ run: { ...run, sequence: NEW }, members }))), ['wait']);
});

test('a member that was restarted is not waited for', () => {
  const members = [member('hz-0', 'SUCCESS', NEW), member('hz-1', 'NO_TASK', NEW)];
  assert.deepEqual(names(plan(observed({ run: { ...run, sequence: NEW }, members, nowMs: NOW + BEGIN_MS }))), ['interrupt', 'finish']);
});

test('a local backup tells the folder of each member, by ordinal', () => {
  const actions = plan(observed({ run: { ...run, sequence: NEW }, members: both('SUCCESS') }));
  assert.deepEqual(actions, [{ do: 'finish', state: 'Success', message: '', backupUUIDs: [`${NEW}/uuid-hz-0`, `${NEW}/uuid-hz-1`] }]);
});

const uploads = [
  { member: 'hz-0', id: '1' },
  { member: 'hz-1', id: '2' },
];
const there = { status: 'SUCCESS', message: '', key: 's3://b?prefix=k' } as const;
const going = { status: 'IN_PROGRESS', message: '', key: '' } as const;

test('what is in the bucket is remembered before the agent forgets it', () => {
  const copied: Run = { ...run, sequence: NEW, uploads };
  const [action] = plan(observed({ external: true, run: copied, uploads: { 'hz-0': there, 'hz-1': going } }));
  assert.deepEqual(action, { do: 'remember', run: { ...copied, uploads: [{ ...uploads[0], key: there.key }, uploads[1]] } });
  const all: Run = { ...copied, uploads: uploads.map((one) => ({ ...one, key: there.key })) };
  assert.deepEqual(names(plan(observed({ external: true, run: all }))), ['forget', 'forget', 'finish']);
});

test('an upload that fails takes the others out of the bucket again', () => {
  const failed = { status: 'FAILURE', message: 'no such host', key: '' } as const;
  for (const state of [failed, 'lost', { ...there, key: '' }] as const) {
    const actions = plan(observed({ external: true, run: { ...run, sequence: NEW, uploads }, uploads: { 'hz-0': there, 'hz-1': state } }));
    assert.deepEqual(names(actions), ['cleanup', 'forget', 'forget', 'finish']);
    assert.match(JSON.stringify(actions), /Upload failed: hz-1/);
  }
});
