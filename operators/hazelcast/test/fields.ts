export const LICENCE = { licenseKeySecretName: 'l' };
const PVC = { accessModes: ['ReadWriteOnce'] };
const pvc = (more: object) => ({ ...PVC, ...more });
const BUCKET = { bucketURI: 's3://bucket' };
const filter = (more: object) => ({ blacklist: more });
const stored = (more: object = {}) => ({ persistence: { pvc: PVC, ...more } });
const restored = (restore: object) => stored({ restore });
const local = (more: object) => restored({ localConfig: { backupFolder: 'b', ...more } });
const cp = (more: object = {}) => ({ cpSubsystem: { pvc: PVC, ...more } });
const device = (more: object = {}) => ({ nativeMemory: { allocatorType: 'POOLED' }, localDevices: [{ name: 'd', pvc: PVC, ...more }] });
const wan = (more: object = {}) => ({ advancedNetwork: { wan: [{ name: 'w', port: 5720, portCount: 1, ...more }] } });
const instance = (more: object) => ({ jet: { instance: more } });
const serialization = (more: object) => ({ serialization: more });
const one = (kind: string, more: object) => ({ [kind]: [{ name: 'e', ...more }] });
const EXECUTOR = { name: 'other', poolSize: 3, userCodeNamespace: 'n' };

