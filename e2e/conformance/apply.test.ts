import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../raw.ts';
import { openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH, things, verdict } from './requests.ts';

const target = await openTarget();

/** A Deployment that nothing runs of, with one container. */
function deployment(name: string, more: object = {}, container: object = {}) {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: target.images.sleeper, ...container }] } };
  const spec = { selector: { matchLabels: { app: name } }, template, paused: true, ...more };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

const deploymentPath = (ns: TestNamespace, name: string) => `${ns.path('deployments', 'apps/v1')}/${name}`;

function apply(path: string, body: unknown, manager: string, more = ''): Promise<Answer> {
  return target.ask('PATCH', `${path}?fieldManager=${manager}${more}`, { body, headers: PATCH.apply });
}

function applyMap(ns: TestNamespace, manager: string, data: object | null | undefined, more = ''): Promise<Answer> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...(data === undefined ? {} : { data }) };
  return apply(`${ns.path('configmaps')}/a`, body, manager, more);
}

/** What a manager is written down to own. */
function owns(object: any, manager: string, operation = 'Apply'): any {
  return object.metadata.managedFields.find((entry: any) => entry.manager === manager && entry.operation === operation)?.fieldsV1;
}

test('39. labels that are no longer applied go alone: finalizers of the cluster, which nobody owns, stay', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('persistentvolumeclaims')}/a`;
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const claim = (more: object) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'a', ...more }, spec });
  const made = await apply(path, claim({ labels: { app: 'x' } }), 'm1');
  assert.deepEqual(made.json.metadata.finalizers, ['kubernetes.io/pvc-protection']);
  const less = await apply(path, claim({}), 'm1');
  assert.deepEqual([less.status, less.json.metadata.labels, less.json.metadata.finalizers], [200, undefined, ['kubernetes.io/pvc-protection']]);
});

test('38. an apply creates, does nothing when nothing differs, and is refused what another manager owns unless forced', async () => {
  await using ns = await target.namespace();
  const made = await applyMap(ns, 'm1', { x: '1', y: '1' });
  assert.equal(made.status, 201);
  assert.deepEqual(owns(made.json, 'm1'), { 'f:data': { 'f:x': {}, 'f:y': {} } });
  const again = await applyMap(ns, 'm1', { x: '1', y: '1' });
  assert.deepEqual([again.status, again.json.metadata.resourceVersion], [200, made.json.metadata.resourceVersion]);

  const refused = await applyMap(ns, 'm2', { x: '2' });
  assert.deepEqual(verdict(refused), [409, 'Conflict']);
  assert.equal(refused.json.message, 'Apply failed with 1 conflict: conflict with "m1": .data.x');
  assert.deepEqual(refused.json.details.causes, [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.x' }]);
  const two = await applyMap(ns, 'm2', { x: '2', y: '2' });
  assert.equal(two.json.message, 'Apply failed with 2 conflicts: conflicts with "m1":\n- .data.x\n- .data.y');

  const shared = await applyMap(ns, 'm2', { x: '1' });
  assert.equal(shared.status, 200, 'who wants the same value shares it');
  assert.deepEqual(owns(shared.json, 'm2'), { 'f:data': { 'f:x': {} } });
  const forced = await applyMap(ns, 'm2', { x: '2' }, '&force=true');
  assert.deepEqual([forced.status, forced.json.data], [200, { x: '2', y: '1' }]);
  assert.deepEqual(owns(forced.json, 'm1'), { 'f:data': { 'f:y': {} } });
});

test('38. an update takes over what it changes, and an apply of it is a conflict that names who and how', async () => {
  await using ns = await target.namespace();
  await applyMap(ns, 'm1', { x: '1' });
  const path = `${ns.path('configmaps')}/a`;
  const updated = await done(target, 'PATCH', `${path}?fieldManager=by-hand`, { data: { x: '2' } }, PATCH.merge);
  assert.deepEqual(owns(updated, 'by-hand', 'Update'), { 'f:data': { 'f:x': {} } });
  assert.equal(owns(updated, 'm1'), undefined, 'a manager that owns nothing is not kept');
  const refused = await applyMap(ns, 'm1', { x: '1' });
  assert.equal(refused.json.message, 'Apply failed with 1 conflict: conflict with "by-hand" using v1: .data.x');
  const agent = await target.ask('PATCH', path, { body: { data: { z: '1' } }, headers: { ...PATCH.merge, 'user-agent': 'tool/1.2 (x)' } });
  assert.deepEqual(owns(agent.json, 'tool', 'Update'), { 'f:data': { 'f:z': {} } });
});

test('39. what a manager leaves out goes, unless somebody else owns it too; a field with a default falls back to it', async () => {
  await using ns = await target.namespace();
  await applyMap(ns, 'm1', { x: '1', y: '1' });
  await applyMap(ns, 'm2', { y: '1' });
  assert.deepEqual((await applyMap(ns, 'm1', {})).json.data, { y: '1' });
  const path = deploymentPath(ns, 'd');
  assert.equal((await apply(path, deployment('d', { replicas: 3 }), 'm1')).json.spec.replicas, 3);
  assert.equal((await apply(path, deployment('d'), 'm1')).json.spec.replicas, 1, 'the trap for those who hand over to an autoscaler');
  await apply(path, deployment('d', { replicas: 3 }), 'm1');
  await done(target, 'PATCH', `${path}/scale?fieldManager=scaler`, { spec: { replicas: 5 } }, PATCH.merge);
  assert.equal((await apply(path, deployment('d'), 'm1')).json.spec.replicas, 5, 'scaled by another, it is no longer ours to take');
});

test('40. items of a list with keys are owned one by one; a key that has a default is filled in', async () => {
  await using ns = await target.namespace();
  const path = deploymentPath(ns, 'd');
  const made = (await apply(path, deployment('d', {}, { ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] }), 'm1')).json;
  const container = owns(made, 'm1')['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"c"}'];
  assert.deepEqual(container['f:ports'], { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } });
  const both = await apply(path, deployment('d', {}, { ports: [{ containerPort: 80, protocol: 'UDP' }], env: [{ name: 'B', value: '2' }] }), 'm2');
  const [c] = both.json.spec.template.spec.containers;
  assert.deepEqual(
    c.ports.map((port: any) => port.protocol),
    ['TCP', 'UDP'],
  );
  assert.deepEqual(c.env, [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ]);
  const [left] = (await apply(path, deployment('d'), 'm1')).json.spec.template.spec.containers;
  assert.deepEqual([left.ports, left.env], [[{ containerPort: 80, protocol: 'UDP' }], [{ name: 'B', value: '2' }]]);
});

test('41. sets, atomic lists and maps, and granular maps of a custom kind are owned as its schema says', async () => {
  await using ns = await target.namespace();
  const strings = { type: 'array', items: { type: 'string' } };
  const pairs = { type: 'object', additionalProperties: { type: 'string' } };
  const properties = {
    set: { ...strings, 'x-kubernetes-list-type': 'set' },
    plain: strings,
    granular: pairs,
    atomic: { ...pairs, 'x-kubernetes-map-type': 'atomic' },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' }, w: { type: 'string' } } },
    },
  };
  await using custom = await things(target, { properties: { spec: { type: 'object', properties } } });
  const path = `${custom.path(ns.name)}/a`;
  const thing = (spec: object) => ({ apiVersion: `${custom.group}/v1`, kind: 'Thing', metadata: { name: 'a' }, spec });
  const one = { set: ['a', 'b'], plain: ['a'], granular: { a: '1' }, atomic: { a: '1' }, keyed: [{ k: 'x', v: '1' }] };
  const made = await apply(path, thing(one), 'm1');
  assert.equal(made.status, 201);
  assert.deepEqual(owns(made.json, 'm1')['f:spec'], {
    'f:set': { 'v:"a"': {}, 'v:"b"': {} },
    'f:plain': {},
    'f:granular': { 'f:a': {} },
    'f:atomic': {},
    'f:keyed': { 'k:{"k":"x"}': { '.': {}, 'f:k': {}, 'f:v': {} } },
  });
  const two = await apply(path, thing({ set: ['b', 'c'], granular: { b: '2' }, keyed: [{ k: 'x', w: '2' }, { k: 'y' }] }), 'm2');
  assert.deepEqual(two.json.spec, {
    ...one,
    set: ['a', 'b', 'c'],
    granular: { a: '1', b: '2' },
    keyed: [{ k: 'x', v: '1', w: '2' }, { k: 'y' }],
  });
  const conflict = await apply(path, thing({ plain: ['b'], atomic: { b: '1' } }), 'm2');
  assert.equal(conflict.status, 409);
  assert.match(conflict.json.message, /conflicts with "m1":\n- \.spec\.atomic\n- \.spec\.plain/);
  // `b` of the set belongs to both; the first keeps it, and its own field of item x.
  const back = await apply(path, thing({}), 'm2');
  assert.deepEqual(back.json.spec, one);
});

test('42. what is wrong with an apply: 400 for what does not fit, 422 for options, 500 for what the schema does not have', async () => {
  await using ns = await target.namespace();
  const path = deploymentPath(ns, 'd');
  const body = deployment('d');
  const nobody = await target.ask('PATCH', path, { body, headers: PATCH.apply });
  assert.equal(nobody.status, 422);
  assert.match(nobody.json.message, /fieldManager: Required value: is required for apply patch/);
  assert.equal((await apply(path, body, 'm'.repeat(129))).status, 422);
  const forced = await target.ask('PATCH', `${ns.path('configmaps')}/a?force=true`, { body: {}, headers: PATCH.merge });
  assert.equal(forced.status, 422);
  assert.equal((await apply(path, { ...body, kind: 'StatefulSet' }, 'm')).status, 400);
  assert.equal((await apply(path, { ...body, metadata: { name: 'other' } }, 'm')).status, 400);
  const fields = await apply(path, { ...body, metadata: { managedFields: [{ manager: 'x' }] } }, 'm');
  assert.deepEqual([fields.status, fields.json.message], [400, 'metadata.managedFields must be nil']);
  const uid = await apply(path, { ...body, metadata: { uid: 'some' } }, 'm');
  assert.equal(uid.status, 409);
  const named = `(${ns.name}/d; apps/v1, Kind=Deployment)`;
  for (const [spec, message] of [
    [{ foo: 1 }, '.spec.foo: field not declared in schema'],
    [{ replicas: 'three' }, '.spec.replicas: expected numeric (int or float), got string'],
  ] as const) {
    const answer = await apply(path, { ...deployment('d', spec), metadata: { name: 'd', namespace: ns.name } }, 'm');
    assert.equal(answer.status, 500);
    assert.ok(answer.json.message.includes(`failed to create typed patch object ${named}: ${message}`), answer.json.message);
  }
  const twice = deployment('d');
  twice.spec.template.spec.containers.push({ name: 'c', image: 'x' });
  const doubled = await apply(path, twice, 'm');
  assert.equal(doubled.status, 500);
  assert.ok(doubled.json.message.includes('duplicate entries for key [name="c"]'), doubled.json.message);
  const made = await apply(path, body, 'm');
  assert.equal(made.status, 201);
  const stale = await apply(path, { ...deployment('d', { replicas: 2 }), metadata: { resourceVersion: '1' } }, 'm');
  assert.deepEqual(verdict(stale), [409, 'Conflict']);
});

test('43. fields written through a subresource are owned apart', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('services')}/s`;
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } };
  await apply(path, { ...service, spec: { ports: [{ port: 80 }] } }, 'm');
  const condition = { type: 'example.com/Mine', status: 'True', reason: 'Because', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const written = await apply(`${path}/status`, { ...service, status: { conditions: [condition] } }, 'm');
  assert.equal(written.status, 200, written.text);
  const entries = written.json.metadata.managedFields.filter((entry: any) => entry.manager === 'm');
  assert.deepEqual(new Set(entries.map((entry: any) => entry.subresource)), new Set([undefined, 'status']));
  const own = entries.find((entry: any) => entry.subresource === 'status');
  assert.deepEqual([own.operation, own.apiVersion, own.fieldsType], ['Apply', 'v1', 'FieldsV1']);
  assert.deepEqual(Object.keys(own.fieldsV1['f:status']['f:conditions']), ['k:{"type":"example.com/Mine"}']);
});

