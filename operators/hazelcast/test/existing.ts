import { Secret, ServiceAccount, Role, RoleBinding, ClusterRole, ClusterRoleBinding, ConfigMap, Service, StatefulSet } from '@binnacle/client/kinds';
import type { AnyKind, Api } from '@binnacle/client';
import { agentCertificate } from '../src/agent/certificate.ts';
import { Hazelcast } from '../src/index.ts';
import { writeKeyStore } from '../src/tls/jks.ts';
import { MANAGED, existingTemplate } from './existing-template.ts';
import type { Claim, ExistingSpec } from './existing-template.ts';
import { LICENCE, put } from './put.ts';

/** Restart checksums of clusters, by what is in them: spec/hazelcast-core.md §10.1. */
export const CHECKSUM = { plain: '3607608517', cp3: '2586288213', tls: '2963896904', userCode: '423270161' } as const;
/** Who the existing operator signs as, and whom its user does. */
export const MANAGER = 'manager';
const USER = 'kubectl-client-side-apply';
const NAMESPACE = 'default';
const NOW = 1_767_225_600_000;

/** A cluster of the existing operator. */
export interface Existing {
  readonly name: string;
  readonly spec: ExistingSpec;
  /** Absent: that of a cluster with nothing that restarts it. */
  readonly checksum?: string;
  /** Sections of `hazelcast.yaml` besides those that always are there, as text. */
  readonly sections?: string;
  /** In place of the `hazelcast.yaml` that goes with the rest. */
  readonly yaml?: string;
  /** What the init containers are told. */
  readonly init?: string;
  /** The claim template of persistence. */
  readonly claim?: string;
  /** Annotation of the last spec that came to run; false: none, it never ran. */
  readonly succeeded?: string | false;
  readonly status?: object;
  /** What became of the StatefulSet since. */
  readonly statefulSet?: (set: ReturnType<typeof existingSet>) => object;
  /** What was added to the spec after all of it was made. */
  readonly since?: object;
  /** Files of the Secret besides `hazelcast.yaml`; absent: the empty keystore. */
  readonly keystore?: Buffer;
  /** A Secret of agents that is there already is left alone. */
  readonly agents?: boolean;
}

/** Where it is brought about: any API server. */
export interface Place {
  readonly api: Api;
}

type Write = (kind: AnyKind, object: Readonly<Record<string, unknown>>) => Promise<unknown>;

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** Writes all objects of a cluster as the existing operator leaves them, and waits for its pods. Source: spec/hazelcast-core.md §2, §10. */
export async function bringAbout(w: Place, one: Existing): Promise<void> {
  const { name, spec } = one;
  const write: Write = (kind, object) => w.api.create(kind, object as never, { fieldManager: MANAGER });
  await put(w, Secret, 'licence', LICENCE);
  const cr = await existingResource(w, one);
  const owner = { apiVersion: 'hazelcast.com/v1alpha1', kind: 'Hazelcast', name, uid: cr.metadata.uid, controller: true, blockOwnerDeletion: true };
  const meta = (called: string = name, labels: object = {}) => ({
    name: called,
    namespace: NAMESPACE,
    labels: { ...spec.labels, ...MANAGED(name), ...labels },
    ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
    ownerReferences: [owner],
  });
  await write(ServiceAccount, { metadata: meta() });
  await writeRights(write, meta(), name, spec.persistence !== undefined);
  for (const service of existingServices(name, spec)) await write(Service, { metadata: meta(service.name, service.labels), spec: service.spec });
  const keystore = (one.keystore ?? writeKeyStore({ own: undefined, trusted: [] }, 'hazelcast')).toString('base64');
  const yaml = one.yaml ?? existingYaml(name, spec, one.sections ?? '');
  await write(Secret, { metadata: meta(), type: 'Opaque', data: { 'hazelcast.yaml': base64(yaml), 'hazelcast.jks': keystore } });
  await write(ConfigMap, { metadata: meta(`${name}-init`), data: { 'config.yaml': one.init ?? 'initContainer: {}\n' } });
  if (one.agents !== false) await write(Secret, agentSecret(owner));
  const set = existingSet(one);
  await write(StatefulSet, { ...(one.statefulSet?.(set) ?? set), metadata: { ...meta(), annotations: { ...spec.annotations, ...count(spec) } } });
  if (one.since !== undefined) await w.api.patch(Hazelcast, { namespace: NAMESPACE, name }, { type: 'merge', body: { spec: one.since } });
}

