import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import type { Answer } from '../raw.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH, verdict } from './requests.ts';

const target = await openTarget();
const RBAC = 'rbac.authorization.k8s.io/v1';

/** Somebody new, with no rights but everybody's. */
interface Somebody {
  readonly name: string;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Gives rights in a namespace, and waits until they count. */
  grant(ns: TestNamespace, rules: readonly object[], role?: string): Promise<void>;
}

function somebody(): Somebody {
  const name = `alice-${randomUUID().slice(0, 8)}`;
  const as = { 'impersonate-user': name, 'impersonate-group': 'dev' };
  const ask: Somebody['ask'] = (method, path, body, headers = {}) =>
    target.ask(method, path, { ...(body === undefined ? {} : { body }), headers: { ...as, ...headers } });
  return {
    name,
    ask,
    async grant(ns, rules, role = 'r') {
      await done(target, 'POST', ns.path('roles', RBAC), { metadata: { name: role }, rules });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role };
      const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }];
      await done(target, 'POST', ns.path('rolebindings', RBAC), { metadata: { name: role }, roleRef, subjects });
      const { verbs, resources, apiGroups, resourceNames } = rules[0] as any;
      const [resource, subresource] = resources[0].split('/');
      const attributes = { namespace: ns.name, verb: verbs[0], group: apiGroups[0], resource, subresource, name: resourceNames?.[0] };
      await eventually('the role counts', async () => (await review(ask, attributes)).allowed);
    },
  };
}

async function review(ask: Somebody['ask'], resourceAttributes: object): Promise<any> {
  return (await ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes } })).json.status;
}

test('61. nobody may do what no role lets them, and the refusal says what that was', async () => {
  await using ns = await target.namespace();
  const alice = somebody();
  const message = async (path: string) => {
    const answer = await alice.ask('GET', path);
    assert.deepEqual(verdict(answer), [403, 'Forbidden'], path);
    return answer.json.message;
  };
  const who = `User "${alice.name}" cannot`;
  assert.equal(
    await message(ns.path('configmaps')),
    `configmaps is forbidden: ${who} list resource "configmaps" in API group "" in the namespace "${ns.name}"`,
  );
  assert.equal(await message('/api/v1/nodes'), `nodes is forbidden: ${who} list resource "nodes" in API group "" at the cluster scope`);
  assert.equal(await message('/metrics'), `forbidden: ${who} get path "/metrics"`);
  assert.equal(
    await message(`${ns.path('deployments', 'apps/v1')}/g/status`),
    `deployments.apps "g" is forbidden: ${who} get resource "deployments/status" in API group "apps" in the namespace "${ns.name}"`,
  );
  assert.equal((await alice.ask('GET', '/apis')).status, 200);
});

test('61. without credentials, or with wrong ones', async () => {
  const wrong = await target.ask('GET', '/api/v1/nodes', { headers: { authorization: 'Bearer nonsense' } });
  assert.deepEqual([wrong.status, wrong.json.message], [401, 'Unauthorized']);
  const nobody = await target.ask('GET', '/api/v1/nodes', { headers: { authorization: '' } });
  assert.ok([401, 403].includes(nobody.status), `${nobody.status}`);
});

test('61. a subresource is another resource; a rule for one name covers that name alone, in lists too, and nothing new', async () => {
  await using ns = await target.namespace();
  const alice = somebody();
  await alice.grant(ns, [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['*'], resourceNames: ['mine'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  ]);
  const maps = ns.path('configmaps');
  await done(target, 'POST', maps, { metadata: { name: 'mine' } });
  const status = async (path: string) => (await alice.ask('GET', path)).status;
  assert.deepEqual([await status(`${maps}/mine`), await status(`${maps}/yours`), await status(maps)], [200, 403, 403]);
  assert.equal(await status(`${maps}?fieldSelector=metadata.name%3Dmine`), 200);
  assert.equal((await alice.ask('POST', maps, { metadata: { name: 'mine' } })).status, 403);
  assert.equal((await alice.ask('DELETE', maps)).status, 403);
  assert.deepEqual([await status(`${ns.path('pods')}/p`), await status(`${ns.path('pods')}/p/log`)], [403, 404]);
});

test('61. an apply that would create needs the right to create as well', async () => {
  await using ns = await target.namespace();
  const alice = somebody();
  await alice.grant(ns, [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }]);
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
  const apply = () => alice.ask('PATCH', `${ns.path('configmaps')}/a?fieldManager=me`, body, PATCH.apply);
  assert.equal((await apply()).status, 403);
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'a' } });
  assert.equal((await apply()).status, 200);
});

