import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from '@binnacle/schema';
import { cluster, refusals } from '../../test/cluster.ts';
import { Hazelcast } from './hazelcast.ts';
import { ManagementCenter } from './management-center.ts';

const LICENCE = { licenseKeySecretName: 'l' };
const pvc = { accessModes: ['ReadWriteOnce'] };
const persistence = { pvc };

/** What a spec is refused with; the texts are those that scripts and the existing operator's own tests match. */
const TABLE: readonly (readonly [what: string, spec: object, refusal: string])[] = [
  ['too many members', { clusterSize: 301 }, 'spec.clusterSize: Invalid value: 301: may not be greater than 300'],
  ['fewer than none', { clusterSize: -1 }, 'spec.clusterSize: Invalid value: -1: spec.clusterSize in body should be greater than or equal to 0'],
  [
    'member access without Smart',
    { exposeExternally: { type: 'Unisocket', memberAccess: 'LoadBalancer' } },
    'spec.exposeExternally.memberAccess: Forbidden: can\'t be set when exposeExternally.type is set to "Unisocket"',
  ],
  [
    'an odd type of Service',
    { exposeExternally: { discoveryServiceType: 'ClusterIP' } },
    'spec.exposeExternally.discoveryServiceType: Invalid value: "ClusterIP": service type not supported',
  ],
  ['persistence without a volume', { ...LICENCE, persistence: {} }, 'spec.persistence.pvc: Required value: must be set when persistence is enabled'],
  [
    'a volume without access modes',
    { ...LICENCE, persistence: { pvc: {} } },
    'spec.persistence.pvc.accessModes: Required value: must be set when persistence is enabled',
  ],
  [
    'PartialStart with FullRecoveryOnly',
    { ...LICENCE, persistence: { pvc, startupAction: 'PartialStart' } },
    'spec.persistence.startupAction: Forbidden: PartialStart can be used only with Partial clusterDataRecoveryPolicy',
  ],
  [
    'a WAN node port',
    { advancedNetwork: { wan: [{ name: 'w', port: 6000, portCount: 1, serviceType: 'NodePort' }] } },
    'spec.advancedNetwork.wan[0]: Forbidden: invalid serviceType value, possible values are ClusterIP and LoadBalancer',
  ],
  [
    'overlapping WAN ports',
    {
      advancedNetwork: {
        wan: [
          { name: 'a', port: 5001, portCount: 3 },
          { name: 'b', port: 5002, portCount: 3 },
        ],
      },
    },
    'spec.advancedNetwork.wan: Invalid value: "5001-5003": wan ports overlapping with 5002-5004',
  ],
  [
    'WAN ports that members use',
    { advancedNetwork: { wan: [{ name: 'a', port: 5702, portCount: 3 }] } },
    'spec.advancedNetwork.wan[0]: Invalid value: "5702-5704": wan ports conflicting with one of 5701,5702,8081',
  ],
  [
    'a WAN endpoint without ports',
    { advancedNetwork: { wan: [{ name: 'a', port: 6000 }] } },
    'spec.advancedNetwork.wan[0].portCount: Required value: a Service without ports cannot be',
  ],
  [
    'a WAN endpoint with a name that no Service can have',
    { advancedNetwork: { wan: [{ name: 'West', port: 6000, portCount: 1 }] } },
    'spec.advancedNetwork.wan[0].name: Invalid value: "West": must be lower-case letters, digits and dashes, and begin and end with a letter or digit',
  ],
  [
    'a device with a name that no volume can have',
    { ...LICENCE, nativeMemory: {}, localDevices: [{ name: 'disk_1', pvc }] },
    'spec.localDevices[0].name: Invalid value: "disk_1": must be lower-case letters, digits and dashes, and begin and end with a letter or digit',
  ],
  [
    'too many copies of jobs',
    { jet: { instance: { backupCount: 7 } } },
    'spec.jet.instance.backupCount: Invalid value: 7: spec.jet.instance.backupCount in body should be less than or equal to 6',
  ],
  [
    'lossless restart without persistence',
    { ...LICENCE, jet: { instance: { losslessRestartEnabled: true } } },
    'spec.jet.instance.losslessRestartEnabled: Forbidden: can be enabled only if persistence enabled',
  ],
  [
    'a JVM flag set twice',
    { jvm: { gc: { collector: 'G1' }, args: ['-XX:+UseG1GC'] } },
    'spec.jvm.args: Duplicate value: "-XX:+UseG1GC": -XX:+UseG1GC is already set up in JVM config',
  ],
  [
    'persistence with standard native memory',
    { ...LICENCE, persistence, nativeMemory: {} },
    'spec.nativeMemory.allocatorType: Required value: STANDARD cannot be combined with persistence, set POOLED',
  ],
  [
    'a catalogue that needs persistence',
    { ...LICENCE, sql: { catalogPersistenceEnabled: true } },
    'spec.sql.catalogPersistenceEnabled: Forbidden: catalogPersistence requires Hazelcast persistence enabled',
  ],
  [
    'tiered storage without native memory',
    { ...LICENCE, localDevices: [{ name: 'd', pvc }] },
    'spec.nativeMemory: Required value: Native Memory must be enabled at Hazelcast when Tiered Storage is enabled',
  ],
  [
    'a CP group of four',
    { ...LICENCE, clusterSize: 4, cpSubsystem: { pvc } },
    'spec.clusterSize: Invalid value: 4: cluster with CP Subsystem enabled can have 3, 5, or 7 members',
  ],
  ['CP without a volume', { ...LICENCE, cpSubsystem: {} }, 'spec.cpSubsystem.pvc: Required value: PVC should be configured'],
  [
    'CP sessions shorter than their heartbeat',
    { ...LICENCE, cpSubsystem: { pvc, sessionTTLSeconds: 5 } },
    'spec.cpSubsystem.sessionTTLSeconds: Invalid value: 5: must be greater than sessionHeartbeatIntervalSeconds',
  ],
  [
    'CP sessions that outlive their members',
    { ...LICENCE, cpSubsystem: { pvc, missingCpMemberAutoRemovalSeconds: 100 } },
    'spec.cpSubsystem.sessionTTLSeconds: Invalid value: 300: must be smaller than or equal to missingCpMemberAutoRemovalSeconds',
  ],
  [
    'Hazelcast’s own variables',
    { env: [{ name: 'HZ_X', value: '1' }] },
    "spec.env: Invalid value: Environment variables cannot start with 'HZ_'. Use customConfigCmName to configure Hazelcast.",
  ],
  ['persistence without a licence', { persistence }, 'spec.persistence: Forbidden: needs Hazelcast Enterprise: set spec.licenseKeySecretName'],
  [
    'encryption without its Secret',
    { ...LICENCE, tls: { secretName: '', mutualAuthentication: 'Required' } },
    'spec.tls.secretName: Required value: TLS Secret name must be set',
  ],
];

