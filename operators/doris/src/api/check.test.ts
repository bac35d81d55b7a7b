import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from '@binnacle/schema';
import type { RetentionPolicy } from './retention.ts';
import { faults } from './check.ts';
import { DorisCluster } from './doris-cluster.ts';
import { DorisInitializer } from './doris-initializer.ts';
import { DorisMonitor } from './doris-monitor.ts';
import type { Spec } from './spec.ts';

const fe = { baseImage: 'fe', replicas: 1, requests: { storage: '1Gi' } };
const fields = (spec: Partial<Spec>, before?: Partial<Spec>) =>
  [...faults({ version: '2.0.3', ...spec }, before && { version: '2.0.3', ...before })].map((fault) => fault.field);

test('a sound cluster has no fault', () => assert.deepEqual(fields({ fe, be: fe, broker: { baseImage: 'b', replicas: 1 } }), []));

test('back ends without front ends, front ends without a volume or a replica', () => {
  assert.deepEqual(fields({ be: fe }), ['spec.fe']);
  assert.deepEqual(fields({ fe: { baseImage: 'fe', replicas: 0 } }), ['spec.fe.replicas', 'spec.fe.requests.storage']);
});

test('front ends are not taken away from a cluster that has them', () => assert.deepEqual(fields({}, { fe }), ['spec.fe']));

test('two ports that are one, a volume named twice, an unknown strategy', () => {
  assert.deepEqual(fields({ fe, be: { ...fe, config: { be_port: '9050' } } }), ['spec.be.config[be_port]']);
  const volume = { name: 'hot', request: '1Gi', storageClassName: 'x' };
  assert.deepEqual(fields({ fe, be: { ...fe, storage: [volume, volume] } }), ['spec.be.storage[1].name']);
  assert.deepEqual(fields({ fe: { ...fe, statefulSetUpdateStrategy: 'Sometimes' } }), ['spec.fe.statefulSetUpdateStrategy']);
});

test('what is added to pods must not take a name or a path that is taken, nor name a volume that is not there', () => {
  const volumes = (...names: readonly string[]) => names.map((name) => ({ name, emptyDir: {} }));
  const mount = (name: string, mountPath: string) => ({ name, mountPath });
  const of = (more: object) => fields({ fe: { ...fe, ...more } });
  assert.deepEqual(of({ additionalVolumes: volumes('fe-log', 'own', 'own', 'fe-meta') }), [
    'spec.fe.additionalVolumes[0].name',
    'spec.fe.additionalVolumes[2].name',
    'spec.fe.additionalVolumes[3].name',
  ]);
  const paths = [mount('own', '/own'), mount('own', '/opt/apache-doris/fe/log'), mount('other', '/other')];
  assert.deepEqual(of({ additionalVolumes: volumes('own'), additionalVolumeMounts: paths }), [
    'spec.fe.additionalVolumeMounts[1].mountPath',
    'spec.fe.additionalVolumeMounts[2].name',
  ]);
  assert.deepEqual(of({ additionalContainers: [{ name: 'side' }, { name: 'fe' }] }), ['spec.fe.additionalContainers[1].name']);
  const storage = [{ name: 'hot', request: '1Gi', storageClassName: 'x' }];
  assert.deepEqual(fields({ fe, be: { ...fe, storage, additionalVolumes: volumes('hot') } }), ['spec.be.additionalVolumes[0].name']);
  assert.deepEqual(fields({ fe, be: { ...fe, additionalVolumeMounts: [mount('be-storage', '/again')] } }), []);
});

test('a line that TLS writes itself is refused in the configuration, and taken without TLS', () => {
  const own = { ...fe, config: { enable_ssl: 'false' } };
  assert.deepEqual(fields({ fe: { ...own, tls: { secretName: 'certificate' } } }), ['spec.fe.config[enable_ssl]']);
  assert.deepEqual(fields({ fe: own }), []);
});

test('a port that is no number is refused, never replaced by a default', () => {
  assert.deepEqual(fields({ fe: { ...fe, config: { query_port: '9030x' } } }), ['spec.fe.config[query_port]']);
  assert.deepEqual(fields({ fe, be: { ...fe, config: { heartbeat_service_port: '70000' } } }), ['spec.be.config[heartbeat_service_port]']);
  assert.deepEqual(fields({ fe: { ...fe, config: { query_port: ' ' } } }), []);
});

test('an even number of followers is refused where it is new, and left alone where it is old; observers do not count', () => {
  assert.deepEqual(fields({ fe: { ...fe, replicas: 2 } }), ['spec.fe.replicas']);
  assert.deepEqual(fields({ fe: { ...fe, replicas: 2 } }, { fe: { ...fe, replicas: 2 } }), []);
  assert.deepEqual(fields({ fe: { ...fe, replicas: 4 } }, { fe: { ...fe, replicas: 2 } }), ['spec.fe.replicas']);
  assert.deepEqual(fields({ fe: { ...fe, replicas: 4, followers: 3 } }), []);
  assert.deepEqual(fields({ fe: { ...fe, replicas: 4, followers: 2 } }), ['spec.fe.followers']);
});

test('metadata and data end together or not at all, and a time after which nothing is deleted is a mistake', () => {
  const of = (front: RetentionPolicy, back: RetentionPolicy) =>
    fields({ fe: { ...fe, persistentVolumeClaimRetentionPolicy: front }, be: { ...fe, persistentVolumeClaimRetentionPolicy: back } });
  assert.deepEqual(of({ whenDeleted: 'Delete' }, {}), ['spec.be.persistentVolumeClaimRetentionPolicy.whenDeleted']);
  assert.deepEqual(of({}, { whenDeleted: 'Delete', deleteAfterSeconds: 0 }), ['spec.be.persistentVolumeClaimRetentionPolicy.whenDeleted']);
  assert.deepEqual(of({ whenDeleted: 'Delete' }, { whenDeleted: 'Delete', whenScaled: 'Delete' }), []);
  assert.deepEqual(of({ deleteAfterSeconds: 60 }, { whenScaled: 'Delete', deleteAfterSeconds: 60 }), [
    'spec.fe.persistentVolumeClaimRetentionPolicy.deleteAfterSeconds',
  ]);
});

test('a new object has a name that what is made of it can have, and one that is there already is edited as before', () => {
  const cluster = { version: '2.0.3', fe };
  const monitor = { cluster: 'basic', loki: { image: 'loki', requests: { storage: '1Gi' } } };
  const [dotted, long] = ['a.b', 'a'.repeat(52)];
  for (const [kind, name, spec] of [
    [DorisCluster, dotted, cluster],
    [DorisCluster, long, cluster],
    [DorisMonitor, dotted, monitor],
    [DorisMonitor, long, monitor],
    [DorisInitializer, long, { cluster: 'basic' }],
  ] as const) {
    const object = { apiVersion: 'al-assad.github.io/v1beta1', kind: kind.kind, metadata: { name, namespace: 'default' }, spec };
    const refused = (before?: object) => admit(kind as typeof DorisCluster, object, before).errors.map(({ field }) => field);
    assert.deepEqual(refused(), ['metadata.name'], `${kind.kind} ${name}`);
    assert.deepEqual(refused(object), []);
  }
});
