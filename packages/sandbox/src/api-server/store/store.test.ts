import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiObject } from '../object.ts';
import { HistoryGone, WriteRace, createStore } from './store.ts';

const object = (name: string, value: number): ApiObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, value });
const names = fc.constantFrom('a', 'b', 'a/x', 'a-b/x', 'c');

test('a list at a revision is what the list was then, whatever was written since', () =>
  fc.assert(
    fc.property(fc.array(fc.record({ name: names, remove: fc.boolean() }), { maxLength: 40 }), (writes) => {
      const store = createStore();
      const seen = [{ revision: store.revision, json: JSON.stringify([]) }];
      for (const [index, { name, remove }] of writes.entries()) {
        const before = store.get('things', name);
        if (remove && before !== undefined) store.remove('things', name, before.object, before);
        else store.put('things', name, object(name, index), before);
        seen.push({ revision: store.revision, json: JSON.stringify(store.list('things', '').map((entry) => entry.object)) });
      }
      for (const { revision, json } of seen) {
        assert.equal(JSON.stringify(store.listAt('things', '', revision).map((entry) => entry.object)), json);
      }
    }),
  ));

test('every write has a revision of its own, removals too, and the object carries it', () => {
  const store = createStore();
  const first = store.put('things', 'a', object('a', 1), undefined);
  const other = store.put('others', 'a', object('a', 1), undefined);
  const gone = store.remove('things', 'a', first.object, first);
  assert.ok(first.revision < other.revision && other.revision < gone.revision);
  assert.equal(gone.object.metadata.resourceVersion, String(gone.revision));
});

test('who has read another version than the stored one writes nothing', () => {
  const store = createStore();
  const first = store.put('things', 'a', object('a', 1), undefined);
  store.put('things', 'a', object('a', 2), first);
  const { revision } = store;
  assert.throws(() => store.put('things', 'a', object('a', 3), first), WriteRace);
  assert.throws(() => store.put('things', 'a', object('a', 3), undefined), WriteRace);
  assert.equal(store.revision, revision);
});

test('history is bounded: what is older than it is refused, not made up', () => {
  const store = createStore({ history: 5 });
  for (let value = 0; value < 30; value++) store.put('things', 'a', object('a', value), store.get('things', 'a'));
  assert.throws(() => store.changesSince('things', 2), HistoryGone);
  assert.equal(store.changesSince('things', store.revision - 5).length, 5);
});

test('a journal that cannot be written keeps the write from happening', () => {
  const store = createStore({
    journal() {
      throw new Error('disk full');
    },
  });
  assert.throws(() => store.put('things', 'a', object('a', 1), undefined), /disk full/);
  assert.equal(store.get('things', 'a'), undefined);
});
