import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster } from '../test/cluster.ts';
import type { Backup } from './api/hot-backup.ts';
import { turns } from './turns.ts';

const hz = cluster();
const hb = (uid: string, status: object = {}): Backup =>
  // Sound: nothing else of it is looked at.
  ({ metadata: { namespace: 'default', name: uid, uid }, spec: { hazelcastResourceName: 'hazelcast' }, status }) as unknown as Backup;

test('while a member is told to stop no backup begins, and the other way round', () => {
  const all = [hb('a')];
  const of = turns();
  {
    using stopping = of.stop(hz, all);
    assert.notEqual(stopping, undefined);
    assert.equal(of.take(hb('a'), all), false);
  }
  assert.equal(of.take(hb('a'), all), true);
  assert.equal(of.stop(hz, all), undefined);
  of.give(hb('a'));
  assert.notEqual(of.stop(hz, all), undefined);
});

test('of a backup that has begun its status tells, not the turn', () => {
  const of = turns();
  of.take(hb('a'), [hb('a')]);
  const begun = [hb('a', { run: {} })];
  {
    using stopping = of.stop(hz, begun);
    assert.notEqual(stopping, undefined);
  }
  assert.equal(of.take(hb('b'), begun), false, 'the backup has it still');
});

test('a HotBackup that went without a word has no turn any more', () => {
  const of = turns();
  of.take(hb('a'), [hb('a')]);
  assert.equal(of.take(hb('b'), [hb('a'), hb('b')]), false);
  assert.equal(of.take(hb('b'), [hb('b')]), true);
  assert.notEqual(of.stop(hz, []), undefined);
});
