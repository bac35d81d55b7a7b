import type { Live, Ref } from '@binnacle/client';
import { isNotFound } from '@binnacle/client';
import { PersistentVolume, PersistentVolumeClaim } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';

type LiveVolume = Live<typeof PersistentVolume>;
const PROTECTION = 'kubernetes.io/pv-protection';

/** Keeps the phase of volumes, and reclaims those whose claim has gone: `Retain` keeps them as Released for a person to look at, `Delete` deletes. */
export const volumes: Reconciler = {
  name: 'persistentvolume',
  kind: PersistentVolume,
  watches: [
    watch(PersistentVolumeClaim, ({ spec, metadata }) =>
      [...new Set([spec?.volumeName ?? '', `pvc-${metadata.uid}`])].flatMap((name) => (name === '' ? [] : [{ name }])),
    ),
  ],
  reconcile,
};

/** The phase that follows from a volume and the claim it names. A volume whose claim has gone is never anybody else's by itself. */
export function phaseOf(volume: LiveVolume, claim: Live<typeof PersistentVolumeClaim> | undefined): 'Available' | 'Bound' | 'Released' {
  const reference = volume.spec?.claimRef;
  if (reference === undefined || (reference.uid ?? '') === '') return 'Available';
  return claim?.metadata.uid === reference.uid ? 'Bound' : 'Released';
}

async function reconcile(ref: Ref, world: World): Promise<void> {
  const { api, cache, signal } = world;
  const volume = cache.get(PersistentVolume, ref);
  if (volume === undefined) return;
  const { namespace, name } = volume.spec?.claimRef ?? {};
  const claim = namespace === undefined || name === undefined ? undefined : cache.get(PersistentVolumeClaim, { namespace, name });
  // Released is the start of a deletion: what the cache has not seen must not be what decides.
  const phase = phaseOf(volume, claim) === 'Released' ? phaseOf(volume, await stored(volume, world)) : phaseOf(volume, claim);
  if (volume.metadata.deletionTimestamp !== undefined) {
    const left = (volume.metadata.finalizers ?? []).filter((finalizer) => finalizer !== PROTECTION);
    if (phase === 'Bound' || left.length === volume.metadata.finalizers?.length) return;
    const metadata = { resourceVersion: volume.metadata.resourceVersion, finalizers: left };
    await api.patch(PersistentVolume, ref, { type: 'merge', body: { metadata } }, { signal });
    return;
  }
  if (volume.status?.phase !== phase) await api.patch(PersistentVolume, ref, { type: 'merge', body: { status: { phase } } }, { subresource: 'status', signal });
  if (phase === 'Released' && volume.spec?.persistentVolumeReclaimPolicy === 'Delete')
    await api.delete(PersistentVolume, ref, { preconditions: { uid: volume.metadata.uid }, signal });
}

async function stored(volume: LiveVolume, { api, signal }: World): Promise<Live<typeof PersistentVolumeClaim> | undefined> {
  const { namespace, name } = volume.spec?.claimRef ?? {};
  try {
    return await api.get(PersistentVolumeClaim, { namespace: namespace ?? '', name: name ?? '' }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