/** Each field of the spec, with two values of it (the first may be absent): what follows from them differs. */
export const FIELDS: Readonly<Record<string, readonly [object, object]>> = {
  clusterSize: [{}, { clusterSize: 4 }],
  repository: [{}, { repository: 'mirror.example/hazelcast' }],
  version: [{}, { version: '5.5.0' }],
  imagePullPolicy: [{}, { imagePullPolicy: 'Always' }],
  imagePullSecrets: [{}, { imagePullSecrets: [{ name: 's' }] }],
  licenseKeySecret: [{ licenseKeySecretName: undefined }, { licenseKeySecretName: undefined, licenseKeySecret: 'old' }],
  licenseKeySecretName: [{}, { licenseKeySecretName: 'other' }],
  'exposeExternally.type': [{ exposeExternally: {} }, { exposeExternally: { type: 'Unisocket' } }],
  'exposeExternally.discoveryServiceType': [{ exposeExternally: {} }, { exposeExternally: { discoveryServiceType: 'NodePort' } }],
  'exposeExternally.memberAccess': [{ exposeExternally: {} }, { exposeExternally: { memberAccess: 'LoadBalancer' } }],
  clusterName: [{}, { clusterName: 'other' }],
  'scheduling.affinity': [{}, { scheduling: { affinity: { podAntiAffinity: {} } } }],
  'scheduling.tolerations': [{}, { scheduling: { tolerations: [{ key: 'k' }] } }],
  'scheduling.nodeSelector': [{}, { scheduling: { nodeSelector: { a: 'b' } } }],
  'scheduling.topologySpreadConstraints': [
    {},
    { scheduling: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule' }] } },
  ],
  resources: [{}, { resources: { limits: { cpu: '1' } } }],
  'persistence.clusterDataRecoveryPolicy': [stored(), stored({ clusterDataRecoveryPolicy: 'PartialRecoveryMostRecent' })],
  'persistence.dataRecoveryTimeout': [stored(), stored({ dataRecoveryTimeout: 9 })],
  'persistence.pvc.accessModes': [stored(), stored({ pvc: pvc({ accessModes: ['ReadWriteMany'] }) })],
  'persistence.pvc.requestStorage': [stored(), stored({ pvc: pvc({ requestStorage: '9Gi' }) })],
  'persistence.pvc.storageClassName': [stored(), stored({ pvc: pvc({ storageClassName: 's' }) })],
  'persistence.restore.bucketConfig.bucketURI': [stored(), restored({ bucketConfig: BUCKET })],
  'persistence.restore.bucketConfig.secret': [restored({ bucketConfig: BUCKET }), restored({ bucketConfig: { ...BUCKET, secret: 's' } })],
  'persistence.restore.bucketConfig.secretName': [restored({ bucketConfig: BUCKET }), restored({ bucketConfig: { ...BUCKET, secretName: 's' } })],
  'persistence.restore.localConfig.pvcNamePrefix': [local({}), local({ pvcNamePrefix: 'hot-restart-persistence' })],
  'persistence.restore.localConfig.baseDir': [local({}), local({ baseDir: '/x' })],
  'persistence.restore.localConfig.backupDir': [local({}), local({ backupDir: '/x' })],
  'persistence.restore.localConfig.backupFolder': [local({}), local({ backupFolder: 'c' })],
  'agent.repository': [{}, { agent: { repository: 'mirror.example/agent' } }],
  'agent.version': [{}, { agent: { version: '0.2' } }],
  'agent.resources': [{}, { agent: { resources: { limits: { cpu: '1' } } } }],
  'jet.enabled': [{}, { jet: { enabled: false } }],
  'jet.resourceUploadEnabled': [{}, { jet: { resourceUploadEnabled: true } }],
  'jet.bucketConfig.bucketURI': [{}, { jet: { bucketConfig: BUCKET } }],
  'jet.bucketConfig.secret': [{ jet: { bucketConfig: BUCKET } }, { jet: { bucketConfig: { ...BUCKET, secret: 's' } } }],
  'jet.bucketConfig.secretName': [{ jet: { bucketConfig: BUCKET } }, { jet: { bucketConfig: { ...BUCKET, secretName: 's' } } }],
  'jet.configMaps': [{}, { jet: { configMaps: ['c'] } }],
  'jet.remoteURLs': [{}, { jet: { remoteURLs: ['https://x/y.jar'] } }],
  'jet.instance.cooperativeThreadCount': [instance({}), instance({ cooperativeThreadCount: 2 })],
  'jet.instance.flowControlPeriodMillis': [instance({}), instance({ flowControlPeriodMillis: 2 })],
  'jet.instance.backupCount': [instance({}), instance({ backupCount: 2 })],
  'jet.instance.scaleUpDelayMillis': [instance({}), instance({ scaleUpDelayMillis: 2 })],
  'jet.instance.losslessRestartEnabled': [
    { ...stored(), ...instance({}) },
    { ...stored(), ...instance({ losslessRestartEnabled: true }) },
  ],
  'jet.instance.maxProcessorAccumulatedRecords': [instance({}), instance({ maxProcessorAccumulatedRecords: 2 })],
  'jet.edgeDefaults.queueSize': [{ jet: { edgeDefaults: {} } }, { jet: { edgeDefaults: { queueSize: 2 } } }],
  'jet.edgeDefaults.packetSizeLimit': [{ jet: { edgeDefaults: {} } }, { jet: { edgeDefaults: { packetSizeLimit: 2 } } }],
  'jet.edgeDefaults.receiveWindowMultiplier': [{ jet: { edgeDefaults: {} } }, { jet: { edgeDefaults: { receiveWindowMultiplier: 2 } } }],
  'userCodeDeployment.clientEnabled': [{ userCodeDeployment: {} }, { userCodeDeployment: { clientEnabled: true } }],
  'userCodeDeployment.triggerSequence': [{ userCodeDeployment: { configMaps: ['c'] } }, { userCodeDeployment: { configMaps: ['c'], triggerSequence: '1' } }],
  'userCodeDeployment.bucketConfig.bucketURI': [{}, { userCodeDeployment: { bucketConfig: BUCKET } }],
  'userCodeDeployment.bucketConfig.secret': [
    { userCodeDeployment: { bucketConfig: BUCKET } },
    { userCodeDeployment: { bucketConfig: { ...BUCKET, secret: 's' } } },
  ],
  'userCodeDeployment.bucketConfig.secretName': [
    { userCodeDeployment: { bucketConfig: BUCKET } },
    { userCodeDeployment: { bucketConfig: { ...BUCKET, secretName: 's' } } },
  ],
  'userCodeDeployment.configMaps': [{}, { userCodeDeployment: { configMaps: ['c'] } }],
  'userCodeDeployment.remoteURLs': [{}, { userCodeDeployment: { remoteURLs: ['https://x/y.jar'] } }],
  ...Object.fromEntries(
    (
      [
        ['executorServices', { ...EXECUTOR, queueCapacity: 3 }],
        ['durableExecutorServices', { ...EXECUTOR, durability: 3, capacity: 3 }],
        ['scheduledExecutorServices', { ...EXECUTOR, durability: 3, capacity: 3, capacityPolicy: 'PER_PARTITION' }],
      ] as const
    ).flatMap(([kind, values]) =>
      Object.entries(values).map(([field, value]) => [`${kind}.${field}`, [one(kind, {}), one(kind, { [field]: value })]] as const),
    ),
  ),
  properties: [{}, { properties: { a: 'b' } }],
  loggingLevel: [{}, { loggingLevel: 'TRACE' }],
  highAvailabilityMode: [{}, { highAvailabilityMode: 'ZONE' }],
  'jvm.memory.initialRAMPercentage': [{}, { jvm: { memory: { initialRAMPercentage: '1' } } }],
  'jvm.memory.minRAMPercentage': [{}, { jvm: { memory: { minRAMPercentage: '1' } } }],
  'jvm.memory.maxRAMPercentage': [{}, { jvm: { memory: { maxRAMPercentage: '1' } } }],
  'jvm.gc.logging': [{}, { jvm: { gc: { logging: true } } }],
  'jvm.gc.collector': [{}, { jvm: { gc: { collector: 'G1' } } }],
  'jvm.args': [{}, { jvm: { args: ['-Dx=y'] } }],
  'nativeMemory.allocatorType': [{ nativeMemory: {} }, { nativeMemory: { allocatorType: 'POOLED' } }],
  'nativeMemory.size': [{ nativeMemory: {} }, { nativeMemory: { size: '1Gi' } }],
  'nativeMemory.minBlockSize': [{ nativeMemory: {} }, { nativeMemory: { minBlockSize: 32 } }],
  'nativeMemory.pageSize': [{ nativeMemory: {} }, { nativeMemory: { pageSize: 1_048_576 } }],
  'nativeMemory.metadataSpacePercentage': [{ nativeMemory: {} }, { nativeMemory: { metadataSpacePercentage: 20 } }],
  'advancedNetwork.memberServerSocketEndpointConfig.interfaces': [{}, { advancedNetwork: { memberServerSocketEndpointConfig: { interfaces: ['10.*'] } } }],
  'advancedNetwork.clientServerSocketEndpointConfig.interfaces': [{}, { advancedNetwork: { clientServerSocketEndpointConfig: { interfaces: ['10.*'] } } }],
  'advancedNetwork.wan.port': [wan(), wan({ port: 5730 })],
  'advancedNetwork.wan.portCount': [wan(), wan({ portCount: 2 })],
  'advancedNetwork.wan.serviceType': [wan(), wan({ serviceType: 'ClusterIP' })],
  'advancedNetwork.wan.name': [wan(), wan({ name: 'v' })],
  'managementCenter.scriptingEnabled': [{}, { managementCenter: { scriptingEnabled: true } }],
  'managementCenter.consoleEnabled': [{}, { managementCenter: { consoleEnabled: true } }],
  'managementCenter.dataAccessEnabled': [{}, { managementCenter: { dataAccessEnabled: true } }],
  'tls.secretName': [{}, { tls: { secretName: 's' } }],
  'tls.mutualAuthentication': [{ tls: { secretName: 's' } }, { tls: { secretName: 's', mutualAuthentication: 'Required' } }],
  'serialization.byteOrder': [serialization({}), serialization({ byteOrder: 'LittleEndian' })],
  ...Object.fromEntries(
    ['overrideDefaultSerializers', 'enableCompression', 'enableSharedObject', 'allowUnsafe'].map((field) => [
      `serialization.${field}`,
      [serialization({}), serialization({ [field]: true })] as const,
    ]),
  ),
  'serialization.dataSerializableFactories': [serialization({}), serialization({ dataSerializableFactories: ['x'] })],
  'serialization.portableFactories': [serialization({}), serialization({ portableFactories: ['x'] })],
  'serialization.globalSerializer.overrideJavaSerialization': [
    serialization({ globalSerializer: { className: 'x' } }),
    serialization({ globalSerializer: { className: 'x', overrideJavaSerialization: true } }),
  ],
  'serialization.globalSerializer.className': [serialization({}), serialization({ globalSerializer: { className: 'x' } })],
  'serialization.serializers.typeClass': [serialization({}), serialization({ serializers: [{ typeClass: 't', className: 'x' }] })],
  'serialization.serializers.className': [
    serialization({ serializers: [{ typeClass: 't', className: 'x' }] }),
    serialization({ serializers: [{ typeClass: 't', className: 'y' }] }),
  ],
  'serialization.compactSerialization.serializers': [serialization({}), serialization({ compactSerialization: { serializers: ['x'] } })],
  'serialization.compactSerialization.classes': [serialization({}), serialization({ compactSerialization: { classes: ['x'] } })],
  'serialization.javaSerializationFilter': [serialization({}), serialization({ javaSerializationFilter: filter({ classes: ['x'] }) })],
  'sql.statementTimeout': [{ sql: {} }, { sql: { statementTimeout: 1 } }],
  'sql.catalogPersistenceEnabled': [
    { ...stored(), sql: {} },
    { ...stored(), sql: { catalogPersistenceEnabled: true } },
  ],
  'localDevices.name': [device(), device({ name: 'e' })],
  'localDevices.blockSize': [device(), device({ blockSize: 512 })],
  'localDevices.readIOThreadCount': [device(), device({ readIOThreadCount: 2 })],
  'localDevices.writeIOThreadCount': [device(), device({ writeIOThreadCount: 2 })],
  'localDevices.pvc.accessModes': [device(), device({ pvc: pvc({ accessModes: ['ReadWriteMany'] }) })],
  'localDevices.pvc.requestStorage': [device(), device({ pvc: pvc({ requestStorage: '9Gi' }) })],
  'localDevices.pvc.storageClassName': [device(), device({ pvc: pvc({ storageClassName: 's' }) })],
  'persistentVolumeClaimRetentionPolicy.whenDeleted': [stored(), { ...stored(), persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } }],
  annotations: [{}, { annotations: { a: 'b' } }],
  labels: [{}, { labels: { a: 'b' } }],
  serviceAccountName: [{}, { serviceAccountName: 'own' }],
  'cpSubsystem.sessionTTLSeconds': [cp(), cp({ sessionTTLSeconds: 99 })],
  'cpSubsystem.sessionHeartbeatIntervalSeconds': [cp(), cp({ sessionHeartbeatIntervalSeconds: 9 })],
  'cpSubsystem.missingCpMemberAutoRemovalSeconds': [cp(), cp({ missingCpMemberAutoRemovalSeconds: 999 })],
  'cpSubsystem.failOnIndeterminateOperationState': [cp(), cp({ failOnIndeterminateOperationState: true })],
  'cpSubsystem.dataLoadTimeoutSeconds': [cp(), cp({ dataLoadTimeoutSeconds: 9 })],
  'cpSubsystem.pvc.accessModes': [cp(), cp({ pvc: pvc({ accessModes: ['ReadWriteMany'] }) })],
  'cpSubsystem.pvc.requestStorage': [cp(), cp({ pvc: pvc({ requestStorage: '9Gi' }) })],
  'cpSubsystem.pvc.storageClassName': [cp(), cp({ pvc: pvc({ storageClassName: 's' }) })],
  'userCodeNamespaces.classFilter': [{ userCodeNamespaces: {} }, { userCodeNamespaces: { classFilter: filter({ packages: ['x'] }) } }],
  env: [{}, { env: [{ name: 'A', value: 'b' }] }],
};

