import { builtinResources } from '@binnacle/schema';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../refusal.ts';
import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { canonicalQuantity } from './decode/quantity.ts';
import { strategyOf } from './index.ts';
import type { Env } from './index.ts';

let given = 0;
const env: Env = {
  now: 0,
  random: () => 0.5,
  allocateClusterIP: () => `10.96.0.${++given}`,
  allocateNodePort: () => 30_000 + ++given,
  defaultStorageClass: () => 'standard',
};
const core = (plural: string) => strategyOf({ group: '', version: 'v1', plural });
const apps = (plural: string) => strategyOf({ group: 'apps', version: 'v1', plural });
const batch = (plural: string) => strategyOf({ group: 'batch', version: 'v1', plural });

function make(kind: string, body: JsonObject, apiVersion = 'v1'): JsonObject {
  return { apiVersion, kind, metadata: { name: 'a', namespace: 't', uid: 'u-1' }, ...body };
}
const labels = { app: 'a' };
const podSpec = { containers: [{ name: 'c', image: 'i:1' }] };
const template = { metadata: { labels }, spec: podSpec };
const statefulSet = (spec: JsonObject = {}) =>
  make('StatefulSet', { spec: { selector: { matchLabels: labels }, serviceName: 'a', template, ...spec } }, 'apps/v1');
