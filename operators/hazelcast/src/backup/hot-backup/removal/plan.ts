/** The claim of a member, and how far the Job is that takes the backup off it. */
export interface VolumeState {
  readonly claim: string;
  readonly ordinal: number;
  /** `none`: it has not been made. */
  readonly job: 'none' | 'running' | 'done' | 'failed';
  /** What keeps a running Job from its work, for people; absent: nothing that is known. */
  readonly held?: string;
}

/** What is known when a HotBackup with a finished backup on volumes is being deleted. */
export interface Observed {
  /** Folder of the backup on each volume, for people. */
  readonly folder: string;
  /** `spec.deletionPolicy` is `Delete`. */
  readonly wanted: boolean;
  /** Whoever is to be restored from the folder. */
  readonly neededBy: string | undefined;
  /** Why it is left where it is although it is to go. */
  readonly keptBecause: string | undefined;
  /** All claims of the cluster's members, also of those that were scaled in. */
  readonly volumes: readonly VolumeState[];
}

export type Action =
  | { readonly do: 'remove'; readonly volumes: readonly VolumeState[] }
  | { readonly do: 'wait'; readonly reason: 'Referenced' | 'RemovingBackup' | 'RemovalWaits' | 'RemovalFails'; readonly message: string }
  /** The HotBackup may go. `kept`: the folder is still there, and why. */
  | { readonly do: 'finish'; readonly removed: boolean; readonly kept?: string };

/**
 * What is next until a HotBackup that is being deleted may go. Nothing is taken off a volume unless it was asked for, and nothing while somebody is to be restored
 * from it; what cannot be taken off is said, and holds the HotBackup until the user decides.
 */
export function removalPlan({ folder, wanted, neededBy, keptBecause, volumes }: Observed): Action {
  if (!wanted) return { do: 'finish', removed: false };
  if (neededBy !== undefined) return { do: 'wait', reason: 'Referenced', message: `Hazelcast '${neededBy}' is to be restored from ${folder}` };
  if (keptBecause !== undefined) return { do: 'finish', removed: false, kept: keptBecause };
  const failed = volumes.filter(({ job }) => job === 'failed');
  if (failed.length > 0)
    return {
      do: 'wait',
      reason: 'RemovalFails',
      message: `${folder} could not be taken off ${names(failed)}: look at the Job's pods, then delete the Job; or set spec.deletionPolicy to Retain`,
    };
  const next = volumes.filter(({ job }) => job === 'none');
  if (next.length > 0) return { do: 'remove', volumes: next };
  const held = volumes.find((one) => one.job === 'running' && one.held !== undefined);
  if (held !== undefined)
    return {
      do: 'wait',
      reason: 'RemovalWaits',
      message: `${folder} is not taken off ${held.claim} yet: ${held.held}. It goes on when that is mended, or is made anew when you delete the Job; or set spec.deletionPolicy to Retain`,
    };
  const running = volumes.filter(({ job }) => job === 'running');
  if (running.length > 0) return { do: 'wait', reason: 'RemovingBackup', message: `${folder} is being taken off ${names(running)}` };
  return { do: 'finish', removed: volumes.length > 0 };
}

const names = (volumes: readonly VolumeState[]): string => volumes.map(({ claim }) => claim).join(', ');
