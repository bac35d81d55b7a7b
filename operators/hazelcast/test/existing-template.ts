/**
 * The pod template as the existing operator writes it, from what is known of it (spec/hazelcast-core.md §2.10) and not from our own builders: two that are
 * wrong alike would agree. Only what is needed to tell clusters apart is looked at in the spec.
 */
export interface ExistingSpec {
  readonly [field: string]: unknown;
  readonly clusterSize?: number;
  readonly repository?: string;
  readonly version?: string;
  readonly clusterName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly persistence?: { readonly pvc: Claim; readonly baseDir?: string; readonly restore?: object; readonly clusterDataRecoveryPolicy?: string };
  readonly cpSubsystem?: { readonly pvc?: Claim };
  readonly localDevices?: readonly { readonly name: string; readonly pvc: Claim }[];
  readonly exposeExternally?: { readonly type?: string; readonly discoveryServiceType?: string; readonly memberAccess?: string };
  readonly advancedNetwork?: { readonly wan?: readonly { readonly name: string; readonly port: number; readonly portCount: number }[] };
  readonly userCodeDeployment?: {
    readonly clientEnabled?: boolean;
    readonly configMaps?: readonly string[];
    readonly triggerSequence?: string;
    readonly bucketConfig?: object;
  };
  readonly userCodeNamespaces?: object;
  readonly jet?: { readonly configMaps?: readonly string[]; readonly bucketConfig?: object };
  readonly jvm?: { readonly args?: readonly string[]; readonly memory?: { readonly maxRAMPercentage?: string } };
  readonly env?: readonly object[];
  readonly resources?: object;
  readonly highAvailabilityMode?: 'NODE' | 'ZONE';
  readonly scheduling?: { readonly nodeSelector?: object; readonly tolerations?: readonly object[]; readonly affinity?: object };
}
export interface Claim {
  readonly accessModes: readonly string[];
  readonly requestStorage: string;
  readonly storageClassName?: string;
}

export const MANAGED = (name: string) => ({
  'app.kubernetes.io/name': 'hazelcast',
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/managed-by': 'hazelcast-platform-operator',
});

const AGENT = 'docker.io/hazelcast/platform-operator-agent:0.1.29';
const PATTERN = '{"time":"%date{ISO8601}", "level": "%level", "threadName": "%threadName", "logger": "%logger{36}", "msg": "%enc{%m %xEx}{JSON}"}%n';
const SECURITY = {
  capabilities: { drop: ['ALL'] },
  privileged: false,
  runAsNonRoot: true,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
};
const ZONES = { NODE: 'kubernetes.io/hostname', ZONE: 'topology.kubernetes.io/zone' } as const;

const mount = (name: string, mountPath: string) => ({ name, mountPath });
const probe = (path: string, port: number) => ({
  httpGet: { path, port, scheme: 'HTTP' },
  initialDelaySeconds: 0,
  timeoutSeconds: 10,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 10,
});

/** What the template of a StatefulSet of this name is, with this checksum in it. `claim`: the name of the claim template of persistence. */
export function existingTemplate(name: string, spec: ExistingSpec, checksum: string, claim = 'persistence') {
  const access =
    spec.exposeExternally?.type === 'Smart'
      ? { 'hazelcast.com/expose-externally-member-access': spec.exposeExternally.memberAccess ?? 'NodePortExternalIP' }
      : {};
  return {
    metadata: {
      labels: { ...spec.labels, ...MANAGED(name) },
      annotations: { ...spec.annotations, ...access, 'hazelcast.com/current-hazelcast-config-forcing-restart-checksum': checksum },
    },
    spec: {
      serviceAccountName: name,
      securityContext: { fsGroup: 65534, runAsNonRoot: true, runAsUser: 65534 },
      terminationGracePeriodSeconds: 600,
      ...spec.scheduling,
      ...spread(name, spec),
      initContainers: [initContainer(spec, claim)],
      containers: [member(spec, claim), sidecar(spec, claim)],
      volumes: volumes(name, spec),
    },
  };
}

function spread(name: string, { highAvailabilityMode: mode }: ExistingSpec) {
  if (mode === undefined) return {};
  const one = { maxSkew: 1, topologyKey: ZONES[mode], whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: MANAGED(name) } };
  return { topologySpreadConstraints: [one] };
}

