import type { Live, Ref } from '@binnacle/client';
import { PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';

const PROTECTION = 'kubernetes.io/pvc-protection';

/** Lets a deleted claim go once no pod on a node uses it: its data must not vanish under a running process. */
export const claimProtection: Reconciler = {
  name: 'pvc-protection',
  kind: PersistentVolumeClaim,
  watches: [watch(Pod, (pod) => claimsUsedBy(pod).map((name) => ({ namespace: pod.metadata.namespace, name })))],
  reconcile,
};

/** Names of the claims that a pod mounts, in its namespace. */
export function claimsUsedBy(pod: Live<typeof Pod>): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(
    (volume) => volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral === undefined ? [] : `${pod.metadata.name}-${volume.name}`),
  );
}

async function reconcile(ref: Ref, { api, cache, signal }: World): Promise<void> {
  const claim = cache.get(PersistentVolumeClaim, ref);
  const finalizers = claim?.metadata.finalizers ?? [];
  if (claim?.metadata.deletionTimestamp === undefined || !finalizers.includes(PROTECTION)) return;
  const uses = (pod: Live<typeof Pod>) => (pod.spec?.nodeName ?? '') !== '' && claimsUsedBy(pod).includes(ref.name);
  if (cache.list(Pod, { namespace: claim.metadata.namespace }).some(uses)) return;
  // The cache may be behind by a pod that was just bound.
  const { items } = await api.list(Pod, { namespace: claim.metadata.namespace, signal });
  if (items.some(uses)) return;
  const metadata = { resourceVersion: claim.metadata.resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== PROTECTION) };
  await api.patch(PersistentVolumeClaim, ref, { type: 'merge', body: { metadata } }, { signal });
}
