import type { Found } from './run.ts';

const SHOWN = 1500;

/** What differs, the shortest script that shows it, and what each server said. */
export function printFound(found: readonly Found[], write: (line: string) => void): void {
  for (const { signature, seed, times, difference, script } of found) {
    write(`\n${signature}\n  ${times} times, first with seed ${seed}`);
    for (const [index, step] of script.entries()) write(`  ${index} ${JSON.stringify(step)}`);
    write(`  ours ${JSON.stringify(difference.ours).slice(0, SHOWN)}\n  real ${JSON.stringify(difference.real).slice(0, SHOWN)}`);
  }
}
