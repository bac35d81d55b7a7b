import type { Container, ContainerPort, EnvVar, Probe, SecurityContext } from '@binnacle/client/kinds';
import { COLLECTORS } from '../../api/check/jvm.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { given } from '../../given.ts';
import { licenceSecret, memberImage } from '../effective.ts';
import { PATHS, PORTS } from '../names.ts';
import { agentMounts, initMounts, memberMounts } from './volumes.ts';

/**
 * The containers of a member's pod, letter by letter as the existing operator writes them: anything else restarts every member of a cluster that is
 * taken over. Source: spec/hazelcast-core.md §2.10, §10.2.
 */
const LOGGING_PATTERN = '{"time":"%date{ISO8601}", "level": "%level", "threadName": "%threadName", "logger": "%logger{36}", "msg": "%enc{%m %xEx}{JSON}"}%n';

const SECURITY: SecurityContext = {
  runAsNonRoot: true,
  privileged: false,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** Versions after 5.2.0 tell that they have started, others only that they run. */
const READY_PATH_SINCE = [5, 2, 0] as const;

export function memberContainer(hz: Cluster, claim: string, options: { readonly phoneHome: boolean; readonly leaving: readonly string[] }): Container {
  const { spec } = hz;
  return given({
    name: 'hazelcast',
    image: memberImage(hz),
    imagePullPolicy: spec.imagePullPolicy,
    env: env(hz, options),
    ports: memberPorts(hz),
    resources: spec.resources,
    volumeMounts: memberMounts(hz, claim),
    livenessProbe: probe('/hazelcast/health/node-state', PORTS.rest),
    readinessProbe: probe(`/hazelcast/health/${saysReady(spec.version) ? 'ready' : 'node-state'}`, PORTS.rest),
    securityContext: SECURITY,
  });
}

export function agentContainer(hz: Cluster, claim: string): Container {
  const { agent } = hz.spec;
  const cert = (name: string, key: string): EnvVar => ({ name, value: `${PATHS.agentCert}/${key}` });
  return given({
    name: 'sidecar-agent',
    image: `${agent.repository}:${agent.version}`,
    args: ['sidecar'],
    env: [cert('BACKUP_CA', 'ca.crt'), cert('BACKUP_CERT', 'tls.crt'), cert('BACKUP_KEY', 'tls.key')],
    ports: [{ name: 'sidecar-agent', containerPort: PORTS.agent, protocol: 'TCP' }],
    resources: agent.resources,
    volumeMounts: agentMounts(hz, claim),
    livenessProbe: probe('/health', PORTS.agent),
    readinessProbe: probe('/health', PORTS.agent),
    securityContext: SECURITY,
  });
}

export function initContainer(hz: Cluster, claim: string): Container {
  const { agent } = hz.spec;
  return {
    name: 'init-container',
    image: `${agent.repository}:${agent.version}`,
    imagePullPolicy: 'IfNotPresent',
    args: ['execute-multiple-commands'],
    env: [
      { name: 'CONFIG_FILE', value: `${PATHS.agentConfig}config.yaml` },
      { name: 'HOSTNAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ],
    volumeMounts: initMounts(hz, claim),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    securityContext: SECURITY,
  };
}

function probe(path: string, port: number): Probe {
  return {
    httpGet: { path, port, scheme: 'HTTP' },
    timeoutSeconds: 10,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 10,
  };
}

function memberPorts(hz: Cluster): readonly ContainerPort[] {
  const port = (name: string, containerPort: number): ContainerPort => ({ name, containerPort, protocol: 'TCP' });
  const wan = hz.spec.advancedNetwork?.wan ?? [];
  return [
    port('hazelcast', PORTS.client),
    port('member-port', PORTS.member),
    port('rest-port', PORTS.rest),
    ...(wan.length === 0 ? [port('wan-port', PORTS.wan)] : []),
    ...wan.flatMap((one) => Array.from({ length: one.portCount ?? 0 }, (_, index) => port(`wan-${one.name}-${index}`, (one.port ?? 0) + index))),
  ];
}

function env(hz: Cluster, { phoneHome, leaving }: { readonly phoneHome: boolean; readonly leaving: readonly string[] }): readonly EnvVar[] {
  const licence = licenceSecret(hz.spec);
  const ours: readonly EnvVar[] = [
    { name: 'JAVA_OPTS', value: javaOpts(hz, leaving) },
    { name: 'HZ_PARDOT_ID', value: 'operator' },
    { name: 'HZ_PHONE_HOME_ENABLED', value: String(phoneHome) },
    { name: 'LOGGING_PATTERN', value: LOGGING_PATTERN },
    { name: 'LOGGING_LEVEL', value: hz.spec.loggingLevel },
    { name: 'CLASSPATH', value: classPath(hz) },
    ...(licence === undefined ? [] : [{ name: 'HZ_LICENSEKEY', valueFrom: { secretKeyRef: { name: licence, key: 'license-key' } } }]),
  ];
  // The last of a name has always won; server-side apply takes each name once.
  const byName = new Map([...ours, ...(hz.spec.env ?? [])].map((one) => [one.name, one]));
  return [...byName.values()];
}

/** Arguments of the JVM: ours, the user's in their order, then what must come last. `leaving`: how the member leaves. */
export function javaOpts(hz: Cluster, leaving: readonly string[] = []): string {
  const { memory, gc, args = [] } = hz.spec.jvm ?? {};
  const percentage = (flag: string, value: string | undefined) => (value === undefined ? [] : [`-XX:${flag}=${value}`]);
  const staleJoin = 'hazelcast.stale.join.prevention.duration.seconds';
  return [
    `-Dhazelcast.config=${PATHS.config}/hazelcast.yaml`,
    '-XX:+UseContainerSupport',
    ...percentage('InitialRAMPercentage', memory?.initialRAMPercentage),
    ...percentage('MinRAMPercentage', memory?.minRAMPercentage),
    ...percentage('MaxRAMPercentage', memory?.maxRAMPercentage),
    ...args,
    ...(args.some((arg) => arg.includes(staleJoin)) ? [] : [`-D${staleJoin}=5`]),
    ...(gc?.logging === true ? ['-verbose:gc'] : []),
    ...(gc?.collector === undefined ? [] : [COLLECTORS[gc.collector]]),
    ...leaving,
  ].join(' ');
}

function classPath(hz: Cluster): string {
  const maps = (hz.spec.userCodeDeployment?.configMaps ?? []).map((name) => `:${PATHS.userCodeMaps}/${name}/*`);
  return `${PATHS.bucket}/*:${PATHS.urls}/*${maps.join('')}`;
}

/** Whether this version answers `/health/ready`: later than 5.2.0 by semantic versioning; a tag that is no version counts as older. */
export function saysReady(version: string): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(version) ?? /^(\d+)(?:\.(\d+))?$/.exec(version);
  if (match === null) return false;
  const parts = [match[1], match[2], match[3]].map((part) => Number(part ?? 0));
  const different = parts.findIndex((part, index) => part !== READY_PATH_SINCE[index]);
  return different !== -1 && parts[different]! > READY_PATH_SINCE[different]!;
}