test('43. what the server makes of a change is nobody’s: the node port of a Service that becomes one with node ports', async () => {
  await using ns = await target.namespace();
  const path = ns.path('services');
  await done(target, 'POST', path, { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
  const changed = await done(target, 'PATCH', `${path}/a?fieldManager=other`, { spec: { type: 'NodePort' } }, PATCH.merge);
  assert.ok(changed.spec.ports[0].nodePort > 0);
  assert.deepEqual(owns(changed, 'other', 'Update'), { 'f:spec': { 'f:externalTrafficPolicy': {}, 'f:type': {} } });
});

test('43. a write through a subresource owns nothing that the subresource does not write, and no replicas that nobody owned', async () => {
  await using ns = await target.namespace();
  const path = deploymentPath(ns, 'a');
  await apply(path, deployment('a'), 'm1');
  const live = await done(target, 'GET', path);
  const labelled = { ...live, metadata: { ...live.metadata, labels: { a: 'b' }, resourceVersion: undefined } };
  const written = await done(target, 'PUT', `${path}/status?fieldManager=status&dryRun=All`, labelled);
  assert.deepEqual([written.metadata.labels, owns(written, 'status', 'Update')?.['f:metadata']], [undefined, undefined]);
  await done(target, 'PATCH', `${path}/scale?fieldManager=scaler`, { spec: { replicas: 2 } }, PATCH.merge);
  assert.equal(owns(await done(target, 'GET', path), 'scaler', 'Update'), undefined);
});

test('43. a Scale has owners like any object: an apply of what another has scaled is a conflict, and a write that changes nothing tells them apart', async () => {
  await using ns = await target.namespace();
  const path = deploymentPath(ns, 'd');
  await done(target, 'POST', `${ns.path('deployments', 'apps/v1')}?fieldManager=maker`, deployment('d', { replicas: 2 }));
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec: { replicas: 0 } };
  const refused = await apply(`${path}/scale`, scale, 'm1');
  assert.equal(refused.status, 409);
  assert.equal(refused.json.details.causes[0].field, '.spec.replicas');
  assert.equal((await apply(`${path}/scale`, scale, 'm1', '&force=true')).status, 200);
  const forced = await done(target, 'GET', path);
  assert.deepEqual([forced.spec.replicas, owns(forced, 'm1')], [0, { 'f:spec': { 'f:replicas': {} } }]);
  await done(target, 'PATCH', `${path}?fieldManager=maker`, { spec: { replicas: 3 } }, PATCH.merge);
  const before = await done(target, 'GET', path);
  await done(target, 'PATCH', `${path}/scale?fieldManager=maker`, { spec: { replicas: 3 } }, PATCH.merge);
  const { metadata } = await done(target, 'GET', path);
  assert.notEqual(metadata.resourceVersion, before.metadata.resourceVersion);
  const entries = metadata.managedFields.filter(({ manager }: any) => manager === 'maker');
  const owning = entries.map(({ fieldsV1 }: any) => 'f:replicas' in fieldsV1['f:spec']);
  assert.deepEqual([owning, 'time' in entries[0]], [[true, false], false]);
});

test('37. what has no type of its own is held to one after conflicts are told', async () => {
  await using ns = await target.namespace();
  const path = ns.path('poddisruptionbudgets', 'policy/v1');
  await done(target, 'POST', path, { metadata: { name: 'b' }, spec: { minAvailable: 1 } });
  const wrong = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { minAvailable: [] } };
  assert.equal((await apply(`${path}/b`, wrong, 'm1')).status, 409);
  assert.equal((await apply(`${path}/b`, wrong, 'm1', '&force=true')).status, 500);
});

