import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster } from '../../../test/cluster.ts';
import { fnv1a } from '../names.ts';
import { restartChecksum } from './checksum.ts';
import { mergeCustom, parseCustom } from './custom.ts';
import { emit, emitSorted } from './emit.ts';
import { initConfig } from './init.ts';
import { BASE_DIR, LEGACY_BASE_DIR, baseDirOf, memberConfig } from './member.ts';
import { restoreId } from './restore-id.ts';

const LICENCE = { licenseKeySecretName: 'hazelcast-license-key' };

/** spec/hazelcast-core.md §10.4, to the letter. */
const DEFAULT = `hazelcast:
    jet:
        enabled: true
        resource-upload-enabled: false
    cluster-name: dev
    properties:
        hazelcast.cluster.version.auto.upgrade.enabled: "true"
        hazelcast.persistence.auto.cluster.state: "true"
    advanced-network:
        enabled: true
        join:
            kubernetes:
                enabled: true
                service-name: hazelcast
                service-per-pod-label-name: hazelcast.com/service-per-pod
                service-per-pod-label-value: "true"
                service-port: 5702
        member-server-socket-endpoint-config:
            port:
                port: 5702
                port-count: 1
        client-server-socket-endpoint-config:
            port:
                port: 5701
                port-count: 1
        rest-server-socket-endpoint-config:
            port:
                port: 8081
                port-count: 1
            endpoint-groups:
                HEALTH_CHECK:
                    enabled: true
                CLUSTER_WRITE:
                    enabled: true
                PERSISTENCE:
                    enabled: true
        wan-server-socket-endpoint-config:
            default:
                port:
                    port: 5710
                    port-count: 1
`;

const config = (spec: object) => emit({ hazelcast: memberConfig(cluster({ ...LICENCE, ...spec })) });

test('the default configuration is the existing operator’s, byte for byte', () => {
  assert.equal(config({}), DEFAULT);
});

test('each section of the configuration is written as members have always read it', () => {
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  const written = config({
    persistence: { pvc },
    executorServices: [{}],
    highAvailabilityMode: 'ZONE',
    nativeMemory: { allocatorType: 'POOLED', size: '512M' },
    managementCenter: { consoleEnabled: true },
    sql: { catalogPersistenceEnabled: true },
    localDevices: [{ name: 'device1', pvc }],
    userCodeNamespaces: {},
  });
  const after = (line: string, count: number) => {
    const lines = written.split('\n');
    return lines.slice(lines.indexOf(line), lines.indexOf(line) + count).join('\n');
  };
  assert.equal(
    after('    persistence:', 8),
    `    persistence:
        enabled: true
        base-dir: /data/persistence/base-dir
        backup-dir: /data/persistence/base-dir/hot-backup
        parallelism: 1
        validation-timeout-seconds: 120
        cluster-data-recovery-policy: FULL_RECOVERY_ONLY
        auto-remove-stale-data: false`,
  );
  assert.equal(
    after('    executor-service:', 4),
    `    executor-service:
        default:
            pool-size: 8
            queue-capacity: 0`,
  );
  assert.equal(
    after('    native-memory:', 8),
    `    native-memory:
        enabled: true
        allocator-type: POOLED
        size:
            value: 512
            unit: MEGABYTES
        page-size: 4194304
        metadata-space-percentage: 12`,
  );
  assert.equal(
    after('    local-device:', 9),
    `    local-device:
        device1:
            base-dir: /data/tiered-storage/device1
            capacity:
                value: 8589934592
                unit: BYTES
            block-size: 4096
            read-io-thread-count: 4
            write-io-thread-count: 4`,
  );
  assert.ok(written.includes('    partition-group:\n        enabled: true\n        group-type: ZONE_AWARE\n'));
  assert.ok(written.includes('    management-center:\n        console-enabled: true\n'));
  assert.ok(written.includes('    sql:\n        statement-timeout-millis: 0\n        catalog-persistence-enabled: true\n'));
  assert.ok(written.includes('    user-code-namespaces:\n        enabled: true\n'));
  assert.ok(written.includes('hazelcast.tiered.store.force.enabled: "true"'));
});

test('8.2.20: class filters and compact classes are written in the form with which a member starts', () => {
  const written = config({
    serialization: { javaSerializationFilter: { blacklist: { classes: ['x'], prefixes: ['p'] } }, compactSerialization: { classes: ['test1'] } },
  });
  assert.ok(
    written.includes('            blacklist:\n                class:\n                    - x\n                prefix:\n                    - p\n'),
    written,
  );
  assert.ok(written.includes('        compact-serialization:\n            classes:\n                - class: test1\n'), written);
});

test('a native memory of 512Mi is 537 megabytes', () => {
  assert.ok(config({ nativeMemory: { size: '512Mi' } }).includes('value: 537\n'));
});

