import { AGAIN } from './run.ts';
import type { Found } from './run.ts';

const SHOWN = 1500;

/** What differs, the shortest script that shows it, and what each server said. */
export function printFound(found: readonly Found[], write: (line: string) => void): void {
  for (const one of found) {
    const { difference, script } = one;
    write(`\n${lineOf(one)}`);
    for (const [index, step] of script.entries()) write(`  ${index} ${JSON.stringify(step)}`);
    write(`  ours ${JSON.stringify(difference.ours).slice(0, SHOWN)}\n  real ${JSON.stringify(difference.real).slice(0, SHOWN)}`);
  }
}

/** What differs, in a line. */
export function lineOf({ signature, seed, times, again }: Found): string {
  return `${signature} (${times} times, first with seed ${seed}; played again it shows ${again} of ${AGAIN} times)`;
}
