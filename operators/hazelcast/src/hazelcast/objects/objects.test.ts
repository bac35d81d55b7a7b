import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { cluster } from '../../../test/cluster.ts';
import { agentCertificate } from '../../agent/certificate.ts';
import { memberImage } from '../effective.ts';
import { CONFIGURATION, TEMPLATE_HASH } from '../names.ts';
import { memberContainer, saysReady } from './pod.ts';
import { mainService, mustReplace } from './services.ts';
import { statefulSet } from './stateful-set.ts';
import { claims } from './volumes.ts';

const LICENCE = { licenseKeySecretName: 'l' };

test('a licence runs the Enterprise image, none the open-source one, and another repository is left alone', () => {
  const image = (spec: object) => memberImage(cluster({ version: '5.5.0', ...spec }));
  assert.equal(image({}), 'docker.io/hazelcast/hazelcast:5.5.0');
  assert.equal(image(LICENCE), 'docker.io/hazelcast/hazelcast-enterprise:5.5.0');
  assert.equal(image({ ...LICENCE, repository: 'docker.io/hazelcast/hazelcast' }), 'docker.io/hazelcast/hazelcast-enterprise:5.5.0');
  assert.equal(image({ ...LICENCE, repository: 'mirror.example/hazelcast' }), 'mirror.example/hazelcast:5.5.0');
});

