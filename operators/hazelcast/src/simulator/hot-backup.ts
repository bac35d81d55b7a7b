import type { Container } from './container.ts';
import { VOLUME, keptText } from './hot-restart.ts';

/** How long a member copies; ms. */
const COPYING_MS = 3_000;
/** In how many parts. */
const PARTS = 3;

/** One member's part in the backups of its cluster. */
export interface Backups extends Disposable {
  /** NO_TASK, IN_PROGRESS, SUCCESS or FAILURE, of this process. */
  readonly task: string;
  /** Parts that are copied, of how many. */
  readonly progress: { readonly completed: number; readonly total: number };
  /** Begins one on all members; false: it has no persistence, or one is being taken. */
  trigger(): boolean;
  /** Ends the one that is being taken, on all members. */
  interrupt(): void;
  /** What another member has begun, or ended: undefined. */
  obey(sequence: number | undefined): void;
}

/** Backups below `dir`, as a real member lays them out: `backup-<ms>/<uuid of the member>/`. `tell` reaches the other members. */
export function backups(
  container: Container,
  dir: string | undefined,
  self: () => { readonly uuid: string; readonly cluster: Parameters<typeof keptText>[0] },
  tell: (sequence: number | undefined) => void,
): Backups {
  let task = 'NO_TASK';
  let copying: Disposable | undefined;
  let begunAt: number | undefined;
  const disk = dir === undefined ? undefined : container.volume(VOLUME);

  function obey(sequence: number | undefined): void {
    if (sequence === undefined) {
      if (task === 'IN_PROGRESS') task = 'FAILURE';
      copying?.[Symbol.dispose]();
      return;
    }
    const { uuid, cluster } = self();
    const folder = `backup-${sequence}/${uuid}`;
    container.log(`INFO Starting new hot restart backup with sequence ${sequence}`);
    task = 'IN_PROGRESS';
    begunAt = container.clock.now();
    disk?.set(`${dir}/${folder}/cluster/members.bin`, keptText(cluster));
    copying = container.clock.timer(COPYING_MS, () => {
      task = 'SUCCESS';
      disk?.set(`${dir}/${folder}/s00/value.chunk`, 'data');
      container.log(`INFO Backup of hot restart store ${folder} finished in ${COPYING_MS} ms`);
    });
  }

  return {
    get task() {
      return task;
    },
    get progress() {
      if (begunAt === undefined) return { completed: 0, total: 0 };
      return { completed: Math.min(PARTS, Math.floor(((container.clock.now() - begunAt) / COPYING_MS) * PARTS)), total: PARTS };
    },
    trigger() {
      if (disk === undefined || task === 'IN_PROGRESS') return false;
      // Whole ms: a virtual clock has parts of them, and thirteen digits are what folders are called by.
      const sequence = Math.floor(container.clock.now());
      obey(sequence);
      tell(sequence);
      return true;
    },
    interrupt() {
      obey(undefined);
      tell(undefined);
    },
    obey,
    [Symbol.dispose]: () => copying?.[Symbol.dispose](),
  };
}
