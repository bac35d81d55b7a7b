import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH, verdict } from './requests.ts';

const target = await openTarget();
const HOLD = 'example.com/hold';

const gone = (path: string) => eventually(`${path} is gone`, async () => (await target.ask('GET', path)).status === 404);
const release = (path: string) => done(target, 'PATCH', path, { metadata: { finalizers: null } }, PATCH.merge);

/** A ConfigMap that `owners` own. */
async function owned(ns: TestNamespace, name: string, owners: readonly any[], more: object = {}): Promise<string> {
  const ownerReferences = owners.map(({ kind, apiVersion, metadata, block }) => ({
    apiVersion: apiVersion ?? 'v1',
    kind: kind ?? 'ConfigMap',
    name: metadata.name,
    uid: metadata.uid,
    ...(block === undefined ? {} : { blockOwnerDeletion: block }),
  }));
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name, ownerReferences, ...more } });
  return `${ns.path('configmaps')}/${name}`;
}

test('30. a finalizer holds an object: marked, open to edits, closed to new finalizers, gone with the last one', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('configmaps')}/a`;
  const made = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'a', finalizers: [HOLD] } });
  const marked = await target.ask('DELETE', path);
  assert.deepEqual([marked.status, marked.json.kind, marked.json.metadata.deletionGracePeriodSeconds], [200, 'ConfigMap', 0]);
  assert.match(marked.json.metadata.deletionTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const again = await done(target, 'DELETE', path);
  assert.equal(again.metadata.resourceVersion, marked.json.metadata.resourceVersion);
  const more = await target.ask('PATCH', path, { body: { metadata: { finalizers: [HOLD, 'ex.io/g'] } }, headers: PATCH.merge });
  assert.deepEqual(verdict(more), [422, 'Invalid']);
  const text = 'no new finalizers can be added if the object is being deleted, found new finalizers []string{"ex.io/g"}';
  assert.ok(more.json.message.includes(`metadata.finalizers: Forbidden: ${text}`), more.json.message);
  const before = await done(target, 'PATCH', path, { data: { x: '1' } }, PATCH.merge);
  assert.equal(before.data.x, '1');
  // From its version: a watch without one may begin with an object of a moment before.
  const from = `resourceVersion=${before.metadata.resourceVersion}`;
  await using events = await target.watch(`${ns.path('configmaps')}?watch=true&fieldSelector=metadata.name%3Da&${from}`);
  const last = await release(path);
  assert.equal(last.metadata.resourceVersion, before.metadata.resourceVersion, 'the answer to the last removal has the old version');
  assert.equal((await events.next())!.type, 'DELETED');
  assert.equal((await target.ask('GET', path)).status, 404);
  assert.equal(last.metadata.uid, made.metadata.uid);
});

test('30. finalizers have qualified names', async () => {
  await using ns = await target.namespace();
  const refused = await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name: 'a', finalizers: ['foo'] } } });
  assert.equal(refused.status, 422);
  assert.match(refused.json.message, /name is neither a standard finalizer name nor is it fully qualified/);
});

test('31. a deletion with preconditions takes only the object that was meant', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('configmaps')}/a`;
  const made = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'a' } });
  const other = await target.ask('DELETE', path, { body: { preconditions: { uid: 'nope' } } });
  assert.deepEqual(verdict(other), [409, 'Conflict']);
  assert.match(
    other.json.message,
    /the UID in the precondition \(nope\) does not match the UID in record \(.*\)\. The object might have been deleted and then recreated/,
  );
  assert.equal((await target.ask('DELETE', path, { body: { preconditions: { resourceVersion: '1' } } })).status, 409);
  const status = await done(target, 'DELETE', path, { preconditions: { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion } });
  assert.deepEqual([status.kind, status.status, status.details], ['Status', 'Success', { name: 'a', kind: 'configmaps', uid: made.metadata.uid }]);
  const both = await target.ask('DELETE', path, { body: { orphanDependents: true, propagationPolicy: 'Background' } });
  assert.equal(both.status, 422);
});

/** Runs, where there is a node for it. */
const POD = { containers: [{ name: 'c', image: target.images.sleeper }] };

test('32. a pod without a node goes at once, and the answer is the pod', async () => {
  await using ns = await target.namespace();
  const spec = { ...POD, nodeSelector: { 'example.com/none': 'here' } };
  await done(target, 'POST', ns.path('pods'), { metadata: { name: 'a' }, spec });
  const deleted = await done(target, 'DELETE', `${ns.path('pods')}/a`);
  assert.equal(deleted.kind, 'Pod');
  await gone(`${ns.path('pods')}/a`);
});

