import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH, spec, thing, things } from './requests.ts';

const target = await openTarget();

/** What is complained of, field by field, sorted. */
const causes = (json: any): readonly string[] => (json.details?.causes ?? []).map(({ reason, field }: any) => `${reason} ${field}`).toSorted();

const labels = { app: 'a' };
const pod = (more: object = {}) => ({ containers: [{ name: 'c', image: target.images.sleeper }], ...more });
const deployment = (template: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: { selector: { matchLabels: labels }, template },
});
const claim = (more: object) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'a' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
});
const plural: Readonly<Record<string, string>> = {
  Pod: 'pods',
  Deployment: 'deployments',
  Service: 'services',
  Job: 'jobs',
  Ingress: 'ingresses',
  RoleBinding: 'rolebindings',
  PodDisruptionBudget: 'poddisruptionbudgets',
  PersistentVolumeClaim: 'persistentvolumeclaims',
};
/** An object as it is sent. */
interface Sent {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const pathOf = (ns: TestNamespace, { apiVersion, kind }: Sent) => ns.path(plural[kind]!, ...(apiVersion === 'v1' ? [] : [apiVersion]));

test('51. what is wrong with built-in objects is told where Kubernetes tells it', async () => {
  await using ns = await target.namespace();
  const container = { name: 'c', image: target.images.sleeper };
  const ingress = (backend: object) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'a' }, spec: { defaultBackend: backend } });
  const budget = (more: object, metadata: object = {}) => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'a', ...metadata },
    spec: more,
  });
  const long = 'x'.repeat(64);
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: long }, spec: { template: { spec: pod({ restartPolicy: 'Never' }) } } };
  const { spec: wanted, ...rest } = deployment({ metadata: { labels }, spec: pod() });
  const deadline = { ...rest, spec: { ...wanted, minReadySeconds: 5, progressDeadlineSeconds: 5 } };
  const service = (more: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: more });
  const labelled = { metadata: { labels: { ...labels, bad: 'a b' }, annotations: { 'a b': '' } }, spec: pod() };
  for (const [object, ...wanted] of [
    [ingress({}), 'FieldValueInvalid spec.defaultBackend'],
    [ingress({ service: { name: 's', port: { name: 'http', number: 80 } } }), 'FieldValueInvalid spec.defaultBackend'],
    [deployment({ metadata: { labels }, spec: pod({ serviceAccountName: 'A_' }) }), 'FieldValueInvalid spec.template.spec.serviceAccountName'],
    [deadline, 'FieldValueInvalid spec.progressDeadlineSeconds'],
    [service({ type: 'ExternalName', clusterIP: 'nonsense' }), 'FieldValueForbidden spec.clusterIPs', 'FieldValueRequired spec.externalName'],
    [deployment(labelled), 'FieldValueInvalid spec.template.annotations', 'FieldValueInvalid spec.template.labels'],
    [job, 'FieldValueInvalid spec.template.labels', 'FieldValueInvalid spec.template.labels'],
    [claim({ accessModes: [null] }), 'FieldValueNotSupported spec.accessModes'],
    [claim({ resources: { requests: { storage: null } } }), 'FieldValueInvalid spec.resources[storage]'],
    [claim({ volumeMode: '' }), 'FieldValueNotSupported spec.volumeMode'],
    [budget({ unhealthyPodEvictionPolicy: '' }, { labels: { 'a b': '' } }), 'FieldValueNotSupported spec.unhealthyPodEvictionPolicy'],
    [budget({ minAvailable: 1 }, { labels: { 'a b': '' } }), 'FieldValueInvalid metadata.labels'],
    [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'a' },
        spec: pod({ containers: [{ ...container, envFrom: [{ secretRef: {} }] }], volumes: [{ name: 'v', configMap: {} }] }),
      },
      'FieldValueRequired spec.containers[0].envFrom[0].secretRef.name',
      'FieldValueRequired spec.volumes[0].configMap.name',
    ],
  ] as const) {
    const { status, json } = await target.ask('POST', `${pathOf(ns, object)}?dryRun=All`, { body: object });
    assert.deepEqual([status, causes(json)], [422, wanted], JSON.stringify(object));
  }
});

