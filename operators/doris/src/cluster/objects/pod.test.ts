import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from './cluster.ts';
import { services } from './services.ts';
import { statefulSet } from './stateful-set.ts';

const component = { baseImage: 'doris-be', replicas: 1, requests: { storage: '1Gi', cpu: '1' } };
const cluster = (spec: Partial<Cluster['spec']>): Cluster => ({ name: 'c', namespace: 'n', spec: { version: '2.0.3', ...spec } });
const built = (of: Cluster, name: 'fe' | 'be' | 'cn' | 'broker') => statefulSet(of, name, { replicas: 1, leaving: [], live: undefined }).spec!.template.spec!;

test('own mounts of a back end are there once', () => {
  const mount = { name: 'extra', mountPath: '/extra' };
  const pod = built(cluster({ be: { ...component, additionalVolumes: [{ name: 'extra', emptyDir: {} }], additionalVolumeMounts: [mount] } }), 'be');
  assert.equal(pod.containers[0]?.volumeMounts?.filter((one) => one.mountPath === '/extra').length, 1);
});

test('storage sizes the volume and is no resource of the container', () => {
  assert.deepEqual(built(cluster({ be: component }), 'be').containers[0]?.resources, { requests: { cpu: '1' } });
});

test('the heartbeat port is heartbeat_service_port, in probes and Services', () => {
  const of = cluster({ be: { ...component, config: { heartbeat_service_port: '19050', be_port: '19060' } } });
  assert.deepEqual(built(of, 'be').containers[0]?.readinessProbe?.tcpSocket, { port: 19_050 });
  assert.deepEqual(
    services(of, 'be')[1]?.spec?.ports?.map((port) => port.port),
    [8040, 19_050, 19_060, 8060],
  );
});

test('host aliases come in the order of the spec, one a address', () => {
  const hadoopConf = {
    hostAliases: [
      { ip: '10.0.0.2', name: 'b' },
      { ip: '10.0.0.1', name: 'a' },
      { ip: '10.0.0.2', name: 'c' },
    ],
  };
  const pod = built(cluster({ hadoopConf, be: { ...component, hostAliases: [{ ip: '10.0.0.1', hostnames: ['d', 'a'] }] } }), 'be');
  assert.deepEqual(pod.hostAliases, [
    { ip: '10.0.0.2', hostnames: ['b', 'c'] },
    { ip: '10.0.0.1', hostnames: ['a', 'd'] },
  ]);
});

test('a broker without any annotation is built all the same', () => {
  assert.deepEqual(
    Object.keys(statefulSet(cluster({ broker: component }), 'broker', { replicas: 1, leaving: [], live: undefined }).spec!.template.metadata!.annotations!),
    ['al-assad.github.io/broker-config'],
  );
});
