import type { Backup } from './api/hot-backup.ts';
import { clusterOf, isFinished } from './backup-state.ts';

/** Whose turn it is at each cluster. Passes of different backups run at the same time, and neither sees in the status what the other is about to write there. */
export interface Turns {
  /** Takes the turn; false when another one has it. */
  take(hb: Backup): boolean;
  give(hb: Backup): void;
}

/** Nobody has a turn: after a restart the statuses tell who is on. */
export function turns(): Turns {
  const holders = new Map<string, string>();
  const keyOf = (hb: Backup) => `${hb.metadata.namespace}/${clusterOf(hb)}`;
  return {
    take(hb) {
      const holder = holders.get(keyOf(hb));
      if (holder !== undefined && holder !== hb.metadata.uid) return false;
      holders.set(keyOf(hb), hb.metadata.uid);
      return true;
    },
    give(hb) {
      if (holders.get(keyOf(hb)) === hb.metadata.uid) holders.delete(keyOf(hb));
    },
  };
}

/** Who goes before: one that is being taken; else, among those that wait, an older one. Undefined: nobody. Pure. */
export function before(hb: Backup, all: readonly Backup[]): Backup | undefined {
  if (hb.status?.run !== undefined) return undefined;
  const others = all.filter((one) => one.metadata.uid !== hb.metadata.uid && clusterOf(one) === clusterOf(hb) && !isFinished(one));
  const age = ({ metadata }: Backup) => `${metadata.creationTimestamp}/${metadata.name}`;
  return others.find(({ status }) => status?.run !== undefined) ?? others.find((one) => one.metadata.deletionTimestamp === undefined && age(one) < age(hb));
}
