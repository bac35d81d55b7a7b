import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Run } from '../../api/hot-backup.ts';
import { keyOfArchive } from './archive.ts';
import { BEGIN_MS, askOf, plan } from './plan.ts';
import { ATTEMPTS_MOST, UNKNOWN_MS } from './upload.ts';
import type { Action, Member, Observed } from './plan.ts';

const NOW = 1_767_225_600_000;
const OLD = 'backup-1659034855438';
const NEW = 'backup-1767225601000';
/** The order was given long enough ago for what members say to be about it. */
const LONG_AGO = '2025-12-31T23:59:57Z';
const run: Run = { cluster: 'hz', uid: 'uid', startedAt: '2026-01-01T00:00:00Z', since: OLD, members: ['hz-0', 'hz-1'], activate: true };
const member = (pod: string, task: string, ...sequences: readonly string[]): Member => ({
  pod,
  task,
  completed: 0,
  total: 0,
  backups: sequences.map((one) => `${one}/uuid-${pod}`),
});
const observed = (fields: Partial<Observed>): Observed => ({
  run,
  begunBefore: false,
  cluster: 'hz',
  uid: 'uid',
  going: false,
  bucketURI: '',
  clusterState: 'ACTIVE',
  members: [member('hz-0', 'SUCCESS', OLD), member('hz-1', 'SUCCESS', OLD)],
  uploads: {},
  unasked: new Set(),
  deadlineMs: undefined,
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
  assert.deepEqual(actions, [{ do: 'activate' }, { do: 'remember', run: { ...run, triggeredAt: run.startedAt, sequence: NEW } }]);
});

test('a cluster that stayed PASSIVE becomes ACTIVE before the backup ends, whatever way it ends', () => {
  for (const task of ['SUCCESS', 'FAILURE', 'IN_PROGRESS', 'NO_TASK']) {
    const actions = plan(observed({ run: { ...run, triggeredAt: LONG_AGO, sequence: NEW }, clusterState: 'PASSIVE', members: both(task) }));
    assert.equal(actions[0]?.do, 'activate', task);
  }
});

test('a member that fails ends the backup on all, and what it has begun is ended before the backup says so', () => {
  const members = [member('hz-0', 'IN_PROGRESS', NEW), member('hz-1', 'FAILURE', NEW)];
  const begun: Run = { ...run, triggeredAt: LONG_AGO, sequence: NEW };
  const [action] = plan(observed({ run: begun, members }));
  assert.deepEqual(action, { do: 'remember', run: { ...begun, failure: 'member backup failed: hz-1' } });
  const actions = plan(observed({ run: { ...begun, failure: 'why' }, members }));
  assert.deepEqual(actions, [{ do: 'interrupt' }, { do: 'finish', state: 'Failure', message: 'why', backupUUIDs: [] }]);
});

test('the failure of an earlier backup is not that of this one', () => {
  const members = [member('hz-0', 'IN_PROGRESS', NEW), member('hz-1', 'FAILURE', OLD)];
  assert.deepEqual(names(plan(observed({ run: { ...run, triggeredAt: LONG_AGO, sequence: NEW }, members }))), ['wait']);
});

test('what members say just after the order may be about the backup before: neither its success nor its failure ends this one', () => {
  for (const task of ['SUCCESS', 'FAILURE']) {
    const told: Run = { ...run, triggeredAt: run.startedAt, sequence: NEW };
    assert.deepEqual(names(plan(observed({ run: told, members: both(task) }))), ['wait'], task);
    assert.deepEqual(names(plan(observed({ run: { ...told, failure: 'why' }, members: both(task) }))), ['interrupt', 'finish'], task);
    assert.notDeepEqual(names(plan(observed({ run: told, members: both(task), nowMs: NOW + 2_001 }))), ['wait'], task);
  }
});

