import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { ConfigMap, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { parse, parseAllDocuments } from 'yaml';
import { agentCertificate } from '../src/agent/certificate.ts';
import { Hazelcast } from '../src/index.ts';
import { yamlOf } from '../src/hazelcast/objects/config.ts';
import { apply, applied } from './examples.ts';
import { LICENCE, put, subject } from './put.ts';

/** Virtual time that a cluster may take to come up; ms. */
const LONG_MS = 1_200_000;

/** Each example of a Hazelcast, and what it comes to in the configuration or the pods of its members. Other files: examples-backup.test.ts. */
const EXAMPLES: Readonly<Record<string, RegExp>> = {
  basic: /cluster-name: dev/,
  enterprise: /HZ_LICENSEKEY/,
  persistence: /persistence:\n\s+enabled: true/,
  'expose-externally': /service-per-pod-label-value: "true"/,
  tls: /protocol: TLS\n\s+keyStore: /,
  'tls-mutual': /mutualAuthentication: REQUIRED(?:\n.*)*mutualAuthentication: REQUIRED/,
  restore: /persistence:\n\s+enabled: true/,
  'restore-bucket': /cluster-data-recovery-policy: PARTIAL_RECOVERY_MOST_RECENT/,
  'advanced-network': /wan-server-socket-endpoint-config:\n\s+east:\n\s+port:\n\s+port: 5720\n\s+port-count: 2\n\s+west:/,
  'native-memory': /native-memory:\n\s+enabled: true\n\s+allocator-type: POOLED\n\s+size:\n\s+value: 2148/,
  'tiered-storage': /local-device:\n\s+disk:\n\s+base-dir: \/data\/tiered-storage\/disk/,
  'cp-subsystem': /cp-subsystem:\n\s+cp-member-count: 3/,
  'user-code': /\/opt\/hazelcast\/userCode\/cm\/my-code/,
  executors: /scheduled-executor-service:\n\s+nightly:(?:\n.*){4}PER_PARTITION/,
  jet: /\/opt\/hazelcast\/jetJobJars\/my-jobs/,
  sql: /statement-timeout-millis: 60000\n\s+catalog-persistence-enabled: true/,
  serialization: /compact-serialization:\n\s+serializers:\n\s+- serializer: com.example.CustomerSerializer/,
  'high-availability-zone': /group-type: ZONE_AWARE/,
  'high-availability-node': /group-type: NODE_AWARE/,
  jvm: /-XX:MaxRAMPercentage=70.0 .*-XX:\+UseG1GC/,
  settings: /console-enabled: true\n\s+data-access-enabled: true/,
  'custom-config': /flake-id-generator:\n\s+default:\n\s+prefetch-count: 50/,
};

const folder = new URL('../../../examples/hazelcast/', import.meta.url);
const base64 = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]));

/** What the examples say that they need. */
async function given(w: World): Promise<void> {
  const { key, certificate } = agentCertificate(w.clock.now());
  await put(w, Secret, 'hazelcast-license-key', LICENCE);
  await put(w, Secret, 'hazelcast-tls', { data: base64({ 'tls.crt': certificate, 'tls.key': key }) });
  await put(w, Secret, 'bucket-credentials', { data: base64({ 'access-key-id': 'a', 'secret-access-key': 'b', region: 'eu-west-1' }) });
  for (const name of ['my-code', 'my-jobs']) await put(w, ConfigMap, name, { binaryData: base64({ 'a.jar': 'jar' }) });
}

