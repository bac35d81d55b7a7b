import type { Ref } from '@binnacle/client';
import { isAlreadyExists } from '@binnacle/client';
import { ConfigMap, Namespace, ServiceAccount } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';

const ROOT_CA = 'kube-root-ca.crt';
/** Word for word what users find in other clusters. Source: pkg/controller/certificates/rootcacertpublisher. */
const DESCRIPTION = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
    'No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** Every namespace has a ServiceAccount `default` and a ConfigMap with the cluster's certificate authority (PEM), also after somebody deleted them. */
export function serviceAccounts(rootCa: string): Reconciler {
  return {
    name: 'serviceaccount',
    kind: Namespace,
    watches: [
      watch(ServiceAccount, ({ metadata }) => (metadata.name === 'default' ? [{ name: metadata.namespace }] : [])),
      watch(ConfigMap, ({ metadata }) => (metadata.name === ROOT_CA ? [{ name: metadata.namespace }] : [])),
    ],
    reconcile: (ref, world) => reconcile(ref, world, rootCa),
  };
}

async function reconcile({ name }: Ref, { api, cache, signal }: World, rootCa: string): Promise<void> {
  const namespace = cache.get(Namespace, { name });
  if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
  const exists = async (task: () => Promise<unknown>) => {
    try {
      await task();
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  };
  if (cache.get(ServiceAccount, { namespace: name, name: 'default' }) === undefined)
    await exists(() => api.create(ServiceAccount, { metadata: { namespace: name, name: 'default' } }, { signal }));
  const data = { 'ca.crt': rootCa };
  const configMap = { metadata: { namespace: name, name: ROOT_CA, annotations: DESCRIPTION }, data };
  const now = cache.get(ConfigMap, { namespace: name, name: ROOT_CA });
  if (now === undefined) await exists(() => api.create(ConfigMap, configMap, { signal }));
  else if (now.data?.['ca.crt'] !== rootCa) await api.patch(ConfigMap, { namespace: name, name: ROOT_CA }, { type: 'merge', body: { data } }, { signal });
}
