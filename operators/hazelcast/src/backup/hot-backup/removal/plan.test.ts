import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { removalPlan } from './plan.ts';
import type { Observed, VolumeState } from './plan.ts';

const volume = fc.record({ claim: fc.constantFrom('a', 'b'), ordinal: fc.nat(3), job: fc.constantFrom('none', 'running', 'done', 'failed') });
const observed: fc.Arbitrary<Observed> = fc.record({
  folder: fc.constant('backup-1767225600000'),
  wanted: fc.boolean(),
  neededBy: fc.option(fc.constant('restored'), { nil: undefined }),
  keptBecause: fc.option(fc.constant('its cluster is gone'), { nil: undefined }),
  volumes: fc.array(volume, { maxLength: 4 }) as fc.Arbitrary<readonly VolumeState[]>,
});

test('nothing is taken off a volume that was not asked for, that somebody is to be restored from, or that is not this backup’s alone', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = removalPlan(o);
      if (action.do !== 'remove') return;
      assert.ok(o.wanted && o.neededBy === undefined && o.keptBecause === undefined);
      assert.ok(
        action.volumes.every(({ job }) => job === 'none'),
        'once each',
      );
    }),
  ));

test('a HotBackup does not go before its backup is off every volume, unless it says why the backup stays', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = removalPlan(o);
      if (action.do !== 'finish' || !o.wanted || action.kept !== undefined) return;
      assert.ok(o.volumes.every(({ job }) => job === 'done'));
      assert.equal(action.removed, o.volumes.length > 0);
    }),
  ));

test('a Job that failed holds the HotBackup, and the user is told the way out', () => {
  const volumes = [
    { claim: 'persistence-hazelcast-0', ordinal: 0, job: 'done' },
    { claim: 'persistence-hazelcast-1', ordinal: 1, job: 'failed' },
  ] as const;
  const action = removalPlan({ folder: 'backup-1767225600000', wanted: true, neededBy: undefined, keptBecause: undefined, volumes });
  assert.ok(action.do === 'wait' && action.reason === 'RemovalFails');
  assert.match(action.message, /^backup-1767225600000 could not be taken off persistence-hazelcast-1: .*deletionPolicy to Retain$/);
});