const connected = (more: object = {}) => ({ hazelcastClusters: [{ address: 'prod', ...more }] });
const secured = (more: object = {}) => connected({ tls: { secretName: 's', ...more } });
const reached = (more: object = {}) => ({ externalConnectivity: more });
const ingress = (more: object = {}) => reached({ ingress: { hostname: 'h', ...more } });
const LDAP = {
  url: 'ldap://l',
  credentialsSecretName: 'c',
  userDN: 'ou=u',
  groupDN: 'ou=g',
  userSearchFilter: 'a={0}',
  groupSearchFilter: 'b={0}',
  adminGroups: ['a'],
  userGroups: ['b'],
  readonlyUserGroups: ['c'],
  metricsOnlyGroups: ['d'],
};
const ldap = (more: object = {}) => ({ securityProvider: { ldap: { ...LDAP, ...more } } });

/** The same for a Management Center. */
export const CENTER_FIELDS: Readonly<Record<string, readonly [object, object]>> = {
  repository: [{}, { repository: 'mirror.example/mc' }],
  version: [{}, { version: '5.5' }],
  imagePullPolicy: [{}, { imagePullPolicy: 'Always' }],
  imagePullSecrets: [{}, { imagePullSecrets: [{ name: 's' }] }],
  licenseKeySecret: [{}, { licenseKeySecret: 'old' }],
  licenseKeySecretName: [{}, { licenseKeySecretName: 'l' }],
  'hazelcastClusters.name': [connected(), connected({ name: 'other' })],
  'hazelcastClusters.address': [connected(), connected({ address: 'other' })],
  'hazelcastClusters.tls.secretName': [connected(), secured()],
  'hazelcastClusters.tls.mutualAuthentication': [secured(), secured({ mutualAuthentication: 'Required' })],
  'externalConnectivity.type': [{}, reached({ type: 'NodePort' })],
  'externalConnectivity.ingress.hostname': [ingress(), ingress({ hostname: 'i' })],
  'externalConnectivity.ingress.ingressClassName': [ingress(), ingress({ ingressClassName: 'c' })],
  'externalConnectivity.ingress.annotations': [ingress(), ingress({ annotations: { a: 'b' } })],
  'externalConnectivity.ingress.path': [ingress(), ingress({ path: '/mc' })],
  'externalConnectivity.ingress.tls.secretName': [ingress(), ingress({ tls: { secretName: 's' } })],
  'externalConnectivity.route.tls.insecureEdgeTerminationPolicy': [
    reached({ route: { hostname: 'h', tls: {} } }),
    reached({ route: { hostname: 'h', tls: { insecureEdgeTerminationPolicy: 'None' } } }),
  ],
  'externalConnectivity.route.hostname': [{}, reached({ route: { hostname: 'h' } })],
  'persistence.enabled': [{}, { persistence: { enabled: false } }],
  'persistence.existingVolumeClaimName': [{}, { persistence: { existingVolumeClaimName: 'c' } }],
  'persistence.storageClass': [{}, { persistence: { storageClass: 'c' } }],
  'persistence.size': [{}, { persistence: { size: '1Gi' } }],
  'scheduling.affinity': [{}, { scheduling: { affinity: { podAntiAffinity: {} } } }],
  'scheduling.tolerations': [{}, { scheduling: { tolerations: [{ key: 'k' }] } }],
  'scheduling.nodeSelector': [{}, { scheduling: { nodeSelector: { a: 'b' } } }],
  'scheduling.topologySpreadConstraints': [
    {},
    { scheduling: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule' }] } },
  ],
  resources: [{}, { resources: { limits: { cpu: '1' } } }],
  'jvm.args': [{}, { jvm: { args: ['-Dx=y'] } }],
  ...Object.fromEntries(
    Object.entries(LDAP).map(([field, value]) => [`securityProvider.ldap.${field}`, [ldap(), ldap({ [field]: Array.isArray(value) ? ['x'] : 'x' })] as const]),
  ),
  'securityProvider.ldap.nestedGroupSearch': [ldap(), ldap({ nestedGroupSearch: true })],
  annotations: [{}, { annotations: { a: 'b' } }],
  labels: [{}, { labels: { a: 'b' } }],
};
