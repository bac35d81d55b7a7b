import { kind } from '@binnacle/client';
import { ConfigMap, CustomResourceDefinition, Namespace, Secret } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCluster } from '../../../test/cluster.ts';

const owner = (object: { readonly metadata: { readonly name: string; readonly uid: string } }, over: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: object.metadata.name,
  uid: object.metadata.uid,
  ...over,
});
const owned = (...ownerReferences: readonly object[]) => ({ metadata: { ownerReferences } });

test('an object goes with the last of its owners, and the dead ones are struck out before', async () => {
  await using cluster = await testCluster();
  const [a, b] = [await cluster.create(ConfigMap, 'a', {}), await cluster.create(ConfigMap, 'b', {})];
  await cluster.create(Secret, 'shared', owned(owner(a), owner(b)));
  await cluster.delete(ConfigMap, 'a');
  await cluster.until(Secret, 'shared', ({ metadata }) => metadata.ownerReferences?.length === 1 && metadata.ownerReferences[0]!.name === 'b');
  await cluster.delete(ConfigMap, 'b');
  await cluster.untilGone(Secret, 'shared');
});

test('in the foreground an owner waits for dependents that block it, through all generations, and not for others', async () => {
  await using cluster = await testCluster();
  const a = await cluster.create(ConfigMap, 'a', {});
  const child = await cluster.create(ConfigMap, 'child', { metadata: { ...owned(owner(a, { blockOwnerDeletion: true })).metadata } });
  await cluster.create(Secret, 'grandchild', { metadata: { ...owned(owner(child, { blockOwnerDeletion: true })).metadata, finalizers: ['test.io/hold'] } });
  await cluster.create(Secret, 'loose', { metadata: { ...owned(owner(a)).metadata, finalizers: ['test.io/hold'] } });
  await cluster.delete(ConfigMap, 'a', 'Foreground');
  await cluster.clock.advance(60_000);
  assert.ok(await cluster.get(ConfigMap, 'a'), 'its grandchild still holds it');
  await cluster.merge(Secret, 'grandchild', { metadata: { finalizers: null } });
  await cluster.untilGone(ConfigMap, 'a');
  assert.equal(await cluster.get(ConfigMap, 'child'), undefined);
  assert.ok(await cluster.get(Secret, 'loose'));
});

test('orphaned objects stay, without their owner', async () => {
  await using cluster = await testCluster();
  const a = await cluster.create(ConfigMap, 'a', {});
  await cluster.create(Secret, 'child', owned(owner(a)));
  await cluster.delete(ConfigMap, 'a', 'Orphan');
  await cluster.untilGone(ConfigMap, 'a');
  await cluster.clock.advance(60_000);
  assert.equal((await cluster.get(Secret, 'child'))?.metadata.ownerReferences, undefined);
});

test('an owner is meant by UID and name; of a kind nobody knows, it may be there', async () => {
  await using cluster = await testCluster();
  const a = await cluster.create(ConfigMap, 'a', {});
  await cluster.create(Secret, 'wrong-uid', owned(owner(a, { uid: 'another' })));
  await cluster.create(Secret, 'wrong-name', owned(owner(a, { name: 'b' })));
  await cluster.create(Secret, 'unknown-kind', owned(owner(a, { apiVersion: 'x.io/v1', kind: 'Nothing' })));
  await cluster.untilGone(Secret, 'wrong-uid');
  await cluster.untilGone(Secret, 'wrong-name');
  await cluster.clock.advance(60_000);
  assert.ok(await cluster.get(Secret, 'unknown-kind'));
});

test('kinds that are defined while it runs own and are owned like others', async () => {
  await using cluster = await testCluster();
  const Thing = kind<{ readonly metadata?: object }, 'Namespaced'>({ group: 'x.io', version: 'v1', kind: 'Thing', plural: 'things', scope: 'Namespaced' });
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const names = { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' };
  await cluster.create(CustomResourceDefinition, 'things.x.io', {
    spec: { group: 'x.io', scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] },
  });
  await cluster.until(
    CustomResourceDefinition,
    'things.x.io',
    ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') === true,
  );
  const thing = await cluster.create(Thing, 'one', {});
  await cluster.create(Secret, 'child', owned(owner(thing, { apiVersion: 'x.io/v1', kind: 'Thing' })));
  await cluster.clock.advance(10_000);
  assert.ok(await cluster.get(Secret, 'child'));
  await cluster.delete(CustomResourceDefinition, 'things.x.io');
  await cluster.untilGone(Secret, 'child');
});

test('a namespace empties itself and goes; what a finalizer holds shows in its conditions', async () => {
  await using cluster = await testCluster();
  await cluster.create(ConfigMap, 'plain', {});
  await cluster.create(Secret, 'held', { metadata: { finalizers: ['test.io/hold'] } });
  await cluster.delete(Namespace, 'ns');
  const { status } = await cluster.until(
    Namespace,
    'ns',
    (now) => now.status?.conditions?.some(({ type, status: is }) => type === 'NamespaceFinalizersRemaining' && is === 'True') === true,
  );
  assert.equal(status?.phase, 'Terminating');
  assert.match(status?.conditions?.find(({ type }) => type === 'NamespaceFinalizersRemaining')?.message ?? '', /test\.io\/hold in 1 resource instances/);
  await cluster.merge(Secret, 'held', { metadata: { finalizers: null } });
  await cluster.untilGone(Namespace, 'ns');
});
