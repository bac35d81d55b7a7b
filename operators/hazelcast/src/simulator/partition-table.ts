import type { Clock } from '@binnacle/client';
import { EMPTY, distribute, migrate, promote } from './partitions.ts';
import type { Table } from './partitions.ts';

/** A member's table of partitions, and what the oldest member does with it. */
export interface PartitionTable extends Disposable {
  readonly table: Table;
  /** Takes over what another member says. */
  adopt(table: Table): void;
  /** As the oldest member: members came, went or want to go. `staying`: who may be given something. @returns partitions of which nothing is left. */
  lead(alive: readonly string[], staying: readonly string[]): readonly number[];
  /** As the oldest member: copies may be made (again). */
  move(): void;
}

/** Partitions move in steps: as many a step, a step each so many ms. All of them take about a second. */
const MOVES_A_STEP = 30;
const STEP_MS = 100;
/** A cluster so young has no data, and gives partitions out anew instead of moving them: real ones give none out before the first data comes. */
const FRESH_MS = 5_000;

/** An empty table of a member that was born now. `publish` tells the others; `movers` are the members when this one leads and copies may be made. */
export function partitionTable(
  clock: Clock,
  hooks: { readonly publish: (table: Table) => void; readonly movers: () => readonly string[] | undefined },
): PartitionTable {
  const bornAt = clock.now();
  let table = EMPTY;
  let moving: Disposable | undefined;

  function publish(next: Table): void {
    table = next;
    hooks.publish(table);
  }

  function move(): void {
    if (moving !== undefined || table.pending === 0 || hooks.movers() === undefined) return;
    moving = clock.timer(STEP_MS, () => {
      moving = undefined;
      const alive = hooks.movers();
      if (alive === undefined) return;
      publish(migrate(table, alive, MOVES_A_STEP));
      move();
    });
  }

  return {
    get table() {
      return table;
    },
    adopt(next) {
      table = next;
    },
    lead(alive, staying) {
      if (table.version === 0 || clock.now() - bornAt < FRESH_MS) {
        publish(distribute(staying.length === 0 ? alive : staying, table.version + 1));
        return [];
      }
      const { table: next, lost } = promote(table, alive, staying);
      publish(next);
      move();
      return lost;
    },
    move,
    [Symbol.dispose]: () => moving?.[Symbol.dispose](),
  };
}
