import { timestamp } from '@binnacle/client';
import type { Core } from '../core/core.ts';
import { groupVersion, objectKey } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { ordered } from '../crud/commit.ts';
import { clusterRoleBindings, clusterRoles } from './roles.ts';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
/** Who runs when a pod names nobody. Later namespaces get theirs from the controller whose job it is. */
const DEFAULT_ACCOUNT = 'default';

/** Makes what a cluster is born with, as far as it is not there yet: namespaces, roles, the API's own Service. */
export function bootstrap(core: Core): void {
  for (const name of NAMESPACES) {
    const labels = { 'kubernetes.io/metadata.name': name };
    ensure(core, '', 'v1', 'namespaces', { metadata: { name, labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    ensure(core, '', 'v1', 'serviceaccounts', { metadata: { name: DEFAULT_ACCOUNT, namespace: name } });
  }
  for (const role of clusterRoles()) ensure(core, 'rbac.authorization.k8s.io', 'v1', 'clusterroles', role);
  for (const binding of clusterRoleBindings()) ensure(core, 'rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', binding);
  for (const [name, value] of [
    ['system-cluster-critical', 2_000_000_000],
    ['system-node-critical', 2_000_001_000],
  ] as const) {
    const object = { metadata: { name, generation: 1 }, value, globalDefault: false, preemptionPolicy: 'PreemptLowerPriority' };
    ensure(core, 'scheduling.k8s.io', 'v1', 'priorityclasses', object);
  }
  ensure(core, '', 'v1', 'services', {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: '10.96.0.1',
      clusterIPs: ['10.96.0.1'],
      type: 'ClusterIP',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
    },
    status: { loadBalancer: {} },
  });
}

function ensure(
  core: Core,
  group: string,
  version: string,
  plural: string,
  content: Omit<ApiObject, 'apiVersion' | 'kind'> & Pick<ApiObject, 'metadata'>,
): void {
  const served = core.catalog.find(group, version, plural);
  if (served === undefined) throw new Error(`${plural} are not served`);
  const { name, namespace } = content.metadata;
  const key = objectKey(namespace, name!);
  if (core.store.get(served.bucket, key) !== undefined) return;
  const metadata = { ...content.metadata, uid: core.chance.uid(), creationTimestamp: timestamp(core.clock.now()) };
  const object: ApiObject = { ...content, apiVersion: groupVersion(served), kind: served.kind, metadata };
  core.store.put(served.bucket, key, ordered(object), undefined);
}
