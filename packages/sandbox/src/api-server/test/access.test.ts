import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { User } from '../index.ts';
import { CONFIG, testServer } from './server.ts';
import type { TestServer } from './server.ts';

const ALICE: User = { name: 'alice', groups: ['dev'] };
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ROLES = `${RBAC}/namespaces/default/roles`;
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;

async function grant(world: TestServer, rules: readonly object[], name = 'r'): Promise<void> {
  await world.ask('POST', ROLES, { metadata: { name }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const made = await world.ask('POST', BINDINGS, { metadata: { name }, roleRef, subjects: [{ apiGroup: roleRef.apiGroup, kind: 'User', name: 'alice' }] });
  assert.equal(made.status, 201);
}

test('nobody may do what no role lets it, and the refusal says what that was', async () => {
  await using world = await testServer();
  const alice = async (path: string) => (await world.ask('GET', path, undefined, {}, ALICE)).json?.message;
  assert.equal(await alice(CONFIG), 'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default"');
  assert.equal(await alice('/api/v1/nodes'), 'nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope');
  assert.equal(await alice('/metrics'), 'forbidden: User "alice" cannot get path "/metrics"');
  assert.equal(
    await alice('/apis/apps/v1/namespaces/t1/deployments/g/status'),
    'deployments.apps "g" is forbidden: User "alice" cannot get resource "deployments/status" in API group "apps" in the namespace "t1"',
  );
  assert.equal((await world.ask('GET', '/apis', undefined, {}, ALICE)).status, 200);
});

test('a rule for one name lets that name be read and watched, not the others and not made', async () => {
  await using world = await testServer();
  await grant(world, [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'], resourceNames: ['mine'] }]);
  await world.ask('POST', CONFIG, { metadata: { name: 'mine' } });
  const status = async (path: string) => (await world.ask('GET', path, undefined, {}, ALICE)).status;
  assert.deepEqual([await status(`${CONFIG}/mine`), await status(`${CONFIG}/yours`), await status(CONFIG)], [200, 403, 403]);
  assert.equal(await status(`${CONFIG}?fieldSelector=metadata.name%3Dmine`), 200);
  assert.equal((await world.ask('POST', CONFIG, { metadata: { name: 'mine' } }, {}, ALICE)).status, 403);
});

test('nobody gives away rights that it does not have', async () => {
  await using world = await testServer();
  await grant(world, [
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
  ]);
  const role = (verbs: readonly string[], name: string) =>
    world.ask('POST', ROLES, { metadata: { name }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }] }, {}, ALICE);
  assert.equal((await role(['get'], 'same')).status, 201);
  const more = await role(['get', 'delete'], 'more');
  assert.equal(more.status, 403);
  assert.match(
    more.json.message,
    /attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["configmaps"\], Verbs:\["delete"\]\}/,
  );
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const bound = await world.ask('POST', BINDINGS, { metadata: { name: 'up' }, roleRef, subjects: [{ kind: 'User', name: 'alice' }] }, {}, ALICE);
  assert.equal(bound.status, 403);
});

test('an access review answers as the server would decide, and says by which rule', async () => {
  await using world = await testServer();
  await grant(world, [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const ask = async (verb: string) => {
    const { json } = await world.ask('POST', path, { spec: { resourceAttributes: { namespace: 'default', verb, resource: 'pods' } } }, {}, ALICE);
    return json.status;
  };
  assert.deepEqual(await ask('get'), { allowed: true, reason: 'RBAC: allowed by RoleBinding "r/default" of Role "r" to User "alice"' });
  assert.deepEqual(await ask('delete'), { allowed: false });
});

test('the edit and admin roles contain what view contains', async () => {
  await using world = await testServer();
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
  await world.ask('POST', BINDINGS, { metadata: { name: 'a' }, roleRef, subjects: [{ kind: 'User', name: 'alice' }] });
  const statefulSets = '/apis/apps/v1/namespaces/default/statefulsets';
  assert.equal((await world.ask('GET', statefulSets, undefined, {}, ALICE)).status, 200);
  assert.equal((await world.ask('GET', '/apis/apps/v1/statefulsets', undefined, {}, ALICE)).status, 403);
});

test('a pod runs as an account that exists', async () => {
  await using world = await testServer();
  const pod = { metadata: { name: 'p' }, spec: { serviceAccountName: 'ghost', containers: [{ name: 'c', image: 'x' }] } };
  const refused = await world.ask('POST', '/api/v1/namespaces/default/pods', pod);
  assert.equal(refused.status, 403);
  assert.match(refused.json.message, /serviceaccount "ghost" not found$/);
});