test('51. the Service of a new StatefulSet has a name that a host can have', async () => {
  await using ns = await target.namespace();
  const { metadata, spec: wanted } = deployment({ metadata: { labels }, spec: pod() });
  const body = { metadata, spec: { ...wanted, serviceName: 'A.b' } };
  const { status, json } = await target.ask('POST', `${ns.path('statefulsets', 'apps/v1')}?dryRun=All`, { body });
  assert.deepEqual([status, causes(json)], [422, ['FieldValueInvalid spec.serviceName']]);
});

test('51. what Kubernetes takes is taken: an account without a namespace in a RoleBinding, any finalizer of a Lease, an empty list that stays none', async () => {
  await using ns = await target.namespace();
  const rbac = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' };
  const bound = await done(target, 'POST', ns.path('rolebindings', rbac), {
    metadata: { name: 'a' },
    roleRef,
    subjects: [{ kind: 'ServiceAccount', name: 'x' }],
  });
  assert.deepEqual(bound.subjects, [{ kind: 'ServiceAccount', name: 'x' }]);
  await done(target, 'POST', ns.path('leases', 'coordination.k8s.io/v1'), { metadata: { name: 'a', finalizers: ['anything'] } });
  await done(target, 'PATCH', `${ns.path('leases', 'coordination.k8s.io/v1')}/a`, { metadata: { finalizers: [] } }, PATCH.merge);
  const owned = async (name: string, more: object) => {
    const role = await done(target, 'POST', ns.path('roles', rbac), { metadata: { name }, ...more });
    assert.equal(role.rules, null);
    return role.metadata.managedFields?.[0].fieldsV1;
  };
  assert.deepEqual(await owned('said', { rules: [] }), { 'f:rules': {} });
  assert.equal(await owned('unsaid', {}), undefined);
  const account = await done(target, 'POST', ns.path('serviceaccounts'), { metadata: { name: 'a' }, imagePullSecrets: [null] });
  assert.deepEqual(account.imagePullSecrets, [{}]);
});

test('51. addresses of a load balancer: a VIP unless said, and only of one that is', async () => {
  await using ns = await target.namespace();
  const path = ns.path('services');
  const body = (name: string, type: string) => ({ metadata: { name }, spec: { type, ports: [{ port: 80 }] } });
  await done(target, 'POST', path, body('a', 'LoadBalancer'));
  await done(target, 'POST', path, body('b', 'ClusterIP'));
  const write = (name: string, ...ingress: object[]) =>
    target.ask('PATCH', `${path}/${name}/status`, { body: { status: { loadBalancer: { ingress } } }, headers: PATCH.merge });
  assert.deepEqual((await write('a', { ip: '192.0.2.1' })).json.status.loadBalancer.ingress, [{ ip: '192.0.2.1', ipMode: 'VIP' }]);
  assert.deepEqual(causes((await write('b', { ip: '192.0.2.1' })).json), ['FieldValueForbidden status.loadBalancer.ingress']);
  const at = 'status.loadBalancer.ingress';
  const wrong = await write('a', { ip: 'x' }, { hostname: '192.0.2.1' }, { ipMode: 'VIP' });
  assert.deepEqual(causes(wrong.json), [`FieldValueForbidden ${at}[2].ipMode`, `FieldValueInvalid ${at}[0].ip`, `FieldValueInvalid ${at}[1].hostname`]);
});

test('51. a load balancer that keeps to its nodes has a port for their health, until it no longer does', async () => {
  await using ns = await target.namespace();
  const path = ns.path('services');
  const body = { metadata: { name: 'a' }, spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] } };
  assert.ok((await done(target, 'POST', path, body)).spec.healthCheckNodePort > 0);
  const { spec: changed } = await done(target, 'PATCH', `${path}/a`, { spec: { externalTrafficPolicy: 'Cluster' } }, PATCH.merge);
  assert.equal(changed.healthCheckNodePort, undefined);
});