test('a member that was restarted is not waited for', () => {
  const members = [member('hz-0', 'SUCCESS', NEW), member('hz-1', 'NO_TASK', NEW)];
  const [action] = plan(observed({ run: { ...run, triggeredAt: LONG_AGO, sequence: NEW }, members, nowMs: NOW + BEGIN_MS }));
  assert.match(JSON.stringify(action), /"failure":"hz-1 takes no backup/);
});

test('a local backup tells the folder of each member, by ordinal', () => {
  const actions = plan(observed({ run: { ...run, triggeredAt: LONG_AGO, sequence: NEW }, members: both('SUCCESS') }));
  assert.deepEqual(actions, [{ do: 'finish', state: 'Success', message: '', backupUUIDs: [`${NEW}/uuid-hz-0`, `${NEW}/uuid-hz-1`] }]);
});

test('a cluster that is between two states is left alone until it is in one', () => {
  assert.deepEqual(names(plan(observed({ run: { ...run, triggeredAt: LONG_AGO, sequence: NEW }, clusterState: 'IN_TRANSITION', members: both('SUCCESS') }))), [
    'wait',
  ]);
});

test('a backup that takes longer than it may is ended, and the cluster is ACTIVE first', () => {
  const late = {
    run: { ...run, triggeredAt: LONG_AGO, sequence: NEW },
    members: both('IN_PROGRESS'),
    clusterState: 'PASSIVE',
    deadlineMs: 60_000,
    nowMs: NOW + 60_001,
  };
  const actions = plan(observed(late));
  assert.deepEqual(names(actions), ['activate', 'remember']);
  assert.match(JSON.stringify(actions), /"failure":"took longer than spec.activeDeadlineSeconds: 60"/);
});

const BUCKET = 's3://b/path?region=eu';
const keyOf = (pod: string) => keyOfArchive(BUCKET, 'hz', `${NEW}/uuid-${pod}`);
const noted = (pod: string) => ({ member: pod, uuid: `uuid-${pod}`, askedAt: '2026-01-01T00:00:00Z', attempt: 1 });
const notes = [noted('hz-0'), noted('hz-1')];
const uploads = notes.map((one, index) => ({ ...one, id: String(index + 1) }));
const there = (pod: string) => ({ status: 'SUCCESS', message: '', key: keyOf(pod) }) as const;
const going = { status: 'IN_PROGRESS', message: '', key: '' } as const;
const away: Run = { ...run, activate: false, sequence: NEW, uploads };
const external = (fields: Partial<Observed>) => observed({ bucketURI: BUCKET, run: away, members: both('SUCCESS'), ...fields });

test('an archive is where the agent puts it', () => {
  assert.equal(keyOf('hz-0'), 's3://b?region=eu&prefix=path/hz/2026-01-01-00-00-01/uuid-hz-0.tar.gz');
  assert.equal(keyOfArchive('gs://b', 'hz', `${NEW}/u`), 'gs://b?prefix=hz/2026-01-01-00-00-01/u.tar.gz');
  assert.equal(keyOfArchive('gs://b?prefix=deep/', 'hz', `${NEW}/u`), 'gs://b?prefix=deep/hz/2026-01-01-00-00-01/u.tar.gz');
});

test('the agent is asked after it is written down that it will be, and whoever makes the cluster PASSIVE from then on is left alone', () => {
  const copied: Run = { ...run, triggeredAt: LONG_AGO, sequence: NEW };
  assert.deepEqual(plan(external({ run: copied })), [{ do: 'remember', run: { ...copied, activate: false, uploads: notes }, asking: notes }]);
  assert.deepEqual(plan(external({ run: { ...away, uploads: notes }, unasked: new Set(notes.map(askOf)) })), [{ do: 'upload', upload: notes[0] }]);
  assert.deepEqual(names(plan(external({ clusterState: 'PASSIVE', uploads: { 'hz-0': going, 'hz-1': going } }))), ['wait']);
});

test('what is in the bucket is remembered before the agent forgets it', () => {
  const [action] = plan(external({ uploads: { 'hz-0': there('hz-0'), 'hz-1': going } }));
  assert.deepEqual(action, { do: 'remember', run: { ...away, uploads: [{ ...uploads[0], key: keyOf('hz-0') }, uploads[1]] }, asking: [] });
  const all: Run = { ...away, uploads: uploads.map((one) => ({ ...one, key: keyOf(one.member) })) };
  assert.deepEqual(names(plan(external({ run: all }))), ['forget', 'forget', 'finish']);
});

test('an upload that fails takes the others out of the bucket again, those that are under way too', () => {
  const failed = { status: 'FAILURE', message: 'no such host', key: '' } as const;
  for (const state of [failed, { ...failed, status: 'CANCELED' }, { ...there('hz-1'), key: '' }] as const)
    assert.match(
      JSON.stringify(plan(external({ uploads: { 'hz-0': going, 'hz-1': state } }))),
      /"failure":"Upload failed: hz-1: (no such host|Upload canceled)"/,
    );
  const run: Run = { ...away, failure: 'why' };
  assert.deepEqual(names(plan(external({ run, uploads: { 'hz-0': going, 'hz-1': failed } }))), ['cancel', 'wait']);
  assert.deepEqual(names(plan(external({ run, uploads: { 'hz-0': there('hz-0'), 'hz-1': failed } }))), ['cleanup', 'forget', 'forget', 'finish']);
});

test('an agent that uploaded another backup than this one has not uploaded this one', () => {
  const other = { ...there('hz-1'), key: keyOfArchive(BUCKET, 'hz', `${OLD}/uuid-hz-1`) };
  assert.match(JSON.stringify(plan(external({ uploads: { 'hz-0': going, 'hz-1': other } }))), /uploaded another backup/);
  const newer = [member('hz-0', 'SUCCESS', NEW, 'backup-1767225999000'), member('hz-1', 'SUCCESS', NEW)];
  const asked = external({ run: { ...away, uploads: notes }, unasked: new Set(notes.map(askOf)), members: newer });
  assert.match(JSON.stringify(plan(asked)), /a newer backup is on the volume/);
});

test('an upload whose answer got lost is waited for, found by what the volume lacks, and only then begun anew', () => {
  const unsure = { run: { ...away, uploads: notes } };
  assert.deepEqual(plan(external(unsure)), [{ do: 'wait', reason: 'UploadUnknown', message: 'being uploaded: hz-0, hz-1' }]);
  const done = external({ ...unsure, members: [member('hz-0', 'SUCCESS', OLD), member('hz-1', 'SUCCESS', OLD, NEW)] });
  assert.match(JSON.stringify(plan(done)), /"member":"hz-0",[^}]*"key":"s3:[^"]*2026-01-01-00-00-01\/uuid-hz-0/);
  const [anew] = plan(external({ ...unsure, nowMs: NOW + UNKNOWN_MS }));
  assert.ok(anew?.do === 'remember' && anew.asking?.length === 2 && anew.asking.every(({ attempt }) => attempt === 2));
});