test('61. nobody gives away rights that they do not have; a binding stays with its role', async () => {
  await using ns = await target.namespace();
  const alice = somebody();
  await alice.grant(ns, [
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create'] },
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
  ]);
  const role = (name: string, verbs: readonly string[]) =>
    alice.ask('POST', ns.path('roles', RBAC), { metadata: { name }, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }] });
  assert.equal((await role('same', ['get'])).status, 201);
  const more = await role('more', ['get', 'delete']);
  assert.equal(more.status, 403);
  const lacking = /attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["configmaps"\], Verbs:\["delete"\]\}/;
  assert.match(more.json.message, lacking);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' };
  const bound = await alice.ask('POST', ns.path('rolebindings', RBAC), { metadata: { name: 'up' }, roleRef, subjects: [{ kind: 'User', name: alice.name }] });
  assert.equal(bound.status, 403);
  const moved = await target.ask('PATCH', `${ns.path('rolebindings', RBAC)}/r`, { body: { roleRef: { name: 'other' } }, headers: PATCH.merge });
  assert.equal(moved.status, 422);
});

test('61. speaking for somebody else is a right like others', async () => {
  const alice = somebody();
  const asAlice = await alice.ask('GET', '/api/v1/nodes');
  assert.ok(asAlice.json.message.includes(alice.name));
  const review = await alice.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
  assert.equal(review.json.status.userInfo.username, alice.name);
  assert.deepEqual(new Set(review.json.status.userInfo.groups), new Set(['dev', 'system:authenticated']));
});

test('61. reviews tell what the server would decide, and by which rule', async () => {
  await using ns = await target.namespace();
  const alice = somebody();
  await alice.grant(ns, [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
  const get = await review(alice.ask, { namespace: ns.name, verb: 'get', resource: 'pods' });
  assert.deepEqual(get, { allowed: true, reason: `RBAC: allowed by RoleBinding "r/${ns.name}" of Role "r" to User "${alice.name}"` });
  assert.equal((await review(alice.ask, { namespace: ns.name, verb: 'delete', resource: 'pods' })).allowed, false);
  const about = (spec: object) => target.ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } });
  const resourceAttributes = { namespace: ns.name, verb: 'get', resource: 'pods' };
  assert.equal((await about({ user: alice.name, resourceAttributes })).json.status.allowed, true);
  assert.equal((await about({ resourceAttributes })).status, 422);
  const rules = await alice.ask('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: ns.name } });
  assert.ok(rules.json.status.resourceRules.some((rule: any) => rule.resources.includes('pods') && rule.verbs.includes('get')));
});

test('61. tokens of ServiceAccounts: made on request, known by the server, and dead with their account', async () => {
  await using ns = await target.namespace();
  await done(target, 'POST', ns.path('serviceaccounts'), { metadata: { name: 'robot' } });
  const path = `${ns.path('serviceaccounts')}/robot`;
  const request = (spec: object) => target.ask('POST', `${path}/token`, { body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec } });
  const short = await request({ expirationSeconds: 60 });
  assert.equal(short.status, 422);
  assert.match(short.json.message, /may not specify a duration less than 10 minutes/);
  const { token, expirationTimestamp } = (await request({ expirationSeconds: 3600 })).json.status;
  assert.ok(Date.parse(expirationTimestamp) > Date.now() + 3_000_000);
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  assert.equal(claims.sub, `system:serviceaccount:${ns.name}:robot`);
  assert.equal(claims['kubernetes.io'].serviceaccount.name, 'robot');
  const reviewed = async (text: string) =>
    (await target.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token: text } } })).json.status;
  const known = await reviewed(token);
  assert.deepEqual([known.authenticated, known.user.username], [true, claims.sub]);
  assert.ok(known.user.groups.includes(`system:serviceaccounts:${ns.name}`));
  const bad = await reviewed('nonsense');
  assert.deepEqual([bad.authenticated ?? false, typeof bad.error], [false, 'string']);
  const withToken = async () => await target.ask('GET', ns.path('pods'), { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await withToken()).status, 403);
  await done(target, 'DELETE', path);
  await eventually('the token is dead', async () => (await withToken()).status === 401);
});

/** Asks for a token of `robot`; `spec` beside its life. */
async function tokenFor(ns: TestNamespace, spec: object): Promise<Answer> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600, ...spec } };
  return target.ask('POST', `${ns.path('serviceaccounts')}/robot/token`, { body });
}

async function tokenReview(spec: object): Promise<any> {
  return (await target.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec } })).json.status;
}