test('versions after 5.2.0 are asked whether they are ready, others and unknown tags whether they run', () => {
  assert.deepEqual(['5.2.1', '5.2.1-SNAPSHOT', '5.5.0-SNAPSHOT', '5.5.0', '6.0.0', '5.3'].map(saysReady), [true, true, true, true, true, true]);
  assert.deepEqual(['5.2.0', '5.2.0-x', '5.1.9', '4.9.9', 'latest', 'latest-snapshot', '5.5.0_1'].map(saysReady), [
    false,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('arguments of the JVM keep their order, and the user’s own join prevention stays', () => {
  const opts = (jvm: object) => memberContainer(cluster({ jvm }), 'persistence', { phoneHome: true, leaving: [] }).env?.[0]?.value;
  const start = '-Dhazelcast.config=/data/hazelcast/hazelcast.yaml -XX:+UseContainerSupport';
  assert.equal(opts({}), `${start} -Dhazelcast.stale.join.prevention.duration.seconds=5`);
  assert.equal(
    opts({ args: ['-Dhazelcast.stale.join.prevention.duration.seconds=9'], gc: { collector: 'Serial' } }),
    `${start} -Dhazelcast.stale.join.prevention.duration.seconds=9 -XX:+UseSerialGC`,
  );
});

test('a variable that the user sets as well is there once, with the user’s value', () => {
  const { env = [] } = memberContainer(cluster({ env: [{ name: 'LOGGING_LEVEL', value: 'TRACE' }] }), 'persistence', { phoneHome: true, leaving: [] });
  assert.deepEqual(
    env.filter(({ name }) => name === 'LOGGING_LEVEL'),
    [{ name: 'LOGGING_LEVEL', value: 'TRACE' }],
  );
});

test('a headless Service is made anew to be exposed, and an exposed one keeps its address when it no longer is', () => {
  const live = (clusterIP: string) => ({ spec: { clusterIP } }) as never;
  assert.equal(mustReplace(cluster({ exposeExternally: {} }), live('None')), true);
  assert.equal(mustReplace(cluster({ exposeExternally: {} }), live('10.0.0.1')), false);
  assert.equal(mustReplace(cluster(), live('None')), false);
  assert.equal(mainService(cluster(), live('10.0.0.1')).spec?.clusterIP, undefined);
  assert.equal(mainService(cluster(), undefined).spec?.clusterIP, 'None');
});

test('claims keep the labels they were made with: the API server takes no change', () => {
  const hz = cluster({ ...LICENCE, labels: { team: 'new' }, persistence: { pvc: { accessModes: ['ReadWriteOnce'] } } });
  const old = { metadata: {}, spec: { volumeClaimTemplates: [{ metadata: { name: 'hot-restart-persistence', labels: { team: 'old' } } }] } } as never;
  const [claim] = claims(hz, old);
  assert.deepEqual(claim?.metadata, { name: 'hot-restart-persistence', labels: { team: 'old' } });
  const mounts = statefulSet(hz, { replicas: 3, phoneHome: true, configuration: '' }, old).spec?.template.spec?.containers[0]?.volumeMounts ?? [];
  assert.ok(mounts.some(({ name, mountPath }) => name === 'hot-restart-persistence' && mountPath === '/data/persistence'));
});

test('the certificate of agents proves itself, for both sides, for ten years', () => {
  const now = 1_767_225_600_000;
  const { key, certificate } = agentCertificate(now);
  const read = new X509Certificate(certificate);
  assert.ok(read.verify(read.publicKey));
  assert.ok(read.checkPrivateKey(createPrivateKey(key)));
  assert.deepEqual([read.subject, read.issuer, read.ca, read.checkHost('mtls')], ['O=Hazelcast', 'O=Hazelcast', true, 'mtls']);
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  assert.equal(
    read.serialNumber,
    Math.floor(now / 1000)
      .toString(16)
      .toUpperCase(),
  );
  assert.deepEqual([read.validFrom, read.validTo], ['Jan  1 00:00:00 2026 GMT', 'Dec 30 00:00:00 2035 GMT']);
});

test('8.6: members of a new cluster pass the restricted Pod Security level, and those that once restarted without are not restarted for it', () => {
  const rollout = { replicas: 3, phoneHome: true, configuration: '' };
  const profile = (live: Parameters<typeof statefulSet>[2]) => statefulSet(cluster(), rollout, live).spec?.template.spec?.securityContext?.seccompProfile;
  const running = (securityContext: object) =>
    ({ metadata: { annotations: { [TEMPLATE_HASH]: 'ours' } }, spec: { template: { spec: { securityContext, containers: [] } } } }) as never;
  assert.deepEqual(profile(undefined), { type: 'RuntimeDefault' });
  assert.equal(profile(running({ runAsNonRoot: true })), undefined);
  assert.deepEqual(profile(running({ seccompProfile: { type: 'RuntimeDefault' } })), { type: 'RuntimeDefault' });
});

test('members that keep data in memory hand it over before they go; those that are taken over are not restarted for it', () => {
  const options = (spec: object, live?: object, configuration = '') =>
    statefulSet(cluster(spec), { replicas: 3, phoneHome: true, configuration }, live as never).spec?.template.spec?.containers[0]?.env?.[0]?.value ?? '';
  const graceful = (...how: Parameters<typeof options>) => options(...how).includes('-Dhazelcast.shutdownhook.policy=GRACEFUL');
  const running = (env: object, image = memberImage(cluster()), annotations: object = {}) => ({
    metadata: {},
    spec: { template: { metadata: { annotations }, spec: { containers: [{ image, env: [{ name: 'JAVA_OPTS', ...env }] }] } } },
  });
  const [before, ours] = [running({ value: '-Dhazelcast.config=x' }), running({ value: options({}) })];
  assert.ok(graceful({}));
  assert.ok(!graceful({ ...LICENCE, persistence: { pvc: { accessModes: ['ReadWriteOnce'] } } }), 'data stays on its volume');
  assert.ok(!graceful({ jvm: { args: ['-Dhazelcast.shutdownhook.policy=TERMINATE'] } }), 'the user says how');
  assert.ok(!graceful({}, before), 'taken over');
  assert.ok(graceful({}, ours));
  assert.ok(graceful({ version: '5.5.9' }, before), 'it restarts anyway');
  assert.ok(graceful({}, before, 'another configuration'), 'it restarts anyway');
  assert.ok(!graceful({}, running({ value: '' }, undefined, { [CONFIGURATION]: 'this' }), 'this'));
});