test('an agent that was restarted is asked again, a few times', () => {
  const [anew] = plan(external({ uploads: { 'hz-0': 'lost', 'hz-1': going } }));
  assert.ok(anew?.do === 'remember' && anew.run.uploads?.[0]?.id === undefined && anew.run.uploads?.[0]?.attempt === 2);
  const often = uploads.map((one) => ({ ...one, attempt: ATTEMPTS_MOST }));
  assert.match(JSON.stringify(plan(external({ run: { ...away, uploads: often }, uploads: { 'hz-0': 'lost', 'hz-1': going } }))), /restarted each time/);
});

test('whatever is seen, members are told nothing twice, the cluster is ACTIVE before it ends, and nothing ends with an upload under way', () => {
  const state = fc.constantFrom('ACTIVE', 'PASSIVE', 'FROZEN', 'IN_TRANSITION');
  const task = fc.constantFrom('NO_TASK', 'IN_PROGRESS', 'SUCCESS', 'FAILURE');
  const upload = fc.constantFrom(
    going,
    there('hz-0'),
    there('hz-1'),
    { ...going, status: 'FAILURE' },
    { ...going, status: 'CANCELED' },
    'lost',
  ) as fc.Arbitrary<Observed['uploads'][string]>;
  const runs = fc.record({
    activate: fc.boolean(),
    triggered: fc.boolean(),
    sequence: fc.boolean(),
    uploads: fc.constantFrom(undefined, notes, uploads),
    failure: fc.constantFrom(undefined, 'why'),
  });
  const seen = fc.record({
    state,
    tasks: fc.tuple(task, task),
    uploads: fc.tuple(upload, upload),
    run: runs,
    folders: fc.boolean(),
    late: fc.nat(2 * UNKNOWN_MS),
  });
  fc.assert(
    fc.property(seen, (s) => {
      const past: Run = {
        ...run,
        activate: s.run.activate,
        ...(s.run.triggered ? { triggeredAt: run.startedAt } : {}),
        ...(s.run.sequence ? { sequence: NEW, ...(s.run.uploads === undefined ? {} : { uploads: s.run.uploads }) } : {}),
        ...(s.run.failure === undefined ? {} : { failure: s.run.failure }),
      };
      const members = s.tasks.map((one, index) => (s.folders ? member(`hz-${index}`, one, OLD, NEW) : member(`hz-${index}`, one, OLD)));
      const actions = plan(
        external({ run: past, clusterState: s.state, members, uploads: { 'hz-0': s.uploads[0], 'hz-1': s.uploads[1] }, nowMs: NOW + s.late }),
      );
      const does = names(actions);
      if (does.includes('trigger')) assert.ok(past.sequence === undefined && past.triggeredAt === undefined && !s.folders && !s.tasks.includes('IN_PROGRESS'));
      if (does.includes('passivate')) assert.ok(does.indexOf('activate') > does.indexOf('trigger') && past.activate);
      if (does.includes('finish') && past.activate) assert.ok(does[0] === 'activate' || !['PASSIVE', 'IN_TRANSITION'].includes(s.state));
      if (does.includes('finish') && past.uploads === uploads) assert.ok(!s.uploads.includes(going));
      assert.ok(does.length > 0 && ['remember', 'finish', 'wait', 'upload'].includes(does.at(-1) ?? ''), 'a pass ends by something that is told');
    }),
  );
});
