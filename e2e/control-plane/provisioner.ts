import type { Live } from '@binnacle/client';
import { isAlreadyExists } from '@binnacle/client';
import { PersistentVolume, PersistentVolumeClaim } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';

type Claim = Live<typeof PersistentVolumeClaim>;
const PROVISIONER = 'binnacle/volumes';
/** Set by the real volume controller on claims that wait for somebody outside of it. */
const ASKED = 'volume.kubernetes.io/storage-provisioner';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** The default class, whose volumes are made when a pod that uses them has been given a node, as on most clouds. */
export const storageClass = {
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: PROVISIONER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
} as const;

/** What a storage driver does at a real control plane, which binds by itself: makes the volumes that are asked for, and removes those that were released. */
export const provisioner: readonly Reconciler[] = [
  {
    name: 'provisioner',
    kind: PersistentVolumeClaim,
    async reconcile(ref, world) {
      const claim = world.cache.get(PersistentVolumeClaim, ref);
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined || (claim.spec?.volumeName ?? '') !== '') return;
      const { annotations = {} } = claim.metadata;
      if (annotations[ASKED] === PROVISIONER && annotations[SELECTED_NODE] !== undefined) await provision(claim, world);
    },
  },
  {
    name: 'reclaimer',
    kind: PersistentVolume,
    async reconcile(ref, { api, cache, signal }) {
      const volume = cache.get(PersistentVolume, ref);
      if (volume?.metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER || volume.metadata.deletionTimestamp !== undefined) return;
      if (volume.status?.phase !== 'Released' || volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return;
      await api.delete(PersistentVolume, ref, { preconditions: { uid: volume.metadata.uid }, signal });
    },
  },
];

async function provision(claim: Claim, { api, signal }: World): Promise<void> {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const volume = `pvc-${uid}`;
  const object = {
    metadata: { name: volume, annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec?.accessModes ?? [],
      storageClassName: claim.spec?.storageClassName ?? '',
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion },
      hostPath: { path: `/var/lib/binnacle/volumes/${volume}` },
    },
  };
  try {
    await api.create(PersistentVolume, object, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