const at = (object: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((value, key) => (typeof key === 'number' ? (value as unknown[])[key] : isObject(value) ? value[key] : undefined), object);
const texts = (errors: readonly { field: string; message: string }[]) => errors.map(({ field, message }) => `${field}: ${message}`);
const merge = (object: JsonObject, spec: JsonObject): JsonObject => ({ ...object, spec: { ...(object['spec'] as JsonObject), ...spec } });

test('every built-in kind has a strategy, and another has none', () => {
  const kinds = builtinResources().filter(({ resource, verbs }) => !resource.includes('/') && verbs.includes('create'));
  assert.ok(kinds.length > 30);
  for (const { resource, group, version } of kinds) assert.ok(strategyOf({ group, version, plural: resource }), resource);
  assert.throws(() => core('sandwiches'), /no built-in resource sandwiches/);
  assert.equal(core('pods'), core('pods'));
});

test('quantities are stored in one form', () => {
  const forms = {
    '1000m': '1',
    '0.5': '500m',
    '1024Mi': '1Gi',
    '1.5Gi': '1536Mi',
    '0.5Gi': '512Mi',
    '1000': '1k',
    '1e3': '1e3',
    '100k': '100k',
    '1023Ki': '1023Ki',
  };
  const others = { '0': '0', '0Gi': '0', '1Ki': '1Ki', '0.5Ki': '512', '1234567': '1234567', '2000000': '2M', '0.0001': '1m', '+1': '1', '1.5': '1500m' };
  for (const [from, to] of Object.entries({ ...forms, ...others })) {
    assert.equal(canonicalQuantity(from), to, from);
    assert.equal(canonicalQuantity(to), to, to);
  }
  assert.equal(canonicalQuantity(2), '2');
  assert.equal(canonicalQuantity('many'), 'many');
});

test('a pod gets what the cluster gives every pod', () => {
  const pod = core('pods').prepareForCreate(make('Pod', { spec: podSpec, status: { phase: 'Running' } }), env);
  assert.deepEqual(pod['status'], { phase: 'Pending', qosClass: 'BestEffort' });
  assert.deepEqual(at(pod, 'spec', 'containers'), [
    {
      name: 'c',
      image: 'i:1',
      resources: {},
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    },
  ]);
  assert.equal((at(pod, 'spec', 'tolerations') as unknown[]).length, 2);
  assert.equal(at(pod, 'spec', 'serviceAccountName'), 'default');
});

test('limits are requests where none are given, in a pod and not in a template', () => {
  const resources = { limits: { cpu: '1000m', memory: '1Gi' } };
  const spec = { containers: [{ name: 'c', image: 'i', resources }] };
  const pod = core('pods').prepareForCreate(make('Pod', { spec }), env);
  assert.deepEqual(at(pod, 'spec', 'containers', 0, 'resources'), { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Gi' } });
  assert.equal(at(pod, 'status', 'qosClass'), 'Guaranteed');
  const set = apps('statefulsets').prepareForCreate(statefulSet({ template: { metadata: { labels }, spec } }), env);
  assert.deepEqual(at(set, 'spec', 'template', 'spec', 'containers', 0, 'resources'), { limits: { cpu: '1', memory: '1Gi' } });
});

test('a pod may change its images and little else', () => {
  const pods = core('pods');
  const live = pods.prepareForCreate(make('Pod', { spec: podSpec }), env);
  const container = at(live, 'spec', 'containers', 0) as JsonObject;
  assert.deepEqual(pods.validate(merge(live, { containers: [{ ...container, image: 'i:2' }] }), live), []);
  assert.match(
    texts(pods.validate(merge(live, { nodeName: 'n1' }), live))[0] ?? '',
    /^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`,/,
  );
  assert.deepEqual(texts(pods.validate(merge(live, { containers: [container, { ...container, name: 'd' }] }), live)), [
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ]);
});

test('the main endpoint does not write the status, and /status nothing of the spec', () => {
  const sets = apps('statefulsets');
  const live = { ...sets.prepareForCreate(statefulSet(), env), status: { replicas: 3, availableReplicas: 3 } };
  assert.deepEqual(sets.prepareForUpdate({ ...merge(live, { replicas: 5 }), status: { replicas: 9 } }, live, { env })['status'], live.status);
  const status = {
    ...merge(live, { replicas: 7 }),
    metadata: { ...((live as JsonObject)['metadata'] as JsonObject), labels: { l: '1' } },
    status: { replicas: 4, availableReplicas: 0 },
  };
  const next = sets.prepareForUpdate(status, live, { subresource: 'status', env });
  assert.equal(at(next, 'spec', 'replicas'), 1);
  assert.deepEqual(next['status'], { replicas: 4, availableReplicas: 0 });
  assert.equal(at(next, 'metadata', 'labels', 'l'), '1');
  assert.deepEqual(sets.prepareForCreate({ ...statefulSet(), status: { replicas: 9 } }, env)['status'], { replicas: 0, availableReplicas: 0 });
});

test('a stateful set refuses changes to what names its pods and volumes', () => {
  const sets = apps('statefulsets');
  const live = sets.prepareForCreate(statefulSet(), env);
  assert.deepEqual(sets.validate(merge(live, { replicas: 9, minReadySeconds: 5 }), live), []);
  const forbidden = [
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  ];
  assert.deepEqual(texts(sets.validate(merge(live, { serviceName: 'b' }), live)), forbidden);
  assert.deepEqual(texts(sets.validate(merge(live, { podManagementPolicy: 'Parallel' }), live)), forbidden);
});

test('selectors must match their template, and stay', () => {
  const deployments = apps('deployments');
  const body = make('Deployment', { spec: { selector: { matchLabels: { app: 'b' } }, template } }, 'apps/v1');
  assert.deepEqual(texts(deployments.validate(deployments.prepareForCreate(body, env), undefined)), [
    'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
  ]);
  const live = deployments.prepareForCreate(make('Deployment', { spec: { selector: { matchLabels: labels }, template } }, 'apps/v1'), env);
  const moved = merge(live, { selector: { matchLabels: { app: 'a', x: 'y' } }, template: { ...template, metadata: { labels: { app: 'a', x: 'y' } } } });
  assert.deepEqual(texts(deployments.validate(deployments.decode(moved), live)), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"a","x":"y"}}: field is immutable',
  ]);
});

test('what a template lacks is named', () => {
  const sets = apps('statefulsets');
  const errors = (spec: JsonObject) => texts(sets.validate(sets.prepareForCreate(statefulSet({ template: { metadata: { labels }, spec } }), env), undefined));
  assert.deepEqual(errors({ containers: [] }), ['spec.template.spec.containers: Required value']);
  assert.deepEqual(errors({ containers: [{ name: 'c' }] }), ['spec.template.spec.containers[0].image: Required value']);
  assert.deepEqual(errors({ containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }), [
    'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ]);
  assert.deepEqual(errors({ ...podSpec, restartPolicy: 'Never' }), [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ]);
  const claims = [{ metadata: { name: 'v' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }];
  const mounted = { containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] };
  const set = sets.prepareForCreate(statefulSet({ volumeClaimTemplates: claims, template: { metadata: { labels }, spec: mounted } }), env);
  assert.deepEqual(sets.validate(set, undefined), []);
});

test('a service keeps its address and node ports when an update leaves them out, and may not change them', () => {
  const services = core('services');
  const live = services.prepareForCreate(make('Service', { spec: { type: 'NodePort', ports: [{ port: 80 }] } }), env);
  const bare = services.prepareForUpdate(make('Service', { spec: { type: 'NodePort', ports: [{ port: 80 }] } }), live, { env });
  assert.deepEqual(bare['spec'], live['spec']);
  const moved = services.prepareForUpdate(merge(live, { clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.9'] }), live, { env });
  assert.deepEqual(texts(services.validate(moved, live)), ['spec.clusterIPs[0]: Invalid value: ["10.0.0.9"]: may not change once set']);
  const inner = services.prepareForUpdate(merge(live, { type: 'ClusterIP' }), live, { env });
  assert.equal(at(inner, 'spec', 'ports', 0, 'nodePort'), undefined);
  assert.equal(at(inner, 'spec', 'externalTrafficPolicy'), undefined);
  assert.deepEqual(services.validate(inner, live), []);
});

test('headless services, and ports that need names', () => {
  const services = core('services');
  const headless = services.prepareForCreate(make('Service', { spec: { clusterIP: 'None', selector: labels } }), env);
  assert.deepEqual(at(headless, 'spec', 'clusterIPs'), ['None']);
  assert.deepEqual(services.validate(headless, undefined), []);
  const two = services.prepareForCreate(make('Service', { spec: { ports: [{ port: 1 }, { port: 2 }] } }), env);
  assert.deepEqual(texts(services.validate(two, undefined)), ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']);
  const none = services.prepareForCreate(make('Service', { spec: {} }), env);
  assert.deepEqual(texts(services.validate(none, undefined)), ['spec.ports: Required value']);
});

test('a claim gets a class and a finalizer, grows when bound, and never shrinks below its volume', () => {
  const claims = core('persistentvolumeclaims');
  const size = (storage: string) => ({ resources: { requests: { storage } } });
  const made = claims.prepareForCreate(make('PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], ...size('2048Mi') } }), env);
  assert.equal(at(made, 'spec', 'storageClassName'), 'standard');
  assert.deepEqual(at(made, 'metadata', 'finalizers'), ['kubernetes.io/pvc-protection']);
  assert.deepEqual(made['status'], { phase: 'Pending' });
  assert.match(texts(claims.validate(merge(made, size('3Gi')), made))[0] ?? '', /^spec: Forbidden: spec is immutable after creation except resources.requests/);
  const bound = { ...made, status: { phase: 'Bound', capacity: { storage: '2Gi' } } };
  assert.deepEqual(claims.validate(merge(bound, size('3Gi')), bound), []);
  assert.deepEqual(texts(claims.validate(merge(bound, size('1Gi')), bound)), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ]);
  const classless = claims.prepareForCreate(
    make('PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', ...size('1Gi') } }),
    env,
  );
  assert.equal(at(classless, 'spec', 'storageClassName'), '');
});

test('secrets: text goes into data, what is immutable stays, and data must be base64', () => {
  const secrets = core('secrets');
  const made = secrets.prepareForCreate(make('Secret', { stringData: { a: 'x' }, data: { a: 'b2xk', b: 'Yg==' }, immutable: true }), env);
  assert.deepEqual(made['data'], { a: 'eA==', b: 'Yg==' });
  assert.equal(made['type'], 'Opaque');
  assert.ok(!('stringData' in made));
  assert.deepEqual(texts(secrets.validate({ ...made, data: {} }, made)), ['data: Forbidden: field is immutable when `immutable` is set']);
  assert.deepEqual(texts(secrets.validate({ ...made, type: 'x' }, made)), ['type: Invalid value: "x": field is immutable']);
  assert.throws(
    () => secrets.prepareForCreate(make('Secret', { data: { a: 'no base64!' } }), env),
    (error) => error instanceof Refusal && error.status.code === 400 && /illegal base64 data at input byte 2/.test(error.message),
  );
});

test('a job selects its pods by its uid, and its template stays', () => {
  const jobs = batch('jobs');
  const made = jobs.prepareForCreate(make('Job', { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } }, 'batch/v1'), env);
  assert.deepEqual(at(made, 'spec', 'selector'), { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u-1' } });
  assert.equal(at(made, 'spec', 'template', 'metadata', 'labels', 'job-name'), 'a');
  assert.equal(at(made, 'spec', 'backoffLimit'), 6);
  assert.deepEqual(jobs.validate(made, undefined), []);
  assert.match(
    texts(
      jobs.validate(
        jobs.decode(merge(made, { template: { ...(at(made, 'spec', 'template') as JsonObject), spec: { ...podSpec, restartPolicy: 'OnFailure' } } })),
        made,
      ),
    )[0] ?? '',
    /^spec.template: Invalid value: .*field is immutable$/,
  );
  const always = jobs.prepareForCreate(make('Job', { spec: { template: { spec: podSpec } } }, 'batch/v1'), env);
  assert.deepEqual(texts(jobs.validate(always, undefined)), ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']);
});

test('a lease wants microseconds to the sixth digit', () => {
  const leases = strategyOf({ group: 'coordination.k8s.io', version: 'v1', plural: 'leases' });
  const lease = (renewTime: string) => make('Lease', { spec: { renewTime, holderIdentity: '' } }, 'coordination.k8s.io/v1');
  const made = leases.prepareForCreate(lease('2026-01-01T00:00:00.000000Z'), env);
  assert.equal(at(made, 'spec', 'holderIdentity'), '');
  assert.throws(
    () => leases.prepareForCreate(lease('2026-01-01T00:00:00Z'), env),
    (error) => error instanceof Refusal && error.status.code === 400 && /2006-01-02T15:04:05.000000Z07:00/.test(error.message),
  );
  assert.equal(leases.allowUnconditionalUpdate, false);
  assert.equal(leases.allowCreateOnUpdate, true);
});

test('namespaces carry their name as a label and their finalizer in the spec', () => {
  const namespaces = core('namespaces');
  const made = namespaces.prepareForCreate({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }, env);
  assert.deepEqual(made, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'n', labels: { 'kubernetes.io/metadata.name': 'n' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  assert.deepEqual(namespaces.prepareForUpdate({ ...made, spec: {} }, made, { env })['spec'], made['spec']);
  assert.deepEqual(namespaces.prepareForUpdate({ ...made, spec: {} }, made, { subresource: 'finalize', env })['spec'], {});
});

test('a role binding keeps its role', () => {
  const bindings = strategyOf({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'rolebindings' });
  const body = make(
    'RoleBinding',
    { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 's', namespace: 't' }] },
    'rbac.authorization.k8s.io/v1',
  );
  const made = bindings.prepareForCreate(body, env);
  assert.equal(at(made, 'roleRef', 'apiGroup'), 'rbac.authorization.k8s.io');
  assert.deepEqual(bindings.validate(made, undefined), []);
  const moved = { ...made, roleRef: { ...(made['roleRef'] as JsonObject), name: 'q' } };
  assert.match(texts(bindings.validate(moved, made))[0] ?? '', /^roleRef: Invalid value: .*: cannot change roleRef$/);
});

test('config maps: immutable ones and bad keys', () => {
  const maps = core('configmaps');
  const made = maps.prepareForCreate(make('ConfigMap', { data: { a: '1', empty: '' }, immutable: true }), env);
  assert.deepEqual(made['data'], { a: '1', empty: '' });
  assert.deepEqual(texts(maps.validate({ ...made, data: { a: '2' } }, made)), ['data: Forbidden: field is immutable when `immutable` is set']);
  assert.match(
    texts(maps.validate(make('ConfigMap', { data: { 'a/b': '1' } }), undefined))[0] ?? '',
    /^data\[a\/b\]: Invalid value: "a\/b": a valid config key must consist of/,
  );
});

test('names, labels, owners and finalizers', () => {
  const maps = core('configmaps');
  const errors = (metadata: JsonObject) => texts(maps.validate({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 't', ...metadata } }, undefined));
  assert.deepEqual(errors({}), ['metadata.name: Required value: name or generateName is required']);
  assert.deepEqual(errors({ name: 'A_b' }), [
    "metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  assert.match(
    errors({ name: 'a', labels: { l: 'a b' } })[0] ?? '',
    /^metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric/,
  );
  assert.deepEqual(errors({ name: 'a', finalizers: ['foo'] }), [
    'metadata.finalizers[0]: Invalid value: "foo": name is neither a standard finalizer name nor is it fully qualified',
  ]);
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '', controller: true };
  assert.deepEqual(errors({ name: 'a', ownerReferences: [owner] }), ['metadata.ownerReferences.uid: Invalid value: "": must not be empty']);
  const dying = make('ConfigMap', { metadata: { name: 'a', namespace: 't', uid: 'u-1', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x.io/a'] } });
  const more = { ...dying, metadata: { ...(dying['metadata'] as JsonObject), finalizers: ['x.io/a', 'ex.io/g'] } };
  assert.deepEqual(texts(maps.validate(more, dying)), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"ex.io/g"}',
  ]);
});

test('empty values vanish where Go omits them, and stay where they say something', () => {
  const network = strategyOf({ group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies' });
  const made = network.prepareForCreate(
    make('NetworkPolicy', { spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }], ports: [] }] } }, 'networking.k8s.io/v1'),
    env,
  );
  assert.deepEqual(made['spec'], { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }], policyTypes: ['Ingress'] });
  const roles = strategyOf({ group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles' });
  assert.equal(roles.prepareForCreate(make('Role', { rules: null }, 'rbac.authorization.k8s.io/v1'), env)['rules'], null);
});
