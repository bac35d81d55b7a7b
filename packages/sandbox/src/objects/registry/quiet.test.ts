import { builtinSchema, definition } from '@binnacle/schema';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyServerSide, trackUpdate, unlessUnchanged } from '../apply/index.ts';
import type { JsonObject } from '../json.ts';
import { strategyOf } from './index.ts';
import type { Env } from './index.ts';

/*
 * An operator applies what it wants again and again. That must write nothing, whatever the API server made of it the first time: these tests
 * go the way a request goes, without the HTTP around it.
 */

let given = 0;
const env: Env = {
  now: 1_767_225_600_000,
  random: () => 0.5,
  allocateClusterIP: () => `10.96.0.${++given}`,
  allocateNodePort: () => 30_000 + ++given,
  defaultStorageClass: () => 'standard',
};

const KINDS = {
  StatefulSet: { group: 'apps', version: 'v1', plural: 'statefulsets' },
  Deployment: { group: 'apps', version: 'v1', plural: 'deployments' },
  Pod: { group: '', version: 'v1', plural: 'pods' },
  Service: { group: '', version: 'v1', plural: 'services' },
  Secret: { group: '', version: 'v1', plural: 'secrets' },
  PersistentVolumeClaim: { group: '', version: 'v1', plural: 'persistentvolumeclaims' },
  Role: { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles' },
} as const;
type KindName = keyof typeof KINDS;

const versionOf = (kind: KindName) => (KINDS[kind].group === '' ? 'v1' : `${KINDS[kind].group}/${KINDS[kind].version}`);
const schemaOf = (kind: KindName) => builtinSchema(KINDS[kind].group, KINDS[kind].version, kind) ?? assert.fail(kind);

function apply(kind: KindName, live: JsonObject | undefined, body: JsonObject, manager = 'operator', now = env.now): JsonObject {
  const strategy = strategyOf(KINDS[kind]);
  const config = { apiVersion: versionOf(kind), kind, metadata: { name: 'a', namespace: 't' }, ...body };
  const next = applyServerSide({
    live,
    config,
    manager,
    force: true,
    now,
    apiVersion: versionOf(kind),
    schema: schemaOf(kind),
    resolve: definition,
  });
  const stored =
    live === undefined
      ? strategy.prepareForCreate({ ...next, metadata: { ...(next['metadata'] as JsonObject), uid: 'u' } }, env)
      : unlessUnchanged(live, strategy.prepareForUpdate(next, live, { env }));
  assert.deepEqual(strategy.validate(stored, live), []);
  return stored;
}

const labels = { app: 'a' };
const template = (container: JsonObject, spec: JsonObject = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'i:1', ...container }], ...spec },
});

const STATEFUL_SET: JsonObject = {
  spec: {
    selector: { matchLabels: labels },
    serviceName: 'a',
    replicas: 3,
    template: template(
      {
        resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { cpu: 1, memory: '1.5Gi' } },
        ports: [
          { containerPort: 5701, name: 'hz' },
          { containerPort: 53, protocol: 'UDP' },
        ],
        env: [
          { name: 'EMPTY', value: '' },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        readinessProbe: { httpGet: { port: 8080 }, initialDelaySeconds: 0 },
        volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: false }],
        args: [],
      },
      { volumes: [{ name: 'config', configMap: { name: 'a' } }, { name: 'tmp' }], serviceAccountName: 'op', hostNetwork: false, nodeSelector: {} },
    ),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2048Mi' } } } }],
  },
};

const BODIES: Readonly<Record<KindName, JsonObject>> = {
  StatefulSet: STATEFUL_SET,
  Deployment: { spec: { selector: { matchLabels: labels }, template: template({}), strategy: { rollingUpdate: { maxSurge: 0 } } } },
  Pod: { spec: template({ resources: { limits: { cpu: '1000m' } } }).spec },
  Service: {
    spec: {
      selector: labels,
      ports: [
        { port: 80, name: 'http' },
        { port: 443, name: 'https', targetPort: 'tls' },
      ],
      type: 'NodePort',
      publishNotReadyAddresses: false,
    },
  },
  Secret: { stringData: { user: 'root' }, data: { password: 'cHc=' } },
  PersistentVolumeClaim: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1000Mi' } } } },
  Role: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: [] }] },
};

