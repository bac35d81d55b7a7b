import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPONENTS } from '../names.ts';
import { imageOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { statefulSet } from './stateful-set.ts';

const of = (baseImage: string, version: string): Cluster => {
  const component = { baseImage, replicas: 1, requests: { storage: '1Gi' } };
  return { name: 'c', namespace: 'n', spec: { version, fe: component, be: component, cn: component, broker: component } };
};
const images = (cluster: Cluster) => COMPONENTS.map((name) => imageOf(cluster, name));
const pod = (cluster: Cluster, name: (typeof COMPONENTS)[number], live?: object) =>
  statefulSet(cluster, name, { replicas: 1, leaving: [], live: live as never }).spec!.template.spec!; // sound: only the template of it is read

test('one repository for all components has the component in the tag, compute nodes being back ends; a tag that has it already stays', () => {
  assert.deepEqual(images(of('apache/doris', '2.1.7')), [
    'apache/doris:fe-2.1.7',
    'apache/doris:be-2.1.7',
    'apache/doris:be-2.1.7',
    'apache/doris:broker-2.1.7',
  ]);
  assert.equal(imageOf(of('mirror.example:5000/apache/doris', 'fe-4.0.1'), 'fe'), 'mirror.example:5000/apache/doris:fe-4.0.1');
  assert.deepEqual(new Set(images(of('ghcr.io/linsoss/doris-fe', '2.0.3'))), new Set(['ghcr.io/linsoss/doris-fe:2.0.3']));
});

test("Apache's images are started by their own scripts, told by their own words, and read their configuration where those look", () => {
  const cluster = of('apache/doris', '3.0.4');
  for (const name of COMPONENTS) {
    const [main] = pod(cluster, name).containers;
    const script = name === 'cn' ? 'be' : name;
    assert.deepEqual(main?.command, [`/opt/apache-doris/${script}_entrypoint.sh`, '$(ENV_FE_ADDR)']);
    assert.equal(main?.volumeMounts?.find((one) => one.name === 'conf')?.mountPath, '/etc/doris');
    const env = new Map(main?.env?.map((one) => [one.name, one.value]));
    assert.equal(env.get('ENV_FE_ADDR'), 'c-fe');
    assert.equal(env.get('COMPONENT_TYPE'), name === 'cn' ? 'COMPUTE' : undefined);
    assert.deepEqual(main?.env?.find((one) => one.name === 'PASSWD')?.valueFrom, { secretKeyRef: { name: 'c-opr-account', key: 'password' } });
  }
});

test('no container is privileged unless it is asked for, by name of its image or of itself, or was there before', () => {
  const cluster = of('doris-be', '2.0.3');
  const privileged = (spec: Partial<Cluster['spec']>, live?: object) =>
    pod({ ...cluster, spec: { ...cluster.spec, ...spec } }, 'be', live).initContainers?.length ?? 0;
  const taken = { spec: { template: { spec: { initContainers: [{ name: 'sysctl' }] } } }, metadata: {} };
  assert.deepEqual([privileged({}), privileged({ busyBoxImage: 'b' }), privileged({ setMaxMapCount: true }), privileged({}, taken)], [0, 1, 1, 1]);
  assert.equal(privileged({ setMaxMapCount: false, busyBoxImage: 'b' }, taken), 0);
  assert.ok(pod(cluster, 'be').containers[0]?.env?.some((one) => one.name === 'SKIP_CHECK_ULIMIT'));
});