const count = ({ exposeExternally, clusterSize = 3 }: ExistingSpec) =>
  exposeExternally?.type === 'Smart' ? { 'hazelcast.com/service-per-pod-count': String(clusterSize) } : {};

/** The custom resource: written by its user, marked by the operator. */
async function existingResource(w: Place, { name, spec, succeeded, status = { phase: 'Running' } }: Existing) {
  const user = { metadata: { name, namespace: NAMESPACE }, spec: { licenseKeySecretName: 'licence', version: '5.5.0', ...spec } };
  const created = await w.api.create(Hazelcast, user as never, { fieldManager: USER });
  const annotations = {
    'hazelcast.com/last-applied-spec': goJson(spec),
    ...(succeeded === false ? {} : { 'hazelcast.com/last-successful-spec': succeeded ?? goJson(spec) }),
  };
  const properties = { 'hazelcast.cluster.version.auto.upgrade.enabled': 'true', 'hazelcast.persistence.auto.cluster.state': 'true' };
  const body = {
    metadata: { annotations, finalizers: ['hazelcast.com/finalizer'] },
    spec: { properties: { ...(spec['properties'] as object), ...properties } },
  };
  const ref = { namespace: NAMESPACE, name };
  await w.api.patch(Hazelcast, ref, { type: 'merge', body }, { fieldManager: MANAGER });
  await w.api.patch(Hazelcast, ref, { type: 'merge', body: { status } }, { fieldManager: MANAGER, subresource: 'status' });
  return created;
}

/** A spec as the existing operator notes it: empty structures and sizes are written out. Source: spec/hazelcast-core.md §10.2. */
export function goJson(spec: ExistingSpec): string {
  const persistence = spec.persistence === undefined ? {} : { persistence: { baseDir: '', ...spec.persistence, restore: spec.persistence.restore ?? {} } };
  return JSON.stringify({
    agent: {},
    exposeExternally: {},
    resources: {},
    scheduling: {},
    nativeMemory: { size: '' },
    licenseKeySecretName: 'licence',
    ...spec,
    ...persistence,
  });
}

async function writeRights(write: Write, meta: object, name: string, persistent: boolean) {
  const { ownerReferences: _, namespace: __, ...marks } = meta as { readonly ownerReferences: unknown; readonly namespace: string };
  const rules = [
    { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
    { apiGroups: [''], resources: ['endpoints', 'pods', 'services'], verbs: ['get', 'list'] },
    ...(persistent ? [{ apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['watch', 'list'] }] : []),
  ];
  const subjects = [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }];
  const roleRef = (kind: string, role: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: role });
  await write(Role, { metadata: meta, rules });
  await write(RoleBinding, { metadata: meta, subjects, roleRef: roleRef('Role', name) });
  // The hash of the namespace: spec/hazelcast-core.md §10.1.
  const wide = { ...marks, name: `${name}-2470140894` };
  await write(ClusterRole, { metadata: wide, rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] });
  await write(ClusterRoleBinding, { metadata: wide, subjects, roleRef: roleRef('ClusterRole', wide.name) });
}