function initContainer(spec: ExistingSpec, claim: string) {
  return {
    name: 'init-container',
    image: AGENT,
    imagePullPolicy: 'IfNotPresent',
    args: ['execute-multiple-commands'],
    env: [
      { name: 'CONFIG_FILE', value: '/opt/data/config/config.yaml' },
      { name: 'HOSTNAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    securityContext: SECURITY,
    volumeMounts: [
      mount('agent-config-volume', '/opt/data/config/'),
      ...(spec.userCodeDeployment?.bucketConfig === undefined ? [] : [mount('user-code-bucket', '/opt/hazelcast/userCode/bucket')]),
      ...(spec.jet?.bucketConfig === undefined ? [] : [mount('jet-job-jars-bucket', '/opt/hazelcast/jetJobJars')]),
      ...(spec.userCodeNamespaces === undefined ? [] : [mount('user-code-namespace', '/opt/hazelcast/ucn/bucket')]),
      ...(spec.persistence === undefined ? [] : [mount(claim, '/data/persistence')]),
    ],
  };
}

function member(spec: ExistingSpec, claim: string) {
  const { repository = 'docker.io/hazelcast/hazelcast-enterprise', version = '5.5.0' } = spec;
  const port = (name: string, containerPort: number) => ({ name, containerPort, protocol: 'TCP' });
  const wan = spec.advancedNetwork?.wan ?? [];
  const maps = spec.userCodeDeployment?.configMaps ?? [];
  return {
    name: 'hazelcast',
    image: `${repository}:${version}`,
    imagePullPolicy: 'IfNotPresent',
    env: [
      { name: 'JAVA_OPTS', value: javaOpts(spec) },
      { name: 'HZ_PARDOT_ID', value: 'operator' },
      { name: 'HZ_PHONE_HOME_ENABLED', value: 'true' },
      { name: 'LOGGING_PATTERN', value: PATTERN },
      { name: 'LOGGING_LEVEL', value: 'INFO' },
      {
        name: 'CLASSPATH',
        value: ['/opt/hazelcast/userCode/bucket/*:/opt/hazelcast/userCode/urls/*', ...maps.map((map) => `/opt/hazelcast/userCode/cm/${map}/*`)].join(':'),
      },
      { name: 'HZ_LICENSEKEY', valueFrom: { secretKeyRef: { name: 'licence', key: 'license-key' } } },
      ...(spec.env ?? []),
    ],
    ports: [
      port('hazelcast', 5701),
      port('member-port', 5702),
      port('rest-port', 8081),
      ...(wan.length === 0 ? [port('wan-port', 5710)] : []),
      ...wan.flatMap((one) => Array.from({ length: one.portCount }, (_, index) => port(`wan-${one.name}-${index}`, one.port + index))),
    ],
    resources: spec.resources ?? {},
    livenessProbe: probe('/hazelcast/health/node-state', 8081),
    readinessProbe: probe('/hazelcast/health/ready', 8081),
    securityContext: SECURITY,
    volumeMounts: [
      mount('hazelcast-storage', '/data/hazelcast'),
      mount('user-code-bucket', '/opt/hazelcast/userCode/bucket'),
      mount('user-code-url', '/opt/hazelcast/userCode/urls'),
      mount('jet-job-jars-bucket', '/opt/hazelcast/jetJobJars'),
      mount('tmp-vol', '/tmp'),
      ...(spec.persistence === undefined ? [] : [mount(claim, '/data/persistence')]),
      ...(spec.userCodeNamespaces === undefined ? [] : [mount('user-code-namespace', '/opt/hazelcast/ucn/bucket')]),
      ...(spec.cpSubsystem?.pvc === undefined ? [] : [mount('cp-subsystem-persistence', '/data/cp-data')]),
      ...(spec.localDevices ?? []).map((device) => mount(device.name, `/data/tiered-storage/${device.name}`)),
      ...maps.map((map) => mount(`user-code-cm-${map}${spec.userCodeDeployment?.triggerSequence ?? ''}`, `/opt/hazelcast/userCode/cm/${map}`)),
      ...(spec.jet?.configMaps ?? []).map((map) => mount(`jet-cm-${map}`, `/opt/hazelcast/jetJobJars/${map}`)),
    ],
  };
}

function javaOpts({ jvm }: ExistingSpec): string {
  const memory = jvm?.memory?.maxRAMPercentage;
  return [
    '-Dhazelcast.config=/data/hazelcast/hazelcast.yaml',
    '-XX:+UseContainerSupport',
    ...(memory === undefined ? [] : [`-XX:MaxRAMPercentage=${memory}`]),
    ...(jvm?.args ?? []),
    '-Dhazelcast.stale.join.prevention.duration.seconds=5',
  ].join(' ');
}

function sidecar(spec: ExistingSpec, claim: string) {
  return {
    name: 'sidecar-agent',
    image: AGENT,
    args: ['sidecar'],
    ports: [{ name: 'sidecar-agent', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'BACKUP_CA', value: '/var/run/secrets/hazelcast/ca.crt' },
      { name: 'BACKUP_CERT', value: '/var/run/secrets/hazelcast/tls.crt' },
      { name: 'BACKUP_KEY', value: '/var/run/secrets/hazelcast/tls.key' },
    ],
    livenessProbe: probe('/health', 8080),
    readinessProbe: probe('/health', 8080),
    securityContext: SECURITY,
    volumeMounts: [
      mount('hazelcast-agent-cert', '/var/run/secrets/hazelcast'),
      mount('jet-job-jars-bucket', '/opt/hazelcast/jetJobJars'),
      mount('user-code-bucket', '/opt/hazelcast/userCode/bucket'),
      ...(spec.userCodeNamespaces === undefined ? [] : [mount('user-code-namespace', '/opt/hazelcast/ucn/bucket')]),
      ...(spec.persistence === undefined ? [] : [mount(claim, '/data/persistence')]),
    ],
  };
}

function volumes(name: string, spec: ExistingSpec) {
  const empty = (volume: string) => ({ name: volume, emptyDir: {} });
  return [
    { name: 'hazelcast-storage', secret: { secretName: name, defaultMode: 420 } },
    { name: 'agent-config-volume', configMap: { name: `${name}-init`, defaultMode: 420 } },
    empty('user-code-bucket'),
    empty('user-code-url'),
    empty('jet-job-jars-bucket'),
    empty('tmp-vol'),
    { name: 'hazelcast-agent-cert', secret: { secretName: 'hazelcast-agent-cert', defaultMode: 420 } },
    ...(spec.userCodeNamespaces === undefined ? [] : [empty('user-code-namespace')]),
    ...(spec.userCodeDeployment?.configMaps ?? []).map((map) => ({
      name: `user-code-cm-${map}${spec.userCodeDeployment?.triggerSequence ?? ''}`,
      configMap: { name: map, defaultMode: 420 },
    })),
    ...(spec.jet?.configMaps ?? []).map((map) => ({ name: `jet-cm-${map}`, configMap: { name: map, defaultMode: 420 } })),
  ];
}