for (const [what, spec, refusal] of TABLE) {
  test(`refused: ${what}`, () => {
    const found = refusals(spec);
    assert.ok(
      found.some((one) => one === refusal || (refusal.startsWith('spec.env') && one.includes("cannot start with 'HZ_'"))),
      found.join('\n'),
    );
  });
}

test('what users of the existing operator have is accepted', () => {
  for (const spec of [
    {},
    LICENCE,
    { ...LICENCE, licenseKeySecret: 'old', persistence: { baseDir: '/data', pvc } },
    { ...LICENCE, persistence: { pvc, restore: { hotBackupResourceName: 'b' } } },
    { ...LICENCE, persistence: { pvc, restore: { bucketConfig: { bucketURI: 's3://backup' } } } },
    { ...LICENCE, cpSubsystem: { pvc }, clusterSize: 0 },
    { ...LICENCE, exposeExternally: {}, userCodeNamespaces: {}, tls: { secretName: '' } },
  ])
    assert.deepEqual(refusals(spec), []);
  assert.match(refusals({}, { name: '1hz' })[0] ?? '', /^metadata.name: Invalid value/);
});

test('a new cluster or Management Center has a name that its Service and its pods can have, and one that is there already is edited as before', () => {
  for (const name of ['a.b', 'a'.repeat(53)])
    for (const kind of [Hazelcast, ManagementCenter]) {
      const object = { apiVersion: 'hazelcast.com/v1alpha1', kind: kind.kind, metadata: { name, namespace: 'default' }, spec: {} };
      assert.deepEqual(
        admit(kind as typeof Hazelcast, object).errors.map(({ field }) => field),
        ['metadata.name'],
        `${kind.kind} ${name}`,
      );
      assert.deepEqual(admit(kind as typeof Hazelcast, object, object).errors, []);
    }
});

