import type { Live } from '@binnacle/client';
import type {
  Container,
  EnvVar,
  Ingress,
  PersistentVolumeClaim,
  PodTemplateSpec,
  Secret,
  SecurityContext,
  Service,
  StatefulSet,
  Volume,
} from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { licenceSecret } from '../api/check.ts';
import type { Center, KnownCluster } from '../api/management-center.ts';
import { given } from '../given.ts';
import { hashOf } from './clusters.ts';
import { CONFIG_PATH, LDAP_PASSWORD, LDAP_USERNAME, clientConfigs, healthPath, initCommand, javaOpts } from './config.ts';
import type { Stores } from './config.ts';
import { PORTS, PORT_NAME, labelsOf, metaOf, selectorOf } from './names.ts';
import { TAKEN_OVER } from '../hazelcast/names.ts';
import { seccomp } from '../hazelcast/objects/seccomp.ts';
import { CONFIG_HASH, isTaken, takenTemplate } from './taken.ts';

/** Account and group of the process in its image. */
const NOBODY = 65_534;
/** 0644. */
const MODE = 420;
const STORAGE = 'mancenter-storage';
const TMP = 'tmp-vol';
const CONFIG = 'config';
const SECURITY: SecurityContext = {
  runAsNonRoot: true,
  privileged: false,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/** The Service. Both ports lead to the same plain HTTP, as in the existing operator. */
export function service(mc: Center): Desired<typeof Service> {
  const port = (name: string, number: number) => ({ name, port: number, protocol: 'TCP', targetPort: PORT_NAME });
  return { ...metaOf(mc), spec: { type: mc.spec.externalConnectivity.type, selector: selectorOf(mc), ports: [port('http', 8080), port('https', 443)] } };
}

/** The Ingress; undefined when none is wanted. */
export function ingress(mc: Center): Desired<typeof Ingress> | undefined {
  const wanted = mc.spec.externalConnectivity.ingress;
  if (wanted === undefined) return undefined;
  const { annotations: _, ...meta } = metaOf(mc);
  const backend = { service: { name: mc.metadata.name, port: { name: 'http' } } };
  return {
    ...meta,
    ...(wanted.annotations === undefined ? {} : { annotations: wanted.annotations }),
    spec: {
      // An empty class is no class name; the API server refuses it.
      ...(wanted.ingressClassName ? { ingressClassName: wanted.ingressClassName } : {}),
      ...(wanted.tls === undefined ? {} : { tls: [{ hosts: [wanted.hostname], secretName: wanted.tls.secretName }] }),
      rules: [{ host: wanted.hostname, http: { paths: [{ path: wanted.path, pathType: 'Prefix', backend }] } }],
    },
  };
}

/** The client configurations, and the keystores of those that are encrypted. */
export function configSecret(mc: Center, stores: Stores = {}): Desired<typeof Secret> {
  const texts = Object.entries(clientConfigs(mc)).map(([file, text]) => [file, Buffer.from(text, 'utf8').toString('base64')]);
  const files = Object.entries(stores).map(([name, store]) => [`${name}.jks`, store.toString('base64')]);
  return { ...metaOf(mc), type: 'Opaque', data: Object.fromEntries([...texts, ...files]) };
}

/** What the pod depends on besides the spec. */
export interface Surroundings {
  readonly phoneHome: boolean;
  /** Default false: pods may use the id they want only with an account that is allowed to. */
  readonly openShift?: boolean;
  readonly stores?: Stores;
  readonly clusters?: readonly KnownCluster[];
}

/**
 * One pod. `replicas` is not ours: 1 is the API server's default, and who scales it to 0 by hand to pause it keeps it there. `live`: what there is, for
 * the fields that cannot change. Source: spec/hazelcast-core.md §4.3.
 */
export function statefulSet(mc: Center, around: Surroundings, live: Live<typeof StatefulSet> | undefined): Desired<typeof StatefulSet> {
  const claims = claimTemplates(mc, live);
  const built = template(mc, around, live);
  const config = hashOf(configHash(mc, around.stores ?? {}), initCommand(mc));
  const taken = takenTemplate(mc, built, live, config);
  const { annotations, ...meta } = metaOf(mc);
  const noted = { ...annotations, ...(taken === undefined ? {} : { [TAKEN_OVER]: config }) };
  return {
    ...meta,
    ...(Object.keys(noted).length === 0 ? {} : { annotations: noted }),
    spec: {
      selector: { matchLabels: selectorOf(mc) },
      template: taken ?? built,
      ...(claims.length === 0 ? {} : { volumeClaimTemplates: claims }),
    },
  };
}

function template(mc: Center, around: Surroundings, live: Live<typeof StatefulSet> | undefined): PodTemplateSpec {
  const { spec } = mc;
  return {
    metadata: { labels: labelsOf(mc), annotations: { [CONFIG_HASH]: configHash(mc, around.stores ?? {}) } },
    spec: given({
      imagePullSecrets: spec.imagePullSecrets,
      serviceAccountName: around.openShift === true ? mc.metadata.name : undefined,
      securityContext: { fsGroup: NOBODY, runAsUser: NOBODY, runAsNonRoot: true, ...seccomp(live, isTaken(live)) },
      affinity: spec.scheduling?.affinity,
      tolerations: spec.scheduling?.tolerations,
      nodeSelector: spec.scheduling?.nodeSelector,
      topologySpreadConstraints: spec.scheduling?.topologySpreadConstraints,
      containers: [container(mc, around)],
      volumes: volumes(mc),
    }),
  };
}

function configHash(mc: Center, stores: Stores): string {
  return hashOf(JSON.stringify(clientConfigs(mc)), ...Object.values(stores));
}

function container(mc: Center, around: Surroundings): Container {
  const { spec } = mc;
  const times = { initialDelaySeconds: 10, timeoutSeconds: 10, periodSeconds: 10, successThreshold: 1, failureThreshold: 10 };
  return given({
    name: 'management-center',
    image: `${spec.repository}:${spec.version}`,
    imagePullPolicy: spec.imagePullPolicy,
    env: env(mc, around),
    ports: [{ name: PORT_NAME, containerPort: PORTS.http, protocol: 'TCP' }],
    resources: spec.resources,
    volumeMounts: [
      { name: STORAGE, mountPath: '/data' },
      { name: TMP, mountPath: '/tmp' },
      { name: CONFIG, mountPath: CONFIG_PATH },
    ],
    livenessProbe: { httpGet: { path: healthPath(mc), port: PORTS.health, scheme: 'HTTP' }, ...times },
    readinessProbe: { tcpSocket: { port: PORTS.http }, ...times },
    securityContext: SECURITY,
  });
}

function env(mc: Center, { phoneHome, clusters }: Surroundings): readonly EnvVar[] {
  const licence = licenceSecret(mc.spec);
  const secret = (name: string, from: string, key: string): EnvVar => ({ name, valueFrom: { secretKeyRef: { name: from, key } } });
  const ldap = mc.spec.securityProvider?.ldap?.credentialsSecretName;
  return [
    { name: 'MC_INIT_CMD', value: initCommand(mc, clusters) },
    ...(licence === undefined ? [] : [secret('MC_LICENSE_KEY', licence, 'license-key')]),
    { name: 'JAVA_OPTS', value: javaOpts(mc, { phoneHome, licensed: licence !== undefined }) },
    ...(ldap === undefined ? [] : [secret(LDAP_USERNAME, ldap, 'username'), secret(LDAP_PASSWORD, ldap, 'password')]),
  ];
}

function volumes(mc: Center): readonly Volume[] {
  const { enabled, existingVolumeClaimName: claim } = mc.spec.persistence;
  const storage: readonly Volume[] = !enabled
    ? [{ name: STORAGE, emptyDir: {} }]
    : claim
      ? [{ name: STORAGE, persistentVolumeClaim: { claimName: claim } }]
      : [];
  return [...storage, { name: TMP, emptyDir: {} }, { name: CONFIG, secret: { secretName: mc.metadata.name, defaultMode: MODE } }];
}

function claimTemplates(mc: Center, live: Live<typeof StatefulSet> | undefined): readonly PersistentVolumeClaim[] {
  const { enabled, existingVolumeClaimName, storageClass, size } = mc.spec.persistence;
  if (!enabled || existingVolumeClaimName) return [];
  const old = live?.spec?.volumeClaimTemplates?.find(({ metadata }) => metadata?.name === STORAGE)?.metadata;
  const { labels, annotations } = old ?? metaOf(mc);
  return [
    {
      metadata: given({ name: STORAGE, labels, annotations }),
      spec: given({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: String(size) } }, storageClassName: storageClass }),
    },
  ];
}
