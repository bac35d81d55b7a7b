import type { Backup, Upload } from '../../api/hot-backup.ts';
import { askOf } from './plan.ts';

/**
 * Which uploads this process has written down and not asked for yet. Only who wrote a note knows that nobody acted on it; after a restart nobody does, and it
 * is found out the slow way. Memory that saves time: what is right does not depend on it.
 */
export interface Unasked {
  of(hb: Backup): ReadonlySet<string>;
  note(hb: Backup, uploads: readonly Upload[]): void;
  asks(hb: Backup, upload: Upload): void;
  forget(hb: Backup): void;
}

/** Nothing is written down yet. */
export function unasked(): Unasked {
  const byBackup = new Map<string, Set<string>>();
  const none: ReadonlySet<string> = new Set();
  return {
    of: ({ metadata }) => byBackup.get(metadata.uid) ?? none,
    note: ({ metadata }, uploads) => void byBackup.set(metadata.uid, new Set(uploads.map(askOf))),
    asks: ({ metadata }, upload) => void byBackup.get(metadata.uid)?.delete(askOf(upload)),
    forget: ({ metadata }) => void byBackup.delete(metadata.uid),
  };
}