test('32. a pod on a node has its grace; it may be shortened, not prolonged, and 0 takes it at once', async () => {
  await using ns = await target.namespace();
  // Of a node that nobody is, so nobody but the test ends it; each of another, since those of a node that is missing for most of a minute are collected.
  const onNode = async (name: string, more: object = {}) => {
    await done(target, 'POST', ns.path('pods'), { metadata: { name }, spec: { ...POD, ...more, nodeName: `nobody-${ns.name}-${name}` } });
    return `${ns.path('pods')}/${name}`;
  };
  const a = await onNode('a');
  const ending = await done(target, 'DELETE', a, { gracePeriodSeconds: 20 });
  assert.equal(ending.metadata.deletionGracePeriodSeconds, 20);
  assert.ok(Date.parse(ending.metadata.deletionTimestamp) > Date.parse(ending.metadata.creationTimestamp) + 15_000);
  const longer = await done(target, 'DELETE', a, { gracePeriodSeconds: 25 });
  assert.equal(longer.metadata.deletionGracePeriodSeconds, 20);
  const shorter = await done(target, 'DELETE', a, { gracePeriodSeconds: 5 });
  assert.equal(shorter.metadata.deletionGracePeriodSeconds, 5);
  assert.ok(Date.parse(shorter.metadata.deletionTimestamp) < Date.parse(ending.metadata.deletionTimestamp));
  await done(target, 'DELETE', a, { gracePeriodSeconds: 0 });
  assert.equal((await target.ask('GET', a)).status, 404);
  const b = await onNode('b', { terminationGracePeriodSeconds: 7 });
  assert.equal((await done(target, 'DELETE', b)).metadata.deletionGracePeriodSeconds, 7);
  await done(target, 'DELETE', b, { gracePeriodSeconds: 0 });
  const c = await onNode('c');
  await done(target, 'PATCH', `${c}/status`, { status: { phase: 'Succeeded' } }, PATCH.merge);
  await done(target, 'DELETE', c);
  assert.equal((await target.ask('GET', c)).status, 404, 'what has ended needs no grace');
});

test('33. foreground: the owner waits for dependents that block it, and for no others', needs(target, 'controllers'), async () => {
  await using ns = await target.namespace();
  const owner = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'owner' } });
  const blocking = await owned(ns, 'blocking', [{ ...owner, block: true }], { finalizers: [HOLD] });
  const free = await owned(ns, 'free', [{ ...owner, block: false }], { finalizers: [HOLD] });
  const path = `${ns.path('configmaps')}/owner`;
  const answer = await done(target, 'DELETE', path, { propagationPolicy: 'Foreground' });
  assert.deepEqual(answer.metadata.finalizers, ['foregroundDeletion']);
  const marked = async (child: string) => (await done(target, 'GET', child)).metadata.deletionTimestamp !== undefined;
  await eventually('both dependents are being deleted', async () => (await marked(blocking)) && (await marked(free)));
  assert.equal((await target.ask('GET', path)).status, 200);
  await release(blocking);
  await gone(path);
  assert.equal((await target.ask('GET', free)).status, 200);
  await release(free);
});

test('34. background: a dependent goes when all its owners are gone; of several the dead ones are struck out', needs(target, 'controllers'), async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const one = await done(target, 'POST', maps, { metadata: { name: 'one' } });
  const two = await done(target, 'POST', maps, { metadata: { name: 'two' } });
  const child = await owned(ns, 'child', [one, two]);
  await done(target, 'DELETE', `${maps}/one`);
  await eventually('only the living owner is left', async () => (await done(target, 'GET', child)).metadata.ownerReferences.length === 1);
  assert.equal((await done(target, 'GET', child)).metadata.ownerReferences[0].uid, two.metadata.uid);
  await done(target, 'DELETE', `${maps}/two`, { propagationPolicy: 'Background' });
  await gone(child);
});

test('34. orphan: dependents stay, without their owner', needs(target, 'controllers'), async () => {
  await using ns = await target.namespace();
  const owner = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'owner' } });
  const child = await owned(ns, 'child', [owner]);
  const answer = await done(target, 'DELETE', `${ns.path('configmaps')}/owner`, { propagationPolicy: 'Orphan' });
  assert.deepEqual(answer.metadata.finalizers, ['orphan']);
  await gone(`${ns.path('configmaps')}/owner`);
  assert.equal((await done(target, 'GET', child)).metadata.ownerReferences, undefined);
});

