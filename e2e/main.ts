import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '@binnacle/client';
import { missingForBinary, VERSIONS } from './control-plane/binary.ts';
import { table } from './table.ts';

/**
 * The suites on real things, one part after another, each a process of its own; a table of all at the end. A part whose tools are missing is passed over and
 * told; with CI=true that is a failure. Arguments are handed to each part.
 */
interface Part {
  readonly name: string;
  readonly program: string;
  /** What is not here, and how to get it. */
  readonly missing: () => readonly string[];
}

const PARTS: readonly Part[] = [
  {
    name: 'control plane',
    program: 'e2e/control-plane/main.ts',
    missing: () => [...new Set(VERSIONS.flatMap((version) => missingForBinary(version) ?? []))],
  },
];

const clock = systemClock();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const inCi = process.env['CI'] === 'true';
const rows: string[][] = [['part', '', 'minutes']];
for (const { name, program, missing } of PARTS) {
  const lacking = missing();
  if (lacking.length > 0) {
    say(`${name}: not run, because of what is missing here:\n${lacking.map((one) => `  ${one}`).join('\n')}`);
    rows.push([name, inCi ? 'FAILED: tools are missing' : 'not run: tools are missing', '']);
    if (inCi) process.exitCode = 1;
    continue;
  }
  const since = clock.monotonic();
  const [code] = (await once(spawn(process.execPath, [program, ...process.argv.slice(2)], { stdio: 'inherit' }), 'exit')) as [number | null];
  rows.push([name, code === 0 ? 'well' : 'FAILED', ((clock.monotonic() - since) / 60_000).toFixed(1)]);
  if (code !== 0) process.exitCode = 1;
}
say(`\n${table(rows)}`);
