import type { Live, Ref } from '@binnacle/client';
import { isAlreadyExists } from '@binnacle/client';
import { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { record } from '../event.ts';
import type { Move } from './bind.ts';
import { nextMove } from './bind.ts';

type Claim = Live<typeof PersistentVolumeClaim>;
type LiveVolume = Live<typeof PersistentVolume>;
const BOUND_BY_US = 'pv.kubernetes.io/bound-by-controller';
const COMPONENT = 'persistentvolume-controller';

/**
 * Binds claims to volumes, and makes volumes for claims: for every class but those without a provisioner, since in the sandbox nobody else would.
 * What a volume holds is kept by the node, under the volume's name.
 */
export function claims(): Reconciler {
  // Claims without a volume: any volume or class that appears may be what they wait for.
  const pending = new Map<string, Ref>();
  return {
    name: 'persistentvolumeclaim',
    kind: PersistentVolumeClaim,
    watches: [
      watch(PersistentVolume, ({ spec }) => {
        const { namespace, name } = spec?.claimRef ?? {};
        return namespace === undefined || name === undefined ? [...pending.values()] : [{ namespace, name }];
      }),
      watch(StorageClass, () => [...pending.values()]),
    ],
    concurrency: 1,
    async reconcile(ref, world) {
      const key = `${ref.namespace}/${ref.name}`;
      const claim = world.cache.get(PersistentVolumeClaim, ref);
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return void pending.delete(key);
      if (claim.status?.phase === 'Bound') pending.delete(key);
      else pending.set(key, ref);
      const volumes = world.cache.list(PersistentVolume);
      const className = claim.spec?.storageClassName ?? '';
      const storageClass = className === '' ? undefined : world.cache.get(StorageClass, { name: className });
      await act(claim, nextMove({ claim, volumes, storageClass }), world);
    },
  };
}

async function act(claim: Claim, move: Move, world: World): Promise<void> {
  const { api, signal } = world;
  switch (move.do) {
    case 'nothing':
      return;
    case 'provision':
      return provision(claim, move.storageClass, world);
    case 'bindVolume': {
      const body = {
        metadata: { resourceVersion: move.volume.metadata.resourceVersion, annotations: { [BOUND_BY_US]: 'yes' } },
        spec: { claimRef: referenceTo(claim) },
      };
      await api.patch(PersistentVolume, move.volume.metadata, { type: 'merge', body }, { signal });
      return;
    }
    case 'bindClaim': {
      const annotations = { 'pv.kubernetes.io/bind-completed': 'yes', [BOUND_BY_US]: 'yes' };
      const body = { metadata: { annotations }, spec: { volumeName: move.volume.metadata.name } };
      await api.patch(PersistentVolumeClaim, claim.metadata, { type: 'merge', body }, { signal });
      return;
    }
    case 'setBound':
      return setBound(claim, move.volume, world);
    case 'grow': {
      const capacity = { storage: move.to };
      await api.patch(PersistentVolume, move.volume.metadata, { type: 'merge', body: { spec: { capacity } } }, { signal });
      await status(claim, { capacity, conditions: null }, world);
      const message = 'MountVolume.NodeExpandVolume succeeded for volume';
      return record(world, PersistentVolumeClaim, claim, { type: 'Normal', reason: 'FileSystemResizeSuccessful', message, component: 'volume_expand' });
    }
    case 'lost': {
      if (claim.status?.phase === 'Lost') return;
      await status(claim, { phase: 'Lost' }, world);
      const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
      return record(world, PersistentVolumeClaim, claim, { type: 'Warning', reason: 'ClaimLost', message, component: COMPONENT });
    }
    case 'wait':
      return record(world, PersistentVolumeClaim, claim, { ...move, component: COMPONENT });
    default:
      return move satisfies never;
  }
}

async function provision(claim: Claim, storageClass: Live<typeof StorageClass>, world: World): Promise<void> {
  const name = `pvc-${claim.metadata.uid}`;
  const volume = {
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': storageClass.provisioner } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec?.accessModes ?? [],
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      claimRef: referenceTo(claim),
      hostPath: { path: `/var/lib/binnacle/volumes/${name}` },
    },
  };
  try {
    await world.api.create(PersistentVolume, volume, { signal: world.signal });
  } catch (error) {
    // Named after the claim's UID: a repetition after a lost answer finds the first one.
    if (!isAlreadyExists(error)) throw error;
    return;
  }
  const message = `Successfully provisioned volume ${name}`;
  await record(world, PersistentVolumeClaim, claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message, component: storageClass.provisioner });
}

async function setBound(claim: Claim, volume: LiveVolume, world: World): Promise<void> {
  await status(claim, { phase: 'Bound', accessModes: volume.spec?.accessModes ?? [], capacity: volume.spec?.capacity ?? {} }, world);
}

async function status(claim: Claim, fields: unknown, { api, signal }: World): Promise<void> {
  await api.patch(PersistentVolumeClaim, claim.metadata, { type: 'merge', body: { status: fields } }, { subresource: 'status', signal });
}

function referenceTo({ metadata }: Claim) {
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion };
}