test('34. an owner is known by uid and name, in the same namespace; of an unknown kind it is left alone', needs(target, 'controllers'), async () => {
  await using ns = await target.namespace();
  await using elsewhere = await target.namespace();
  const owner = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'owner' } });
  const stranger = await done(target, 'POST', elsewhere.path('configmaps'), { metadata: { name: 'stranger' } });
  const wrongUid = await owned(ns, 'wrong-uid', [{ metadata: { name: 'owner', uid: '00000000-0000-4000-8000-000000000000' } }]);
  const wrongName = await owned(ns, 'wrong-name', [{ metadata: { name: 'other', uid: owner.metadata.uid } }]);
  const abroad = await owned(ns, 'abroad', [stranger]);
  const unknown = await owned(ns, 'unknown-kind', [{ kind: 'Nothing', apiVersion: 'none.example.com/v1', metadata: { name: 'x', uid: 'u-1' } }]);
  for (const path of [wrongUid, wrongName, abroad]) await gone(path);
  assert.equal((await target.ask('GET', unknown)).status, 200);
  const noUid = { metadata: { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner' }] } };
  assert.equal((await target.ask('POST', ns.path('configmaps'), { body: noUid })).status, 422);
  const controller = (name: string, uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true });
  const twice = { metadata: { name: 'a', ownerReferences: [controller('owner', owner.metadata.uid), controller('other', 'u-2')] } };
  assert.equal((await target.ask('POST', ns.path('configmaps'), { body: twice })).status, 422);
});

test('35. a Job’s pods stay when nothing is said, with a warning', async () => {
  await using ns = await target.namespace();
  const jobs = ns.path('jobs', 'batch/v1');
  const template = { spec: { restartPolicy: 'Never', ...POD } };
  await done(target, 'POST', jobs, { metadata: { name: 'j', finalizers: [HOLD] }, spec: { suspend: true, template } });
  const answer = await target.ask('DELETE', `${jobs}/j`);
  assert.match(answer.headers['warning'] ?? '', /child pods are preserved by default when jobs are deleted/);
  assert.ok(answer.json.metadata.finalizers.includes('orphan'));
  await eventually('the orphans are let go', async () => !(await done(target, 'GET', `${jobs}/j`)).metadata.finalizers.includes('orphan')).catch(
    (error: unknown) => {
      if (target.features.controllers) throw error;
    },
  );
  await release(`${jobs}/j`);
});

test('35. a collection is deleted by selector, and the answer lists what it was', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('secrets');
  for (const name of ['a', 'b', 'c']) await done(target, 'POST', maps, { metadata: { name, labels: { go: name === 'c' ? 'no' : 'yes' } } });
  const answer = await done(target, 'DELETE', `${maps}?labelSelector=go%3Dyes`);
  assert.equal(answer.kind, 'SecretList');
  const left = (await done(target, 'GET', `${maps}?labelSelector=go`)).items.map((item: any) => item.metadata.name);
  assert.deepEqual(left, ['c']);
});

test('36. a namespace takes all that is in it along, waits for finalizers, and takes nothing new', needs(target, 'controllers'), async () => {
  await using ns = await target.namespace();
  const held = `${ns.path('configmaps')}/held`;
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'held', finalizers: [HOLD] } });
  await done(target, 'POST', ns.path('secrets'), { metadata: { name: 's' } });
  const path = `/api/v1/namespaces/${ns.name}`;
  const answer = await done(target, 'DELETE', path);
  assert.equal(answer.status.phase, 'Terminating');
  const late = await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name: 'late' } } });
  assert.deepEqual(verdict(late), [403, 'Forbidden']);
  const why = `unable to create new content in namespace ${ns.name} because it is being terminated`;
  assert.equal(late.json.message, `configmaps "late" is forbidden: ${why}`);
  assert.equal(late.json.details.causes[0].reason, 'NamespaceTerminating');
  await gone(`${ns.path('secrets')}/s`);
  await eventually('the namespace says what it waits for', async () => {
    const { status } = await done(target, 'GET', path);
    return status.conditions?.some((c: any) => c.type === 'NamespaceFinalizersRemaining' && c.status === 'True' && c.message.includes(HOLD));
  });
  await release(held);
  await gone(path);
  await done(target, 'POST', '/api/v1/namespaces', { metadata: { name: ns.name } });
});

test('36. namespaces are labelled with their name, and some are kept from deletion', async () => {
  await using ns = await target.namespace();
  const found = await done(target, 'GET', `/api/v1/namespaces/${ns.name}`);
  assert.deepEqual([found.metadata.labels['kubernetes.io/metadata.name'], found.spec.finalizers, found.status.phase], [ns.name, ['kubernetes'], 'Active']);
  for (const name of ['default', 'kube-system', 'kube-public']) {
    const refused = await target.ask('DELETE', `/api/v1/namespaces/${name}`);
    assert.deepEqual([refused.status, refused.json.message.endsWith('this namespace may not be deleted')], [403, true]);
  }
});
