import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { disruption } from './disruption.ts';
import type { Peer } from './disruption.ts';

const peers = fc
  .array(fc.record({ serving: fc.boolean(), counts: fc.boolean() }), { minLength: 1, maxLength: 7 })
  .map((all) => all.map((one, ordinal): Peer => ({ pod: `p-${ordinal}`, ...one })));
const serving = (all: readonly Peer[], but: string) => all.filter((one) => one.counts && one.serving && one.pod !== but).length;

test('a pod that is let go never takes a quorum along that there is and could be kept', () =>
  fc.assert(
    fc.property(peers, fc.nat(6), (all, ordinal) => {
      const { pod } = all[ordinal % all.length]!;
      const voters = all.filter(({ counts }) => counts).length;
      const quorum = Math.floor(voters / 2) + 1;
      const had = serving(all, '') >= quorum;
      if (disruption('fe', pod, all).type === 'harmless' && had) assert.ok(serving(all, pod) >= quorum);
      if (disruption('fe', pod, all).type === 'outage') assert.ok(voters - 1 < quorum, 'there would be a better moment');
    }),
  ));

test('with all of them serving a pod is never refused, so that whoever waits gets through', () =>
  fc.assert(
    fc.property(peers, fc.constantFrom('fe' as const, 'be' as const), (all, component) => {
      const well = all.map((one) => ({ ...one, serving: true }));
      for (const { pod } of well) assert.notEqual(disruption(component, pod, well).type, 'costly');
    }),
  ));

test('two back ends that hold data are never away at once, and one that does not serve may always go', () =>
  fc.assert(
    fc.property(peers, fc.nat(6), (all, ordinal) => {
      const own = all[ordinal % all.length]!;
      const { type } = disruption('be', own.pod, all);
      if (!own.serving) assert.equal(type, 'harmless');
      else if (own.counts && type === 'harmless') assert.ok(all.every((one) => !one.counts || one.serving));
    }),
  ));

test('one front end of three is missing: the message counts the votes', () => {
  const all = [true, true, false].map((up, ordinal) => ({ pod: `fe-${ordinal}`, serving: up, counts: true }));
  assert.deepEqual(disruption('fe', 'fe-0', all), {
    type: 'costly',
    message: 'fe-2 is not serving already: without fe-0 only 1 of 3 front ends with a vote, and 2 are needed',
  });
});

test('with one back end away the next one goes when every tablet keeps a copy, and is refused with the count when it does not', () => {
  const all = [true, true, false].map((up, ordinal): Peer => ({ pod: `be-${ordinal}`, serving: up, counts: true }));
  const copies = { away: ['be-2'], tablets: new Map([['be-1', 4]]) };
  assert.equal(disruption('be', 'be-0', all, copies).type, 'outage', 'let through, with a warning');
  assert.deepEqual(disruption('be', 'be-1', all, copies), {
    type: 'costly',
    message: 'be-2 is not serving, and be-1 holds the last copy of 4 tablets that can be reached',
  });
  assert.equal(disruption('be', 'be-0', all, { ...copies, away: [] }).type, 'costly', 'looked up while be-2 was there');
});
