import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AnyLive } from './id.ts';
import { store } from './store.ts';

function object(name: string, uid: string, resourceVersion: number, more: { readonly namespace?: string; readonly owner?: string } = {}): AnyLive {
  const { namespace = 'prod', owner } = more;
  const ownerReferences = owner === undefined ? [] : [{ apiVersion: 'v1', kind: 'Pod', name: 'owner', uid: owner }];
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid, resourceVersion: String(resourceVersion), creationTimestamp, ownerReferences } };
}

test('the deletion of an object that was replaced since takes nothing away', () => {
  const pods = store();
  pods.put(object('a', 'old', 1));
  assert.deepEqual(
    pods.put(object('a', 'new', 3)).map(({ type, now }) => `${type} ${now.metadata.uid}`),
    ['deleted old', 'added new'],
  );
  assert.deepEqual(pods.remove(object('a', 'old', 2)), []);
  assert.equal(pods.get({ namespace: 'prod', name: 'a' })?.metadata.uid, 'new');
});

test('an older version changes nothing', () => {
  const pods = store();
  pods.put(object('a', 'u', 10));
  assert.deepEqual(pods.put(object('a', 'u', 9)), []);
});

test('children are found by the UID of their owner, also after they changed hands', () => {
  const pods = store();
  pods.put(object('b', 'b', 1, { owner: 'x' }));
  pods.put(object('a', 'a', 2, { owner: 'x' }));
  assert.deepEqual(
    pods.ownedBy('x').map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
  pods.put(object('a', 'a', 3, { owner: 'y' }));
  pods.remove(object('b', 'b', 4, { owner: 'x' }));
  assert.deepEqual(pods.ownedBy('x'), []);
  assert.equal(pods.ownedBy('y').length, 1);
});

test('a list is sorted, of one namespace or all, and is not built anew while nothing changes there', () => {
  const pods = store();
  for (const [name, namespace] of [
    ['b', 'prod'],
    ['a', 'prod'],
    ['c', 'dev'],
  ] as const)
    pods.put(object(name, name, 1, { namespace }));
  const prod = pods.list('prod');
  assert.deepEqual(
    pods.list().map(({ metadata }) => metadata.name),
    ['c', 'a', 'b'],
  );
  pods.put(object('d', 'd', 2, { namespace: 'dev' }));
  assert.equal(pods.list('prod'), prod);
  assert.equal(pods.list('dev').length, 2);
});

test('reading one namespace anew leaves the others alone', () => {
  const pods = store();
  pods.put(object('a', 'a', 1));
  pods.put(object('b', 'b', 2, { namespace: 'dev' }));
  assert.deepEqual(
    pods.replace([], 'prod').map(({ type, now }) => `${type} ${now.metadata.name}`),
    ['deleted a'],
  );
  assert.equal(pods.size, 1);
});

test('however objects come, change and go, a list by labels is what a look at all of them finds', () => {
  const labels = fc.dictionary(fc.constantFrom('app', 'part'), fc.constantFrom('x', 'y'));
  const change = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), namespace: fc.constantFrom('one', 'two'), labels, goes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change), labels, fc.option(fc.constantFrom('one', 'two'), { nil: undefined }), (changes, wanted, namespace) => {
      const pods = store();
      for (const [index, one] of changes.entries()) {
        pods.list(namespace, wanted);
        const { metadata, ...rest } = object(one.name, `${one.namespace}/${one.name}`, index + 1, one);
        if (one.goes) pods.remove({ ...rest, metadata });
        else pods.put({ ...rest, metadata: { ...metadata, labels: one.labels } });
      }
      const fits = ({ metadata }: AnyLive) => Object.entries(wanted).every(([name, value]) => metadata.labels?.[name] === value);
      assert.deepEqual(pods.list(namespace, wanted), pods.list(namespace).filter(fits));
    }),
  );
});
