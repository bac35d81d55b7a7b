import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Health } from '../../protocol/health.ts';
import { plan } from './plan.ts';
import type { Observed } from './plan.ts';
import type { Member } from './safety.ts';

const health = (clusterSize: number, more: Partial<Health> = {}): Health => ({
  nodeState: 'ACTIVE',
  clusterState: 'ACTIVE',
  clusterSafe: true,
  migrationQueueSize: 0,
  clusterSize,
  ...more,
});
const member = (ordinal: number, more: Partial<Member> = {}): Member => ({
  ordinal,
  terminating: false,
  revision: 'a',
  ready: true,
  health: undefined,
  ...more,
});
const crew = (count: number, each: (ordinal: number) => Partial<Member> = () => ({})) =>
  Array.from({ length: count }, (_, ordinal) => member(ordinal, { health: health(count), ...each(ordinal) }));
const live = { replicas: 3, partition: 3, changes: false, observed: true, updateRevision: 'a', complete: true };
const world = (more: Partial<Observed> = {}): Observed => ({
  wanted: 3,
  formed: true,
  incompatible: false,
  backup: undefined,
  live,
  members: crew(3),
  ...more,
});

test('a new cluster starts with all its members at once', () => {
  assert.deepEqual(plan(world({ live: undefined, members: [] })), { replicas: 3, partition: 3 });
});

test('a cluster at rest stays as it is, with the way to a roll-out shut', () => {
  assert.deepEqual(plan(world()), { replicas: 3, partition: 3 });
});

test('members of versions that form no cluster stop all, and come back when the last of them is gone', () => {
  assert.equal(plan(world({ incompatible: true })).replicas, 0);
  assert.equal(plan(world({ incompatible: true, live: { ...live, replicas: 0 }, members: crew(1) })).replicas, 0);
  assert.deepEqual(plan(world({ live: { ...live, replicas: 0 }, members: [] })), { replicas: 3, partition: 0 });
});

test('more members come at once, and from the template of now', () => {
  assert.deepEqual(plan(world({ wanted: 5 })), { replicas: 5, partition: 5 });
});

test('members leave one at a time', () => {
  const next = plan(world({ wanted: 3, live: { ...live, replicas: 5 }, members: crew(5) }));
  assert.deepEqual([next.replicas, next.waiting?.reason], [4, 'ScalingIn']);
});

test('no member leaves while another is still leaving', () => {
  const next = plan(world({ wanted: 3, live: { ...live, replicas: 4 }, members: crew(5, (ordinal) => (ordinal === 4 ? { terminating: true } : {})) }));
  assert.equal(next.replicas, 4);
  assert.match(next.waiting?.message ?? '', /member 4 is still leaving/);
});

test('no member leaves while copies are being made, a member is missing, or members see different clusters', () => {
  const held = (members: readonly Member[]) => plan(world({ wanted: 2, members })).replicas;
  assert.equal(held(crew(3, () => ({ health: health(3, { migrationQueueSize: 4 }) }))), 3);
  assert.equal(held(crew(3, () => ({ health: health(3, { clusterSafe: false }) }))), 3);
  assert.equal(held(crew(3, () => ({ health: health(3, { clusterState: 'PASSIVE' }) }))), 3);
  assert.equal(held(crew(3, (ordinal) => (ordinal === 0 ? { health: health(1) } : {}))), 3);
  assert.equal(held(crew(3, (ordinal) => (ordinal === 1 ? { health: undefined } : {}))), 3);
  assert.equal(held(crew(3, (ordinal) => (ordinal === 2 ? { health: undefined } : {}))), 3, 'the others count it still');
});

test('members that have not all met yet leave one by one as well where one is ready: it may hold data', () => {
  const forming = { formed: false, wanted: 1, live: { ...live, replicas: 4 } };
  const silent = (ready: boolean) => [0, 1, 2, 3].map((ordinal) => member(ordinal, { ready: ready && ordinal < 3 }));
  assert.equal(plan(world({ ...forming, members: silent(true) })).replicas, 4);
  assert.equal(plan(world({ ...forming, members: silent(false) })).replicas, 1);
});

test('a last member that never came up is given up without it being asked', () => {
  const members = [member(0, { health: health(2) }), member(1, { health: health(2) }), member(2, { ready: false })];
  assert.equal(plan(world({ wanted: 2, members })).replicas, 2);
});

test('a cluster is paused and resumed as a whole, and resumes with the template of now', () => {
  assert.deepEqual(plan(world({ wanted: 0 })), { replicas: 0, partition: 0 });
  assert.deepEqual(plan(world({ live: { ...live, replicas: 0, changes: true }, members: [] })), { replicas: 3, partition: 0 });
});

test('a changed template moves no pod by itself', () => {
  assert.equal(plan(world({ live: { ...live, partition: 0, changes: true } })).partition, 3);
});