for (const [file, shown] of Object.entries(EXAMPLES))
  test(`the example ${file} comes up as it is`, { timeout: 120_000 }, async () => {
    await using w = await world([subject]);
    w.start(subject);
    await given(w);
    if (file === 'restore') for (const one of ['persistence', 'hot-backup-bucket']) await applied(w, one);
    const { ref } = await apply(w, file);
    await w.until(Hazelcast, ref, (now) => now !== undefined && isReady(now), LONG_MS);
    assert.equal((await w.find(Hazelcast, ref))?.status?.hazelcastClusterStatus?.readyMembers, '3/3');
    const pods = JSON.stringify((await w.find(StatefulSet, ref))?.spec?.template);
    assert.match(`${yamlOf(await w.find(Secret, ref))}\n${pods}`, shown);
    if (file === 'advanced-network')
      for (const wan of ['east', 'west']) assert.ok(await w.find(Service, { ...ref, name: `${ref.name}-${wan}` }), `no Service ${wan}`);
  });

test('the example pause runs no member, and comes up once it is given a size', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await given(w);
  const { ref } = await apply(w, 'pause');
  await w.until(Hazelcast, ref, (now) => now?.status?.phase === 'Paused' && isReady(now));
  await w.api.patch(Hazelcast, ref, { type: 'merge', body: { spec: { clusterSize: 3 } } });
  await w.until(Hazelcast, ref, (now) => now?.status?.phase === 'Running' && isReady(now), LONG_MS);
});

test('each example is told in a test and listed in the documentation', () => {
  const told = readFileSync(new URL('examples-backup.test.ts', import.meta.url), 'utf8');
  const docs = ['hazelcast', 'hazelcast-backup', 'management-center']
    .map((page) => readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'))
    .join('');
  const files = readdirSync(folder).map((file) => file.replace('.yaml', ''));
  assert.deepEqual(
    files.filter((file) => !(file in EXAMPLES) && file !== 'pause' && !told.includes(`'${file}'`)),
    [],
  );
  assert.deepEqual(
    files.filter((file) => !docs.includes(`${file}.yaml`)),
    [],
  );
});

test('an example stands for itself: no two of them are of one name, but for those of the cluster that the others are about', () => {
  const names = Object.keys(EXAMPLES).map(
    (file) =>
      (
        parse(
          readFileSync(new URL(`${file}.yaml`, folder), 'utf8')
            .split('---\n')
            .at(-1)!,
        ) as { metadata: { name: string } }
      ).metadata.name,
  );
  assert.deepEqual(
    names.filter((name, index) => name !== 'hazelcast' && names.indexOf(name) !== index),
    [],
  );
});

/** Fields that name an object which somebody has to bring. */
const NAMING = /^(licenseKeySecretName|secretName|credentialsSecretName|configMaps|customConfigCmName|hazelcastResourceName|hotBackupResourceName)$/;
const textOf = (file: string) => readFileSync(new URL(`${file}.yaml`, folder), 'utf8');
const docsOf = (file: string) => parseAllDocuments(textOf(file)).map((one) => one.toJS() as { readonly metadata: { readonly name: string } });
const opening = (file: string) =>
  textOf(file)
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n');

/** What an object names, anywhere in it. */
function named(value: unknown, key = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => named(one, key));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([field, one]) => named(one, field));
  return NAMING.test(key) && typeof value === 'string' ? [value] : [];
}

/** Whether who reads the first lines of an example, and the examples that these point to, learns where an object comes from. */
function said(name: string, file: string, before: readonly string[] = []): boolean {
  const lines = opening(file);
  if (lines.includes(name)) return true;
  const others = [...lines.matchAll(/([\w-]+)\.yaml/g)].map((match) => match[1]!).filter((other) => other !== file && !before.includes(other));
  return others.some((other) => docsOf(other).some(({ metadata }) => metadata.name === name) || said(name, other, [...before, file]));
}

test('whoever reads the first lines of an example knows each Secret, ConfigMap and object that it needs and does not bring', () => {
  const silent = readdirSync(folder)
    .map((file) => file.replace('.yaml', ''))
    .flatMap((file) => {
      const objects = docsOf(file);
      const brought = objects.map(({ metadata }) => metadata.name);
      return named(objects)
        .filter((name) => !brought.includes(name) && !said(name, file))
        .map((name) => `${file}.yaml says nothing of ${name}`);
    });
  assert.deepEqual(silent, []);
});