test('43. an object whose managers were wiped out belongs to before-first-apply', async () => {
  await using ns = await target.namespace();
  await applyMap(ns, 'm1', { x: '1' });
  const wiped = await done(target, 'PATCH', `${ns.path('configmaps')}/a`, { metadata: { managedFields: [{}] } }, PATCH.merge);
  assert.equal(wiped.metadata.managedFields, undefined);
  const refused = await applyMap(ns, 'm2', { x: '2' });
  assert.equal(refused.json.message, 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x');
});

test('44. an object of client-side apply becomes one of server-side apply the way kubectl does it: one owner is left', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('configmaps')}/a`;
  const last = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': last };
  await done(target, 'POST', `${ns.path('configmaps')}?fieldManager=kubectl-client-side-apply`, { metadata: { name: 'a', annotations }, data: { x: '1' } });
  const first = (await applyMap(ns, 'kubectl', { x: '1' })).json;
  assert.ok(owns(first, 'kubectl-client-side-apply', 'Update') !== undefined);
  // kubectl moves the old manager's fields to its own entry, against the version it read.
  const managedFields = first.metadata.managedFields.filter((entry: any) => entry.manager === 'kubectl');
  const moved = await done(
    target,
    'PATCH',
    path,
    [
      { op: 'replace', path: '/metadata/managedFields', value: managedFields },
      { op: 'replace', path: '/metadata/resourceVersion', value: first.metadata.resourceVersion },
    ],
    PATCH.json,
  );
  assert.deepEqual(
    moved.metadata.managedFields.map((entry: any) => entry.manager),
    ['kubectl'],
  );
  assert.equal((await applyMap(ns, 'kubectl', { y: '2' })).json.data.x, undefined);
});