for (const kind of Object.keys(KINDS) as KindName[]) {
  test(`applying the same ${kind} twice writes nothing`, () => {
    const live = apply(kind, undefined, BODIES[kind]);
    assert.equal(apply(kind, live, BODIES[kind], 'operator', env.now + 60_000), live);
  });

  test(`a ${kind} that was stored is decoded to itself`, () => {
    const live = apply(kind, undefined, BODIES[kind]);
    assert.equal(strategyOf(KINDS[kind]).decode(live), live);
  });

  test(`replacing a ${kind} by what was stored changes nothing`, () => {
    const live = apply(kind, undefined, BODIES[kind]);
    const strategy = strategyOf(KINDS[kind]);
    const tracked = trackUpdate({
      before: live,
      after: live,
      manager: 'kubectl',
      apiVersion: versionOf(kind),
      schema: schemaOf(kind),
      resolve: definition,
      now: 0,
    });
    assert.equal(unlessUnchanged(live, strategy.prepareForUpdate(tracked, live, { env })), live);
  });
}

test('what is taken out of the configuration falls back to its default', () => {
  const live = apply('StatefulSet', undefined, STATEFUL_SET);
  const { replicas: _, ...rest } = STATEFUL_SET['spec'] as JsonObject;
  assert.equal((apply('StatefulSet', live, { spec: rest })['spec'] as JsonObject)['replicas'], 1);
});

const quantity = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.constantFrom('', 'm', 'k', 'Ki', 'Mi', 'Gi', '.5Gi', '.25'))
  .map(([amount, unit]) => `${amount}${unit}`);
const container = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    image: fc.constantFrom('i', 'i:latest', 'r:5000/i:1', 'i@sha256:0'),
    command: fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }),
    resources: fc.record({ requests: fc.record({ cpu: quantity }) }, { requiredKeys: [] }),
    ports: fc.uniqueArray(
      fc.record({ containerPort: fc.integer({ min: 1, max: 99 }), protocol: fc.constantFrom('TCP', 'UDP') }, { requiredKeys: ['containerPort'] }),
      {
        selector: ({ containerPort }) => containerPort,
        maxLength: 3,
      },
    ),
    env: fc.uniqueArray(fc.record({ name: fc.constantFrom('X', 'Y', 'Z'), value: fc.constantFrom('', '1') }, { requiredKeys: ['name'] }), {
      selector: ({ name }) => name,
    }),
    stdin: fc.boolean(),
    securityContext: fc.constantFrom({}, { runAsUser: 0 }, { runAsNonRoot: false }),
    livenessProbe: fc.constantFrom({ tcpSocket: { port: 1 } }, { httpGet: { port: 'x' }, periodSeconds: 0 }, { exec: { command: ['a'] }, failureThreshold: 5 }),
  },
  { requiredKeys: ['name', 'image'] },
);
const podSpec = fc.record(
  {
    containers: fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1 }),
    terminationGracePeriodSeconds: fc.constantFrom(0, 30, 600),
    securityContext: fc.constantFrom({}, { fsGroup: 0 }),
    tolerations: fc.constantFrom([], [{ operator: 'Exists' }]),
    serviceAccountName: fc.constantFrom('', 'x'),
    hostNetwork: fc.boolean(),
  },
  { requiredKeys: ['containers'] },
);

test('whatever pods an operator asks for: decoding is idempotent and applying again is silent', () =>
  fc.assert(
    fc.property(podSpec, podSpec, (first, second) => {
      const body = (spec: JsonObject) => ({ spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } } });
      let live = apply('StatefulSet', undefined, body(first));
      for (const spec of [first, second, second]) {
        live = apply('StatefulSet', live, body(spec));
        assert.equal(strategyOf(KINDS.StatefulSet).decode(live), live);
        assert.equal(apply('StatefulSet', live, body(spec), 'operator', env.now + 9000), live);
      }
    }),
    { numRuns: 60 },
  ));