test('10.2.2: a cluster that is taken over is not restarted: checksums are those of the existing operator', () => {
  const checksum = (spec: object) => restartChecksum(cluster({ ...LICENCE, ...spec }));
  const pvc = { accessModes: ['ReadWriteOnce'] };
  assert.equal(checksum({}), '3607608517');
  assert.equal(checksum({ persistence: { pvc }, highAvailabilityMode: 'NODE', properties: { a: 'b' }, exposeExternally: {} }), '3607608517');
  assert.equal(checksum({ cpSubsystem: { pvc } }), '2586288213');
  assert.equal(checksum({ userCodeDeployment: { clientEnabled: true } }), '423270161');
  assert.equal(checksum({ tls: { secretName: 's' } }), '2963896904');
  assert.equal(checksum({ tls: { secretName: 's', mutualAuthentication: 'Required' } }), '2297662507');
  assert.equal(checksum({ jet: { instance: {} }, tls: { secretName: 's' } }), '2584902302');
  assert.equal(checksum({ jet: { instance: {} }, tls: { secretName: 's', mutualAuthentication: 'Required' } }), '34143752');
  assert.equal(checksum({ jet: { instance: {} } }), '4099608714');
  assert.equal(checksum({ jet: { instance: {} }, cpSubsystem: { pvc } }), '1322646419');
  assert.equal(checksum({ jet: { instance: {} }, userCodeDeployment: { clientEnabled: true } }), '2045294696');
});

test('10.2.3: a restore is recognised as done by a cluster that is taken over', () => {
  const bucket = (secretName: string, bucketURI: string) => restoreId({ bucketConfig: { secretName, bucketURI } });
  assert.equal(restoreId({ hotBackupResourceName: 'hot-backup' }), '3279032913');
  assert.equal(bucket('br-secret-az', 'azblob://backup?prefix=hazelcast/2022-06-02-21-57-49/'), '3054187763');
  assert.equal(bucket('s', 's3://b/p?region=us-west-1&x=1'), '1454284711');
  // Without a vector of its own: the text that is hashed, by the same rules.
  const old = { bucketConfig: { secret: 'old', bucketURI: 's3://b/<p>' } };
  assert.equal(restoreId(old), String(fnv1a('{"bucketConfig":{"secret":"old","secretName":"","bucketURI":"s3://b/\\u003cp\\u003e"}}')));
  assert.equal(restoreId({ localConfig: { pvcNamePrefix: 'persistence', backupFolder: 'backup-1659034855438' } }), '3568743837');
});

test('10.2.8: namespaces hash as they always did', () => {
  assert.equal(fnv1a('default'), 2470140894);
  assert.equal(fnv1a('hazelcast'), 3846360802);
});

test('10.2.9: a cluster whose data is at the root of the volume keeps it there', () => {
  assert.equal(baseDirOf(undefined), BASE_DIR);
  assert.equal(baseDirOf(emit({ hazelcast: { persistence: { 'base-dir': BASE_DIR.base } } })), BASE_DIR);
  assert.equal(baseDirOf(emit({ hazelcast: { persistence: { 'base-dir': '/data/persistence' } } })), LEGACY_BASE_DIR);
  assert.equal(baseDirOf(emit({ hazelcast: {} })), LEGACY_BASE_DIR);
});

test('custom sections are added, ours stay, and with the annotation theirs go over ours', () => {
  const ours = { 'cluster-name': 'dev', 'advanced-network': { enabled: true, join: { a: 1 } } };
  const custom = parseCustom('cluster-name: prod\nadvanced-network:\n  enabled: false\nserialization:\n  allow-unsafe: true\n');
  assert.deepEqual(mergeCustom(ours, custom, false), { ...ours, serialization: { 'allow-unsafe': true } });
  assert.deepEqual(mergeCustom(ours, custom, true), {
    'cluster-name': 'prod',
    'advanced-network': { enabled: false, join: { a: 1 } },
    serialization: { 'allow-unsafe': true },
  });
  assert.throws(() => parseCustom('- a\n'));
  assert.equal(emitSorted({ b: 1, a: { d: 1, c: 1 } }), 'a:\n    c: 1\n    d: 1\nb: 1\n');
});

test('8.2.16: every source of jars reaches the init container, not the last one alone', () => {
  const hz = cluster({
    userCodeDeployment: { bucketConfig: { secretName: 's', bucketURI: 's3://code' }, remoteURLs: ['https://a/x.jar', 'https://b/y.jar'] },
    jet: { bucketConfig: { secret: 'old', bucketURI: 'gs://jars' } },
  });
  assert.equal(
    initConfig(hz, BASE_DIR),
    `initContainer:
    download:
        buckets:
            - destination: /opt/hazelcast/userCode/bucket
              secretName: s
              bucketURI: s3://code
            - destination: /opt/hazelcast/jetJobJars
              secretName: old
              bucketURI: gs://jars
        urls:
            - destination: /opt/hazelcast/userCode/bucket
              urls: https://a/x.jar,https://b/y.jar
`,
  );
  assert.equal(initConfig(cluster(), BASE_DIR), 'initContainer: {}\n');
});
