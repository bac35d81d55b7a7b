import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import type { Filler, Guard, View, Write } from '@binnacle/runtime';
import { admit } from '@binnacle/schema';
import type { Resource } from '@binnacle/schema';
import fc from 'fast-check';
import { CronHotBackup, Hazelcast, HotBackup, ManagementCenter } from '../src/index.ts';
import { advice } from '../src/webhook/advice.ts';
import { fillers } from '../src/webhook/fill.ts';
import { anyCluster } from './any-spec.ts';
import { center } from './center.ts';
import { cluster } from './cluster.ts';
import { CENTER_FIELDS } from './fields.ts';
import { centerObjects, objects } from './golden.ts';

/** A cache that holds these. */
function view(...all: readonly (readonly [AnyKind, string, object?])[]): View {
  const rows = (kind: AnyKind) => all.filter(([one]) => one === kind).map(([, name, more]) => ({ metadata: { name }, ...more }) as any);
  return { get: (kind, { name }) => rows(kind).find(({ metadata }) => metadata.name === name), list: (kind) => rows(kind), ownedBy: () => [], find: () => [] };
}

const write = (object: unknown, before?: unknown) =>
  ({ operation: 'CREATE', ref: { namespace: 'default', name: 'x' }, object, before, user: 'me', dryRun: false }) as unknown as Write<AnyKind>;
function fill(name: string, object: unknown): { readonly spec: Readonly<Record<string, unknown>> } {
  const hook = fillers.find((one) => one.name === name) as Filler;
  return hook.fill(write(object), view()) as never;
}

test('what is written down when an object is made is what is made of it anyway, and writing it down again changes nothing', () => {
  fc.assert(
    fc.property(anyCluster(), (hz) => {
      const filled = fill('hazelcast-defaults', hz);
      assert.equal(objects(filled.spec), objects(hz.spec));
      assert.deepEqual(fill('hazelcast-defaults', filled), filled);
    }),
    { numRuns: 40 },
  );
  for (const [, spec] of Object.values(CENTER_FIELDS)) assert.equal(centerObjects(fill('management-center-defaults', center(spec)).spec), centerObjects(spec));
});

test('an object is written down with the image that its members run and without sections that say nothing', () => {
  const nothing = {
    tls: { secretName: '' },
    scheduling: {},
    resources: {},
    agent: { resources: {} },
    managementCenter: {},
    advancedNetwork: {},
    userCodeDeployment: {},
  };
  const { spec } = fill('hazelcast-defaults', cluster(nothing));
  assert.equal(spec['repository'], 'docker.io/hazelcast/hazelcast');
  assert.deepEqual(
    Object.keys(nothing).filter((section) => section in spec),
    ['agent'],
  );
  const licensed = fill('hazelcast-defaults', cluster({ licenseKeySecretName: 'l', repository: 'docker.io/hazelcast/hazelcast', userCodeNamespaces: {} })).spec;
  assert.equal(licensed['repository'], 'docker.io/hazelcast/hazelcast-enterprise');
  assert.deepEqual(licensed['userCodeNamespaces'], {}, 'that it is there says something');
  const mc = fill('management-center-defaults', center({ hazelcastClusters: [{ address: 'a', tls: { secretName: '' } }], scheduling: {} })).spec;
  assert.deepEqual([mc['hazelcastClusters'], mc['scheduling']], [[{ name: 'dev', address: 'a' }], undefined]);
  assert.ok(
    fillers.every(({ on }) => on.join() === 'CREATE'),
    'what somebody writes later is never exchanged',
  );
  const broken = { metadata: { name: 'x' }, spec: 7 };
  assert.equal(fill('hazelcast-defaults', broken), broken, 'the schema refuses it right after');
});

test('what a spec names and is not there is a warning with its path, once, and never a refusal', () => {
  const asked = (name: string, object: object, seen: View, before?: object) => {
    const verdict = (advice.find((one) => one.name === name) as Guard).review(write(object, before), seen);
    return verdict.type === 'allow' ? (verdict.warnings ?? []) : assert.fail(verdict.message);
  };
  const hz = cluster({
    licenseKeySecret: 'licence',
    tls: { secretName: 'cert' },
    customConfigCmName: 'custom',
    persistence: { restore: { hotBackupResourceName: 'b' } },
  });
  const seen = view([Secret, 'licence'], [ConfigMap, 'custom']);
  assert.deepEqual(asked('hazelcast-references', hz, seen), [
    'spec.tls.secretName: there is no Secret cert in namespace default yet',
    'spec.persistence.restore.hotBackupResourceName: there is no HotBackup b in namespace default yet',
  ]);
  assert.deepEqual(asked('hazelcast-references', hz, seen, hz), [], 'an edit of something else');
  const hotBackup = { spec: { hazelcastResourceName: 'prod', bucketURI: 's3://bucket', secret: 'old' } };
  assert.deepEqual(asked('hot-backup-references', hotBackup, seen), ['spec.secretName: there is no Secret old in namespace default yet']);
  const [warning] = asked('cron-hot-backup-references', { spec: { hotBackupTemplate: hotBackup } }, seen);
  assert.match(warning ?? '', /^spec.hotBackupTemplate.spec.secretName: there is no Secret old/);
  const mc = center({ hazelcastClusters: [{ address: 'a', tls: { secretName: 'cert' } }] });
  assert.deepEqual(asked('management-center-references', mc, seen), [
    'spec.hazelcastClusters[0].tls.secretName: there is no Secret cert in namespace default yet',
  ]);
});

test('objects from before a rule stay editable: only what an edit changes is judged', () => {
  const errors = <S, T>(kind: Resource<S, T>, from: object, to: object) => {
    const object = (spec: object) => ({ apiVersion: 'hazelcast.com/v1alpha1', kind: kind.kind, metadata: { name: 'x', namespace: 'default' }, spec });
    return admit(kind, object({ ...from, ...to }), object(from)).errors.map(({ field }) => field);
  };
  const wan = { advancedNetwork: { wan: [{ name: 'w', port: 5701, portCount: 1 }] } };
  const old = { clusterSize: 301, jvm: { gc: { collector: 'G1' }, args: ['-XX:+UseG1GC'] }, sql: { statementTimeout: -1 }, persistence: {}, ...wan };
  assert.deepEqual(errors(Hazelcast, old, { properties: { a: 'b' } }), []);
  assert.deepEqual(errors(Hazelcast, old, { clusterSize: 302 }), ['spec.clusterSize']);
  assert.deepEqual(errors(Hazelcast, old, { clusterSize: 3, sql: { statementTimeout: -2 } }), ['spec.sql.statementTimeout']);
  const center = { hazelcastClusters: [{ name: 'a b', address: 'a' }] };
  assert.deepEqual(errors(ManagementCenter, center, { version: '5.5.0' }), []);
  const backup = { hazelcastResourceName: 'prod', bucketURI: 'ftp://x' };
  assert.deepEqual(errors(HotBackup, backup, { secretName: 's' }), []);
  const cron = { schedule: 'whenever', hotBackupTemplate: { spec: backup } };
  assert.deepEqual(errors(CronHotBackup, cron, { suspend: true }), []);
  assert.deepEqual(errors(CronHotBackup, cron, { schedule: 'never' }), ['spec.schedule']);
});