function existingServices(name: string, spec: ExistingSpec) {
  const port = (called: string, number: number, targetPort: number | string = number) => ({
    name: called,
    protocol: 'TCP',
    appProtocol: 'tcp',
    port: number,
    targetPort,
  });
  const { exposeExternally: out, clusterSize = 3 } = spec;
  const wan = spec.advancedNetwork?.wan ?? [];
  const selector = MANAGED(name);
  const main = {
    name,
    labels: out === undefined ? {} : { 'hazelcast.com/hazelcast-service-endpoint-type': 'discovery' },
    spec: {
      ...(out === undefined ? { type: 'ClusterIP', clusterIP: 'None' } : { type: out.discoveryServiceType ?? 'LoadBalancer' }),
      selector,
      ports: [port('hazelcast', 5701, 'hazelcast'), port('member-port', 5702), port('rest-port', 8081), ...(wan.length === 0 ? [port('wan-port', 5710)] : [])],
    },
  };
  const members =
    out?.type !== 'Smart'
      ? []
      : Array.from({ length: clusterSize }, (_, ordinal) => ({
          name: `${name}-${ordinal}`,
          labels: { 'hazelcast.com/service-per-pod': 'true', 'hazelcast.com/hazelcast-service-endpoint-type': 'member' },
          spec: {
            type: out.memberAccess === 'LoadBalancer' ? 'LoadBalancer' : 'NodePort',
            selector: { ...selector, 'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}` },
            publishNotReadyAddresses: true,
            ports: [port('hazelcast', 5701, 'hazelcast')],
          },
        }));
  const far = wan.map((entry) => ({
    name: `${name}-${entry.name}`,
    labels: {},
    spec: {
      type: 'LoadBalancer',
      selector,
      ports: Array.from({ length: entry.portCount }, (_, index) => port(`wan-${entry.name}-${index}`, entry.port + index)),
    },
  }));
  return [main, ...far, ...members];
}

/** What the existing operator makes once for a namespace, and lets the first of its clusters own. */
function agentSecret(owner: object) {
  const { key, certificate } = agentCertificate(NOW);
  const data = { 'ca.crt': base64(certificate), 'tls.crt': base64(certificate), 'tls.key': base64(key) };
  return { metadata: { name: 'hazelcast-agent-cert', namespace: NAMESPACE, ownerReferences: [owner] }, type: 'kubernetes.io/tls', data };
}

export function existingSet({ name, spec, checksum = CHECKSUM.plain, claim = 'persistence' }: Existing) {
  const template = (called: string, pvc: Claim | undefined) =>
    pvc === undefined
      ? []
      : [
          {
            metadata: { name: called, labels: { ...spec.labels, ...MANAGED(name) } },
            spec: {
              accessModes: pvc.accessModes,
              resources: { requests: { storage: pvc.requestStorage } },
              ...(pvc.storageClassName === undefined ? {} : { storageClassName: pvc.storageClassName }),
            },
          },
        ];
  const claims = [
    ...template(claim, spec.persistence?.pvc),
    ...template('cp-subsystem-persistence', spec.cpSubsystem?.pvc),
    ...(spec.localDevices ?? []).flatMap((device) => template(device.name, device.pvc)),
  ];
  return {
    metadata: {},
    spec: {
      replicas: spec.clusterSize ?? 3,
      selector: { matchLabels: MANAGED(name) },
      serviceName: name,
      podManagementPolicy: 'Parallel',
      template: existingTemplate(name, spec, checksum, claim),
      ...(claims.length === 0 ? {} : { volumeClaimTemplates: claims }),
    },
  };
}

const POLICIES: Readonly<Record<string, string>> = {
  FullRecoveryOnly: 'FULL_RECOVERY_ONLY',
  PartialRecoveryMostRecent: 'PARTIAL_RECOVERY_MOST_RECENT',
};

/** `hazelcast.yaml`. Source: spec/hazelcast-core.md §10.4. `sections`: more of them, as text. */
export function existingYaml(name: string, { clusterName = 'dev', persistence, advancedNetwork, exposeExternally }: ExistingSpec, sections = ''): string {
  const policy = persistence?.clusterDataRecoveryPolicy ?? 'FullRecoveryOnly';
  const stored = `    persistence:
        enabled: true
        base-dir: /data/persistence/base-dir
        backup-dir: /data/persistence/base-dir/hot-backup
        parallelism: 1
        validation-timeout-seconds: 120
        cluster-data-recovery-policy: ${POLICIES[policy]}
        auto-remove-stale-data: ${policy !== 'FullRecoveryOnly'}
`;
  const wan = (advancedNetwork?.wan ?? [{ name: 'default', port: 5710, portCount: 1 }]).map(
    (entry) =>
      `            ${entry.name}:\n                port:\n                    port: ${entry.port}\n                    port-count: ${entry.portCount}\n`,
  );
  const nodeName = exposeExternally?.memberAccess === 'NodePortNodeName' ? '                use-node-name-as-external-address: true\n' : '';
  return `hazelcast:
    jet:
        enabled: true
        resource-upload-enabled: false
    cluster-name: ${clusterName}
${persistence === undefined ? '' : stored}    properties:
        hazelcast.cluster.version.auto.upgrade.enabled: "true"
        hazelcast.persistence.auto.cluster.state: "true"
    advanced-network:
        enabled: true
        join:
            kubernetes:
                enabled: true
                service-name: ${name}
${nodeName}                service-per-pod-label-name: hazelcast.com/service-per-pod
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
${wan.join('')}${sections}`;
}
