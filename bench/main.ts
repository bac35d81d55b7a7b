/** Prints the figures that docs/bench.md shows: `make bench`. One process, real time, HTTPS on loopback. `--crs N`: clusters per operator (default 100). */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { entries } from '../apps/binnacle/src/operators.ts';
import { measureOperator } from './operator.ts';
import { measureSandbox } from './sandbox.ts';
import { table } from './table.ts';

const { values } = parseArgs({ options: { crs: { type: 'string', default: '100' } } });
const crs = Number(values.crs);
process.stdout.write(`${cpus().length} cores, Node ${process.version}\n\n`);
process.stdout.write(table(await measureSandbox()));
for (const entry of entries()) process.stdout.write(`\n${table(await measureOperator(entry, crs))}`);