test('19. the first write of a new claim stores something even where it changes nothing; the second does not', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('persistentvolumeclaims')}/a`;
  const versions = [(await done(target, 'POST', ns.path('persistentvolumeclaims'), claim({}))).metadata.resourceVersion];
  for (let count = 0; count < 2; count += 1) versions.push((await done(target, 'PATCH', path, {}, PATCH.merge)).metadata.resourceVersion);
  assert.notEqual(versions[1], versions[0]);
  assert.equal(versions[2], versions[1]);
});

test('48. annotations of a Deployment count as changes of it, those of a StatefulSet do not', async () => {
  await using ns = await target.namespace();
  const template = { metadata: { labels }, spec: pod() };
  for (const [kind, wanted] of [
    ['deployments', 2],
    ['statefulsets', 1],
  ] as const) {
    const path = ns.path(kind, 'apps/v1');
    await done(target, 'POST', path, { metadata: { name: 'a' }, spec: { replicas: 0, selector: { matchLabels: labels }, template } });
    const { metadata } = await done(target, 'PATCH', `${path}/a?dryRun=All`, { metadata: { annotations: { a: 'b' } } }, PATCH.merge);
    assert.equal(metadata.generation, wanted, kind);
  }
});

test('51. a custom object: of another kind nothing else is told; a wrong type is also none of those allowed, and no number of replicas', async () => {
  await using ns = await target.namespace();
  const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' };
  const properties = { ...spec({ size: { type: 'integer' }, mode: { type: 'string', enum: ['A'] }, free: { type: 'string', nullable: true, enum: ['A'] } }) };
  await using custom = await things(target, { properties, version: { subresources: { scale } } });
  const post = async (more: object, name = 'a') =>
    causes((await target.ask('POST', custom.path(ns.name), { body: { ...thing(custom, name, {}), ...more } })).json);
  assert.deepEqual(await post({ kind: 'Other', spec: { mode: 1 } }), ['FieldValueInvalid kind']);
  assert.deepEqual(await post({ spec: { mode: 1 } }), ['FieldValueNotSupported spec.mode', 'FieldValueTypeInvalid spec.mode']);
  assert.deepEqual(await post({ spec: { size: '3' } }), ['FieldValueInvalid .spec.size', 'FieldValueTypeInvalid spec.size']);
  assert.deepEqual(await post({ spec: 'x' }), ['FieldValueInvalid .spec.size', 'FieldValueTypeInvalid spec']);
  assert.deepEqual(await post({ spec: { free: null } }), ['FieldValueNotSupported spec.free']);
  await done(target, 'POST', custom.path(ns.name), thing(custom, 'b', { spec: { size: 1 } }));
  const write = async (replicas: unknown) =>
    (await target.ask('PATCH', `${custom.path(ns.name)}/b/scale`, { body: { spec: { replicas } }, headers: PATCH.merge })).json;
  assert.deepEqual(causes(await write(-1)), ['FieldValueInvalid .spec.size']);
  assert.deepEqual(causes(await write('x')), ['FieldValueInvalid patch']);
});

test('42. an apply that cannot be read is told so before that it is about another namespace', async () => {
  await using ns = await target.namespace();
  const path = `${ns.path('configmaps')}/a`;
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'a' } });
  const apply = async (more: object) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'elsewhere' }, ...more };
    return (await target.ask('PATCH', `${path}?fieldManager=one`, { body, headers: PATCH.apply })).status;
  };
  assert.deepEqual([await apply({ binaryData: { x: '!' } }), await apply({ data: { x: '!' } })], [500, 400]);
});

test('46. a strategic patch with an element that has no key, or with a null among words, is an error that nobody made an answer of', async () => {
  await using ns = await target.namespace();
  const path = ns.path('deployments', 'apps/v1');
  const { metadata, spec: wanted } = deployment({ metadata: { labels }, spec: pod() });
  await done(target, 'POST', path, { metadata: { ...metadata, finalizers: ['example.com/a'] }, spec: { ...wanted, replicas: 0 } });
  const patch = async (body: object) => {
    const { status, json } = await target.ask('PATCH', `${path}/a?dryRun=All`, { body, headers: PATCH.strategic });
    return [status, json.reason];
  };
  assert.deepEqual(await patch({ spec: { template: { spec: { containers: [{}] } } } }), [500, undefined]);
  assert.deepEqual(await patch({ metadata: { finalizers: [null] } }), [500, undefined]);
  await done(target, 'PATCH', `${path}/a`, { metadata: { finalizers: null } }, PATCH.merge);
});

test('51. a pod without a name is refused as Unknown where there is no account for it', async () => {
  await using ns = await target.namespace();
  const body = { spec: pod({ serviceAccountName: 'missing' }) };
  const { status, json } = await target.ask('POST', ns.path('pods'), { body });
  assert.deepEqual([status, json.details.name], [403, 'Unknown']);
});