test('61. a token that is bound to an object dies with it, and binds to nothing else', async () => {
  await using ns = await target.namespace();
  await done(target, 'POST', ns.path('serviceaccounts'), { metadata: { name: 'robot' } });
  const secret = await done(target, 'POST', ns.path('secrets'), { metadata: { name: 's' } });
  const ref = { apiVersion: 'v1', kind: 'Secret', name: 's' };
  const bind = (boundObjectRef: object) => tokenFor(ns, { boundObjectRef });
  const other = await bind({ ...ref, uid: 'other' });
  assert.deepEqual(verdict(other), [409, 'Conflict']);
  assert.match(other.json.message, /the UID in the bound object reference \(other\) does not match the UID in record/);
  assert.deepEqual(verdict(await bind({ ...ref, name: 'none' })), [404, 'NotFound']);
  const map = await bind({ apiVersion: 'v1', kind: 'ConfigMap', name: 's' });
  assert.deepEqual([map.status, map.json.message], [400, 'cannot bind token to object of type /v1, Kind=ConfigMap']);
  const { token } = (await bind({ ...ref, uid: secret.metadata.uid })).json.status;
  assert.equal((await tokenReview({ token })).authenticated, true);
  await done(target, 'DELETE', `${ns.path('secrets')}/s`);
  await eventually('the token is dead', async () => (await tokenReview({ token })).authenticated !== true);
});

test('61. a token for somebody else opens nothing here, and a review asks for whom it is', async () => {
  await using ns = await target.namespace();
  await done(target, 'POST', ns.path('serviceaccounts'), { metadata: { name: 'robot' } });
  const { token } = (await tokenFor(ns, { audiences: ['vault'] })).json.status;
  assert.equal((await target.ask('GET', ns.path('pods'), { headers: { authorization: `Bearer ${token}` } })).status, 401);
  assert.equal((await tokenReview({ token })).authenticated ?? false, false);
  const asked = await tokenReview({ token, audiences: ['vault', 'bank'] });
  assert.deepEqual([asked.authenticated, asked.audiences], [true, ['vault']]);
});

test('62. every pod gets a token of its account, the authority and its namespace, unless it wants none', async () => {
  await using ns = await target.namespace();
  const path = '/var/run/secrets/kubernetes.io/serviceaccount';
  const own = [{ name: 'own', mountPath: path }];
  const containers = [{ name: 'c', image: target.images.sleeper }];
  const make = (name: string, spec: object) => done(target, 'POST', `${ns.path('pods')}?dryRun=All`, { metadata: { name }, spec: { containers, ...spec } });
  const { spec } = await make('p', {});
  const [volume] = spec.volumes;
  assert.match(volume.name, /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(volume.projected, {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
    defaultMode: 420,
  });
  assert.deepEqual(spec.containers[0].volumeMounts, [{ name: volume.name, readOnly: true, mountPath: path }]);
  assert.equal((await make('p', { automountServiceAccountToken: false })).spec.volumes, undefined);
  const volumes = [{ name: 'own', emptyDir: {} }];
  assert.equal((await make('p', { containers: [{ ...containers[0], volumeMounts: own }], volumes })).spec.volumes.length, 1);
  await done(target, 'POST', ns.path('serviceaccounts'), { metadata: { name: 'shy' }, automountServiceAccountToken: false });
  assert.equal((await make('p', { serviceAccountName: 'shy' })).spec.volumes, undefined);
  assert.equal((await make('p', { serviceAccountName: 'shy', automountServiceAccountToken: true })).spec.volumes.length, 1);
});

test('62. a token of a pod names it and its node, and dies with it', needs(target, 'node'), async () => {
  await using ns = await target.namespace();
  await done(target, 'POST', ns.path('serviceaccounts'), { metadata: { name: 'robot' } });
  const bare = { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: target.images.sleeper }] };
  const pod = `${ns.path('pods')}/p`;
  await done(target, 'POST', ns.path('pods'), { metadata: { name: 'p' }, spec: { ...bare, serviceAccountName: 'robot' } });
  await done(target, 'POST', ns.path('pods'), { metadata: { name: 'q' }, spec: bare });
  const { metadata, spec } = await eventually('a node', async () => {
    const { json } = await target.ask('GET', pod);
    return json.spec.nodeName !== undefined && json;
  });
  const wrong = await tokenFor(ns, { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'q' } });
  assert.deepEqual(verdict(wrong), [400, 'BadRequest']);
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: metadata.uid };
  const { token } = (await tokenFor(ns, { boundObjectRef })).json.status;
  const { user } = await tokenReview({ token });
  assert.deepEqual(user.extra['authentication.kubernetes.io/pod-name'], ['p']);
  assert.deepEqual(user.extra['authentication.kubernetes.io/pod-uid'], [metadata.uid]);
  if (user.extra['authentication.kubernetes.io/node-name'] !== undefined)
    assert.deepEqual(user.extra['authentication.kubernetes.io/node-name'], [spec.nodeName]);
  await target.ask('DELETE', pod);
  await eventually('the token is dead', async () => (await tokenReview({ token })).authenticated !== true);
});

test('62. a new namespace has its account and the authority of the cluster', needs(target, 'controllers'), async () => {
  await using ns = await target.namespace();
  const found = await eventually('the certificate', async () => {
    const map = await target.ask('GET', `${ns.path('configmaps')}/kube-root-ca.crt`);
    return map.status === 200 && map.json;
  });
  assert.match(found.data['ca.crt'], /BEGIN CERTIFICATE/);
});