const FORMED = {
  status: { conditions: [{ type: 'Formed', status: 'True', reason: 'AllMembersMet', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
};

test('what holds data cannot be changed once the cluster has formed, and can before', () => {
  const before = cluster({ ...LICENCE, persistence, highAvailabilityMode: 'NODE' });
  const now = { ...before, spec: { ...before.spec, highAvailabilityMode: 'ZONE', persistence: { pvc: { accessModes: ['ReadWriteMany'] } } } };
  const errors = (old: object) => admit(Hazelcast, now, old).errors.map(({ field, message }) => `${field}: ${message}`);
  assert.deepEqual(errors(before), []);
  assert.deepEqual(errors({ ...before, ...FORMED }), [
    'spec.highAvailabilityMode: Forbidden: field cannot be updated',
    'spec.persistence.pvc: Forbidden: field cannot be updated',
  ]);
  const adopted = { ...before, metadata: { ...before.metadata, annotations: { 'hazelcast.com/last-successful-spec': '{}' } } };
  assert.equal(errors(adopted).length, 2, 'a cluster that ran under the existing operator has formed');
});

test('a cluster that is being deleted may lose its finalizer, whatever else is wrong', () => {
  const before = { ...cluster({ ...LICENCE, persistence }), ...FORMED };
  const now = { ...before, metadata: { ...before.metadata, deletionTimestamp: '2026-01-02T00:00:00Z' }, spec: { ...before.spec, persistence: undefined } };
  assert.deepEqual(admit(Hazelcast, JSON.parse(JSON.stringify(now)), before).errors, []);
});

test('a CP cluster is resized by pausing it only', () => {
  const before = { ...cluster({ ...LICENCE, cpSubsystem: { pvc } }), ...FORMED };
  const resized = (clusterSize: number) => admit(Hazelcast, { ...before, spec: { ...before.spec, clusterSize } }, before).errors.map(({ message }) => message);
  assert.deepEqual(resized(5), ['Forbidden: dynamic scaling not permitted when CP is enabled']);
  assert.deepEqual(resized(0), []);
});

test('a value with which no member starts is refused, since an edit restarts them', () => {
  const refused = (path: string, spec: object) =>
    assert.ok(
      refusals(spec).some((one) => one.startsWith(`${path}: `)),
      `${path} is let through`,
    );
  refused('spec.clusterName', { clusterName: '' });
  refused('spec.durableExecutorServices[0].capacity', { durableExecutorServices: [{ capacity: 0 }] });
  refused('spec.scheduledExecutorServices[0].capacityPolicy', { scheduledExecutorServices: [{ capacityPolicy: 'PER_MOON' }] });
  refused('spec.executorServices[0].queueCapacity', { executorServices: [{ queueCapacity: -1 }] });
  refused('spec.jet.edgeDefaults.queueSize', { jet: { edgeDefaults: { queueSize: 0 } } });
  refused('spec.sql.statementTimeout', { sql: { statementTimeout: -1 } });
  refused('spec.nativeMemory.minBlockSize', { nativeMemory: { minBlockSize: 24 } });
  refused('spec.nativeMemory.size', { nativeMemory: { size: '0' } });
  refused('spec.nativeMemory.pageSize', { nativeMemory: { pageSize: -1 } });
  refused('spec.nativeMemory.metadataSpacePercentage', { nativeMemory: { metadataSpacePercentage: -1 } });
  refused('spec.localDevices[0].pvc.requestStorage', { localDevices: [{ name: 'd', pvc: { ...pvc, requestStorage: 0 } }] });
  refused('spec.clusterName', { clusterName: ' \t' });
  refused('spec.serialization.serializers[0].typeClass', { serialization: { serializers: [{ typeClass: ' ', className: 'x' }] } });
  refused('spec.serialization.compactSerialization.classes[0]', { serialization: { compactSerialization: { classes: [''] } } });
  assert.deepEqual(refusals({ scheduledExecutorServices: [{ capacity: 0, capacityPolicy: 'PER_PARTITION' }], jet: { instance: { backupCount: 0 } } }), []);
});

test('a section that members of this version do not know is refused, and one that came with it is not', () => {
  const fields = (version: string, spec: object) => refusals({ ...LICENCE, version, ...spec }).map((one) => one.split(':')[0]);
  const namespaces = { userCodeNamespaces: {}, sql: {} };
  assert.deepEqual(fields('5.4.0', namespaces), []);
  assert.deepEqual(fields('latest', namespaces), []);
  assert.deepEqual(fields('5.3.8', namespaces), ['spec.userCodeNamespaces']);
  assert.deepEqual(fields('5.2.4', namespaces), ['spec.userCodeNamespaces', 'spec.sql']);
  assert.deepEqual(fields('5.1.0', { serialization: { compactSerialization: { classes: ['x'] } }, managementCenter: { consoleEnabled: true } }), [
    'spec.serialization.compactSerialization',
  ]);
  const devices = { nativeMemory: {}, localDevices: [{ name: 'd', pvc }], managementCenter: { consoleEnabled: true, dataAccessEnabled: true } };
  assert.deepEqual(fields('5.0.5', devices), ['spec.localDevices', 'spec.managementCenter.consoleEnabled', 'spec.managementCenter.dataAccessEnabled']);
  assert.deepEqual(fields('5.1.0', devices), []);
  const executors = { executorServices: [{}], scheduledExecutorServices: [{}, { name: 'x', userCodeNamespace: 'n' }] };
  assert.deepEqual(fields('5.3.8', executors), ['spec.scheduledExecutorServices[1].userCodeNamespace']);
  assert.deepEqual(fields('5.4.0', executors), []);
});

test('a device that is called as a volume of the member is refused, and one that is stored already may stay', () => {
  const named = (...names: readonly string[]) => ({
    ...LICENCE,
    nativeMemory: {},
    localDevices: names.map((name) => ({ name, pvc })),
    jet: { configMaps: ['jars'] },
    userCodeDeployment: { configMaps: ['classes'], triggerSequence: '2' },
  });
  const taken = ['hazelcast-storage', 'agent-config-volume', 'tmp-vol', 'hazelcast-agent-cert', 'persistence', 'cp-subsystem-persistence'];
  const configMaps = ['user-code-cm-classes2', 'jet-cm-jars'];
  for (const name of [...taken, 'user-code-bucket', 'user-code-url', 'jet-job-jars-bucket', 'user-code-namespace', ...configMaps])
    assert.deepEqual(refusals(named('disk', name)), [`spec.localDevices[1].name: Invalid value: "${name}": a volume of the member has this name`]);
  assert.deepEqual(refusals(named('disk', 'user-code-cm-classes', 'jet-cm-other')), []);
  const stored = cluster(named('tmp-vol'));
  assert.deepEqual(admit(Hazelcast, { ...stored, spec: { ...stored.spec, loggingLevel: 'DEBUG' } }, stored).errors, []);
});

test('volumes grow and never shrink', () => {
  const sized = (requestStorage: string) => ({ pvc: { accessModes: ['ReadWriteOnce'], requestStorage } });
  const before = { ...cluster({ ...LICENCE, persistence: sized('8Gi'), cpSubsystem: sized('1Gi') }), ...FORMED };
  const to = (persistence: string, cp: string) => {
    const now = { ...before, spec: { ...before.spec, persistence: sized(persistence), cpSubsystem: sized(cp) } };
    return admit(Hazelcast, now, before).errors.map(({ field, message }) => `${field}: ${message}`);
  };
  assert.deepEqual(to('9Gi', '2048Mi'), []);
  assert.deepEqual(to('7Gi', '1Gi'), ['spec.persistence.pvc.requestStorage: Forbidden: volumes cannot shrink']);
});

test('a version is upgraded minor by minor and does not go back, and open-source members of two minors ask for a yes', () => {
  const problem = (from: string, to: string, more: { licence?: boolean; running?: string[]; yes?: string } = {}) => {
    const { licence = true, running = [], yes } = more;
    const old = cluster({ ...(licence ? LICENCE : {}), version: from });
    const before = { ...old, status: { ...FORMED.status, members: running.map((version) => ({ connected: true, version })) } };
    const annotations = yes === undefined ? {} : { 'binnacle.dev/upgrade-losing-data': yes };
    const now = { ...before, metadata: { ...before.metadata, annotations }, spec: { ...before.spec, version: to } };
    return admit(Hazelcast, now, before).errors[0]?.message ?? '';
  };
  for (const to of ['5.4.1', '5.4.0', '5.5.0', '5.5.0-SNAPSHOT', 'latest']) assert.equal(problem('5.4.0', to), '', to);
  assert.equal(problem('5.3.0', '5.5.0'), 'Forbidden: minor versions are upgraded one by one: 5.4 comes before 5.5.0');
  assert.equal(problem('5.4.0', '6.0.0'), 'Forbidden: members of major version 5 and 6 do not form one cluster');
  assert.equal(problem('5.5.0', '5.4.0'), 'Forbidden: a cluster of 5.5.0 cannot go back to 5.4.0');
  assert.equal(problem('5.5.0', '5.4.0', { running: ['5.4.0', '5.5.0'] }), '', 'an upgrade that is not over can be taken back');
  assert.match(problem('5.4.0', '5.5.0', { licence: false }), /^Forbidden: open-source members of 5.4 and 5.5 do not form one cluster: .* annotate .*=5.5.0$/);
  assert.equal(problem('5.4.0', '5.5.0', { licence: false, yes: '5.5.0' }), '');
  assert.notEqual(problem('5.4.0', '5.6.0', { licence: false, yes: '5.5.0' }), '', 'the yes is to one version');
});

test('what members must agree on to be one cluster changes only while there are none', () => {
  const before = { ...cluster(LICENCE), ...FORMED };
  const now = { ...before, spec: { ...before.spec, clusterName: 'other', tls: { secretName: 's', mutualAuthentication: 'None' } } };
  const fields = (old: object, wanted: object) => admit(Hazelcast, wanted, old).errors.map(({ field }) => field);
  assert.deepEqual(fields(before, now), ['spec.clusterName', 'spec.tls']);
  const paused = { ...before, spec: { ...before.spec, clusterSize: 0 }, status: { ...before.status, clusterSize: 0 } };
  assert.deepEqual(fields(paused, { ...paused, spec: { ...now.spec, clusterSize: 0 } }), []);
  const stopping = { ...paused, status: { ...paused.status, clusterSize: 2 } };
  assert.deepEqual(fields(stopping, now), ['spec.clusterName', 'spec.tls']);
});

test('8.2.22: what is refused is told with the field as it is called, and what was done to it', () => {
  const formed = { annotations: { 'hazelcast.com/last-successful-spec': '{}' } };
  const change = (from: object, to: object) => {
    return admit(Hazelcast, cluster({ ...LICENCE, ...to }, formed), cluster({ ...LICENCE, ...from }, formed)).errors.map(
      ({ field, message }) => `${field}: ${message}`,
    );
  };
  assert.deepEqual(change({}, { persistence }), ['spec.persistence: Forbidden: field cannot be enabled after creation']);
  assert.deepEqual(change({ persistence }, {}), ['spec.persistence: Forbidden: field cannot be disabled after creation']);
  assert.match(refusals({ ...LICENCE, sql: { catalogPersistenceEnabled: true } }).join(), /^spec\.sql\.catalogPersistenceEnabled: Forbidden/);
});