test('members restart from the highest ordinal, each when it is safe', () => {
  const changed = { ...live, updateRevision: 'b', complete: false };
  assert.equal(plan(world({ live: changed })).partition, 2);
  const one = crew(3, (ordinal) => (ordinal === 2 ? { revision: 'b' } : {}));
  assert.equal(plan(world({ live: { ...changed, partition: 2 }, members: one })).partition, 1);
  const copying = one.map((each) => ({ ...each, health: health(3, { clusterSafe: false }) }));
  assert.equal(plan(world({ live: { ...changed, partition: 2 }, members: copying })).partition, 2);
  const away = one.filter(({ ordinal }) => ordinal !== 2);
  assert.equal(plan(world({ live: { ...changed, partition: 2 }, members: away })).partition, 2);
});

test('a member that never comes up from a wrong image gets the right one at once', () => {
  const broken = [member(0, { health: health(2) }), member(1, { health: health(2) }), member(2, { ready: false, revision: 'wrong' })];
  assert.equal(plan(world({ live: { ...live, updateRevision: 'a', complete: false }, members: broken })).partition, 2);
  const allBroken = crew(3, () => ({ health: undefined, ready: false, revision: 'wrong' }));
  assert.equal(plan(world({ formed: false, live: { ...live, updateRevision: 'a', complete: false }, members: allBroken })).partition, 2);
});

test('members restart and leave when a backup has ended, which is told; one that takes part in nothing restarts all the same', () => {
  const changed = { ...live, updateRevision: 'b', complete: false };
  const backup = "HotBackup 'nightly'";
  const restart = plan(world({ live: changed, backup }));
  assert.deepEqual([restart.partition, restart.waiting?.message], [3, "member 2 restarts when HotBackup 'nightly' has ended"]);
  const leave = plan(world({ wanted: 2, backup }));
  assert.deepEqual([leave.replicas, leave.waiting?.message], [3, "member 2 leaves when HotBackup 'nightly' has ended"]);
  const broken = [member(0, { health: health(2) }), member(1, { health: health(2) }), member(2, { ready: false, revision: 'wrong' })];
  assert.equal(plan(world({ live: { ...live, complete: false }, members: broken, backup })).partition, 2);
  assert.deepEqual(plan(world({ wanted: 0, backup })), { replicas: 0, partition: 0 });
});

const anyHealth = fc.record({
  nodeState: fc.constant('ACTIVE'),
  clusterState: fc.constantFrom('ACTIVE', 'PASSIVE'),
  clusterSafe: fc.boolean(),
  migrationQueueSize: fc.integer({ min: 0, max: 2 }),
  clusterSize: fc.integer({ min: 1, max: 5 }),
});
const observed: fc.Arbitrary<Observed> = fc.integer({ min: 1, max: 5 }).chain((replicas) =>
  fc.record({
    wanted: fc.integer({ min: 0, max: 6 }),
    formed: fc.boolean(),
    incompatible: fc.constant(false),
    backup: fc.option(fc.constant("HotBackup 'nightly'"), { nil: undefined }),
    live: fc.record({
      replicas: fc.constant(replicas),
      partition: fc.integer({ min: 0, max: 6 }),
      changes: fc.boolean(),
      observed: fc.boolean(),
      updateRevision: fc.constantFrom('a', 'b'),
      complete: fc.boolean(),
    }),
    members: fc
      .tuple(
        ...Array.from({ length: replicas + 1 }, (_, ordinal) =>
          fc.option(
            fc.record({
              ordinal: fc.constant(ordinal),
              terminating: fc.boolean(),
              revision: fc.constantFrom('a', 'b'),
              ready: fc.boolean(),
              health: fc.option(anyHealth, { nil: undefined }),
            }),
            { nil: undefined },
          ),
        ),
      )
      .map((list) => list.filter((one) => one !== undefined)),
  }),
);

test('whatever is observed, a formed cluster that goes on loses at most one member, and only while the rest has all the data', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const next = plan(o);
      const replicas = o.live?.replicas ?? 0;
      if (o.wanted === 0 || !o.formed || next.replicas >= replicas) return;
      assert.equal(o.backup, undefined);
      assert.equal(next.replicas, replicas - 1);
      assert.ok(next.replicas >= o.wanted);
      const members = o.members.filter(({ ordinal }) => ordinal < replicas);
      const said = members.flatMap((one) => (one.health === undefined ? [] : [one.health]));
      assert.ok(said.every((one) => one.clusterSafe && one.migrationQueueSize === 0 && one.clusterState === 'ACTIVE' && one.clusterSize === said.length));
      assert.ok(members.filter(({ ordinal }) => ordinal < next.replicas).every((one) => one.health !== undefined && !one.terminating));
      assert.ok(!o.members.some(({ ordinal }) => ordinal >= replicas));
    }),
    { numRuns: 2000 },
  ));

test('whatever is observed, opening the roll-out lets at most one outdated member through', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const next = plan(o);
      const { live: now } = o;
      if (now === undefined || o.wanted < now.replicas || now.changes || !now.observed || next.partition >= now.partition) return;
      const through = o.members.filter(
        ({ ordinal, revision, terminating }) => ordinal >= next.partition && ordinal < now.replicas && revision !== now.updateRevision && !terminating,
      );
      assert.ok(through.length <= 1, JSON.stringify(next));
    }),
    { numRuns: 2000 },
  ));
