import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../json.ts';
import { addressWarnings } from './addresses.ts';
import { kindWarnings } from './index.ts';
import { podWarnings } from './pod.ts';

const told = (kind: string, next: JsonObject, before?: JsonObject) => kindWarnings[kind]!(next, before);
const container = { name: 'c', image: 'i' };

test('a pod whose name is no label of a host is warned of when it is made, and never again', () => {
  const pod = { metadata: { name: 'a.b' }, spec: { containers: [container] } };
  const why = "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]";
  assert.deepEqual(told('pods', pod), [why]);
  assert.deepEqual(told('pods', pod, pod), []);
  assert.deepEqual(told('jobs.batch', { metadata: { name: 'a.b' }, spec: {} }), [why.replace("the Pod's hostname", 'Pod names and hostnames')]);
});

test('a template is looked at when it is made and when the spec has changed', () => {
  const deployment = (generation: number) => ({
    metadata: { name: 'd', generation },
    spec: { template: { spec: { terminationGracePeriodSeconds: -1, containers: [container] } } },
  });
  const why = 'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1';
  assert.deepEqual(told('deployments.apps', deployment(1)), [why]);
  assert.deepEqual(told('deployments.apps', deployment(2), deployment(1)), [why]);
  assert.deepEqual(told('deployments.apps', deployment(1), deployment(1)), []);
});

test('what a pod says twice, and what does nothing, is told with its path', () => {
  const port = { containerPort: 80, protocol: 'TCP' };
  const spec = {
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
    hostAliases: [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }],
    topologySpreadConstraints: [{ topologyKey: 'zone' }],
    volumes: [
      { name: 'v', configMap: { name: 'm', items: [{ path: 'a' }, { path: 'a/b' }] } },
      { name: 'g', gitRepo: {} },
    ],
    containers: [
      {
        ...container,
        env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }, { name: 'B' }],
        ports: [
          { ...port, name: 'x' },
          { ...port, hostPort: 8080 },
          { containerPort: 81, protocol: 'TCP', name: 'x' },
        ],
        resources: { limits: { memory: '100m' }, requests: { memory: '1Gi' } },
      },
    ],
  };
  assert.deepEqual(podWarnings({ spec }, ''), [
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    'spec.volumes[1].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
    'volume "v" (ConfigMap "m"): overlapping paths: "a/b" with "a"',
    'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
    'spec.imagePullSecrets[1].name: duplicate name "a"',
    'spec.imagePullSecrets[2].name: invalid empty name ""',
    'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
    'spec.containers[0].ports[2]: duplicate port name "x" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
  ]);
});

test('an address in another form than the usual one is told with that one', () => {
  assert.deepEqual(addressWarnings('ip', '010.0.0.1'), ['ip: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"']);
  assert.deepEqual(addressWarnings('ip', '::ffff:10.0.0.1'), ['ip: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"']);
  assert.deepEqual(addressWarnings('ip', '2001:DB8::0:1'), ['ip: IPv6 address "2001:DB8::0:1" should be in RFC 5952 canonical format ("2001:db8::1")']);
  assert.deepEqual(addressWarnings('ip', '10.0.0.1'), []);
});

test('fields of a Service that its type passes over are told', () => {
  const headless = { type: 'ClusterIP', clusterIP: 'None', sessionAffinity: 'ClientIP', externalName: 'a.b' };
  assert.deepEqual(told('services', { spec: headless }), [
    'spec.SessionAffinity is ignored for headless services',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ]);
});

test('a Secret for TLS without a pair is warned of, and so is a slice of names', () => {
  assert.equal(told('secrets', { type: 'kubernetes.io/tls', data: { 'tls.crt': '', 'tls.key': '' } }).length, 1);
  assert.deepEqual(told('secrets', { type: 'Opaque' }), []);
  assert.deepEqual(told('endpointslices.discovery.k8s.io', { addressType: 'FQDN' }), ['spec.addressType: FQDN endpoints are deprecated']);
});
