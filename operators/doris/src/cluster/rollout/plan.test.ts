import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ORDER, rolloutPlan } from './plan.ts';
import type { Member, ObservedRollout, Part } from './plan.ts';

const member = (ordinal: number): fc.Arbitrary<Member> =>
  fc.record({
    ordinal: fc.constant(ordinal),
    pod: fc.constant(`p-${ordinal}`),
    template: fc.constantFrom('old' as const, 'new' as const, 'none' as const),
    ready: fc.boolean(),
    healthy: fc.boolean(),
    master: fc.constant(false),
    started: fc.constant('then'),
  });
const part = (name: Part['name']): fc.Arbitrary<Part> =>
  fc.integer({ min: 1, max: 4 }).chain((replicas) =>
    fc
      .record({
        name: fc.constant(name),
        seen: fc.constant(true),
        complete: fc.boolean(),
        replicas: fc.constant(replicas),
        partition: fc.integer({ min: 0, max: replicas }),
        members: fc.tuple(...Array.from({ length: replicas }, (_, ordinal) => member(ordinal))),
        masterMoves: fc.integer({ min: 0, max: 6 }),
        downgrade: fc.constant(undefined),
        master: fc.integer({ min: 0, max: replicas - 1 }),
      })
      .map(({ master, ...rest }) => ({
        ...rest,
        members: name === 'fe' ? rest.members.map((one) => ({ ...one, master: one.ordinal === master })) : rest.members,
      })),
  );
const observed: fc.Arbitrary<ObservedRollout> = fc.record({
  parts: fc.tuple(part('be'), part('fe'), part('cn'), part('broker')),
  scheduling: fc.constantFrom('asWas' as const, 'on' as const, 'repairing' as const, 'off' as const),
  behind: fc.constantFrom(0, 0, 3),
  paused: fc.boolean(),
});

test('no living node goes while another of its component, or a front end, is away', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = rolloutPlan(o);
      if (action?.do !== 'restart' || !action.member.ready) return;
      const needed = [...action.part.members, ...o.parts.filter((one) => one.name === 'fe').flatMap((one) => one.members)];
      for (const one of needed) assert.ok(one.ready && one.healthy && one.template !== 'none', `${one.pod} is away`);
    }),
    { numRuns: 2_000 },
  ));

test('never two components at once: nothing restarts while an earlier one is not done or any other is open', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = rolloutPlan(o);
      if (action?.do !== 'restart' && action?.do !== 'replace' && action?.do !== 'moveMaster') return;
      for (const other of o.parts) {
        if (other === action.part) continue;
        assert.equal(other.partition, other.replicas, `${other.name} is open`);
        if (ORDER.indexOf(other.name) < ORDER.indexOf(action.part.name)) assert.ok(other.members.every((one) => one.template !== 'old'));
      }
    }),
    { numRuns: 2_000 },
  ));

test('back ends and front ends only restart with scheduling off; paused nothing restarts', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = rolloutPlan(o);
      if (action?.do !== 'restart' && action?.do !== 'replace' && action?.do !== 'moveMaster') return;
      assert.equal(o.paused, false);
      if (action.part.name === 'be' || action.part.name === 'fe') assert.equal(o.scheduling, 'off');
      else assert.equal(o.scheduling, 'asWas');
    }),
    { numRuns: 2_000 },
  ));

test('no living back end restarts while a replica is behind, and repair goes on until none is', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = rolloutPlan(o);
      if (action?.do === 'restart' && action.part.name === 'be' && action.member.ready) assert.equal(o.behind, 0);
      if (action?.do === 'repair') assert.ok(o.behind > 0 && o.scheduling === 'off');
      if (action?.do === 'switchOff' && o.scheduling === 'repairing') assert.ok(o.behind === 0 || o.parts[0]?.members.every((one) => one.template !== 'old'));
    }),
    { numRuns: 2_000 },
  ));

test('whatever is left of a rollout, scheduling is put back: with nothing old and nothing open it is the only thing to do', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const parts = o.parts.map((one) => ({ ...one, partition: one.replicas, members: one.members.map((each) => ({ ...each, template: 'new' as const })) }));
      assert.deepEqual(rolloutPlan({ ...o, parts }), o.scheduling === 'asWas' ? undefined : { do: 'restore' });
    }),
  ));

test('the master is the last of three front ends to get a new template', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = rolloutPlan(o);
      if (action?.do !== 'restart' || action.part.name !== 'fe' || !action.member.master || action.part.members.length < 3 || !action.member.ready) return;
      assert.ok(action.part.members.every((one) => one === action.member || one.template === 'new'));
    }),
    { numRuns: 5_000 },
  ));
