import type { Clock } from '@binnacle/client';
import { ceilingMs } from '../queue/backoff.ts';

/** Between two looks, however often one is woken; doubles with each time that something had to be put back. */
const PAUSE = { firstMs: 500, mostMs: 300_000 } as const;
/** What had not to be put back for so long is uncontested; ms. More than the longest pause, or no contest would ever be one. */
export const CALM_MS = 600_000;
/** So often a person may have done it. */
const TOLD_FROM = 3;

/** Something that is put back when somebody changes it. */
export interface Contest {
  /** It was put back. */
  putBack(): void;
  /** How often in a row. */
  readonly times: number;
  /** Whether somebody must be at it who puts it back as well. */
  readonly isOne: boolean;
  /** How long to let it be before the next look; ms. */
  readonly pauseMs: number;
}

/** Who puts something back at once each time spins with whoever does the same: one who meets another slows down, and is quick again when that one has gone. */
export function contest(clock: Clock): Contest {
  let [times, lastMs] = [0, 0];
  const inARow = (): number => (clock.monotonic() - lastMs >= CALM_MS ? 0 : times);
  return {
    putBack() {
      times = inARow() + 1;
      lastMs = clock.monotonic();
    },
    get times() {
      return inARow();
    },
    get isOne() {
      return inARow() >= TOLD_FROM;
    },
    get pauseMs() {
      return ceilingMs(PAUSE, inARow());
    },
  };
}
