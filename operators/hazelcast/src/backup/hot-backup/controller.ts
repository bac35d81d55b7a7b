import { Secret } from '@binnacle/client/kinds';
import { controller, references, watch } from '@binnacle/runtime';
import type { Pass } from '@binnacle/runtime';
import { HotBackup } from '../../api/hot-backup.ts';
import type { Backup, HotBackupStatus } from '../../api/hot-backup.ts';
import type { Doors } from './observe.ts';
import { backup } from './steps/backup.ts';
import { cluster } from './steps/cluster.ts';
import { finalizer } from './steps/finalizer.ts';
import { turn } from './steps/turn.ts';
import type { Turns } from '../../turns.ts';
import { unasked } from './unasked.ts';

/** Takes backups, each once. */
export function hotBackupController(doors: Doors, turns: Turns) {
  const memory = { turns, unasked: unasked(), deleting: new Set<string>(), references: references() };
  return controller(HotBackup, {
    steps: [finalizer(doors, memory), cluster(turns), turn(memory.turns), backup(doors, memory)],
    watches: [watch(Secret, (object) => memory.references.naming('Secret', object))],
    report,
  });
}

/** `message` from how a pass ended; the state is the steps' to tell. Pure. */
export function report(_: Backup, { outcome }: Pass): Pick<HotBackupStatus, 'message'> {
  if (outcome.type === 'gone') return {};
  return { message: outcome.type === 'done' ? '' : outcome.message };
}
