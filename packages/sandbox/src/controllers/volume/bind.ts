import type { Live } from '@binnacle/client';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '@binnacle/client/kinds';
import { selects } from '../labels.ts';
import { quantity } from './quantity.ts';

type Claim = Live<typeof PersistentVolumeClaim>;
type LiveVolume = Live<typeof PersistentVolume>;
type Class = Live<typeof StorageClass>;

/** A claim, its volume or all it may choose from, and its class. */
export interface Observed {
  readonly claim: Claim;
  readonly volumes: readonly LiveVolume[];
  readonly storageClass: Class | undefined;
}

export type Move =
  | { readonly do: 'nothing' }
  | { readonly do: 'provision'; readonly storageClass: Class }
  /** The volume knows its claim first: two claims that want the same volume then meet at one write. */
  | { readonly do: 'bindVolume'; readonly volume: LiveVolume }
  | { readonly do: 'bindClaim'; readonly volume: LiveVolume }
  | { readonly do: 'setBound'; readonly volume: LiveVolume }
  | { readonly do: 'grow'; readonly volume: LiveVolume; readonly to: string | number }
  | { readonly do: 'lost' }
  | { readonly do: 'wait'; readonly reason: string; readonly message: string; readonly type: 'Normal' | 'Warning' };

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
/** Its volumes are made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** The next move for a claim. Source: spec/sandbox.md §2.18. */
export function nextMove({ claim, volumes, storageClass }: Observed): Move {
  const { volumeName } = claim.spec ?? {};
  if (volumeName !== undefined && volumeName !== '')
    return bound(
      claim,
      volumes.find((volume) => volume.metadata.name === volumeName),
    );
  const mine = volumes.find((volume) => volume.spec?.claimRef?.uid === claim.metadata.uid);
  if (mine !== undefined) return { do: 'bindClaim', volume: mine };
  const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && claim.metadata.annotations?.[SELECTED_NODE] === undefined;
  const reserved = volumes.find(({ spec }) => isReservedFor(spec?.claimRef, claim));
  if (reserved !== undefined) return { do: 'bindVolume', volume: reserved };
  if (delayed) return { do: 'wait', type: 'Normal', reason: 'WaitForFirstConsumer', message: 'waiting for first consumer to be created before binding' };
  const fitting = smallestFitting(claim, volumes);
  if (fitting !== undefined) return { do: 'bindVolume', volume: fitting };
  const className = claim.spec?.storageClassName ?? '';
  if (className !== '' && storageClass === undefined)
    return { do: 'wait', type: 'Warning', reason: 'ProvisioningFailed', message: `storageclass.storage.k8s.io "${className}" not found` };
  if (storageClass !== undefined && storageClass.provisioner !== NO_PROVISIONER) return { do: 'provision', storageClass };
  return { do: 'wait', type: 'Normal', reason: 'FailedBinding', message: 'no persistent volumes available for this claim and no storage class is set' };
}

/** The claim names its volume: by us, or by its author. */
function bound(claim: Claim, volume: LiveVolume | undefined): Move {
  if (volume === undefined) return claim.status?.phase === 'Bound' ? { do: 'lost' } : { do: 'nothing' };
  const reference = volume.spec?.claimRef;
  if (reference?.uid !== claim.metadata.uid) {
    if (reference === undefined || isReservedFor(reference, claim)) return { do: 'bindVolume', volume };
    return claim.status?.phase === 'Bound' ? { do: 'lost' } : { do: 'nothing' };
  }
  if (claim.status?.phase !== 'Bound') return { do: 'setBound', volume };
  const asked = claim.spec?.resources?.requests?.['storage'];
  if (asked !== undefined && quantity(asked) > quantity(claim.status.capacity?.['storage'])) return { do: 'grow', volume, to: asked };
  return { do: 'nothing' };
}

type ClaimRef = { readonly namespace?: string; readonly name?: string; readonly uid?: string } | undefined;

/** An administrator may reserve a volume for a claim by name, before the claim exists. */
function isReservedFor(reference: ClaimRef, { metadata }: Claim): boolean {
  return reference !== undefined && (reference.uid ?? '') === '' && reference.namespace === metadata.namespace && reference.name === metadata.name;
}

/** The smallest free volume that is what a claim asks for, of those that nothing else speaks against. */
export function smallestFitting(claim: Claim, volumes: readonly LiveVolume[]): LiveVolume | undefined {
  const { accessModes = [], resources, selector, storageClassName = '', volumeMode = 'Filesystem' } = claim.spec ?? {};
  const asked = quantity(resources?.requests?.['storage'] ?? 0);
  const size = (volume: LiveVolume) => quantity(volume.spec?.capacity?.['storage']);
  return volumes
    .filter(
      (volume) =>
        volume.spec?.claimRef === undefined &&
        volume.metadata.deletionTimestamp === undefined &&
        (volume.spec?.storageClassName ?? '') === storageClassName &&
        (volume.spec?.volumeMode ?? 'Filesystem') === volumeMode &&
        accessModes.every((mode) => volume.spec?.accessModes?.includes(mode) === true) &&
        (selector === undefined || selects(selector, volume.metadata.labels)) &&
        size(volume) >= asked,
    )
    .toSorted((a, b) => size(a) - size(b) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}
