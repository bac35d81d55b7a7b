/**
 * Prints the figures that docs/bench.md shows: `make bench`. Real time, HTTPS on loopback, operators and sandbox in processes of their own. `--crs N,M`: so many
 * clusters per operator, a table each (default 100,1000).
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { entries } from '../apps/binnacle/src/operators.ts';
import { measureOperator } from './operator.ts';
import { measureIdle, measureSandbox } from './sandbox.ts';
import { table } from './table.ts';

const { values } = parseArgs({ options: { crs: { type: 'string', default: '100,1000' } } });
const counts = values.crs.split(',').map(Number);
if (!counts.every((count) => Number.isInteger(count) && count > 1)) throw new Error(`--crs ${values.crs}: whole numbers above 1, with commas between them`);
process.stdout.write(`${cpus().length} cores, Node ${process.version}\n\n`);
process.stdout.write(table([...(await measureIdle()), ...(await measureSandbox())]));
for (const entry of entries()) for (const crs of counts) process.stdout.write(`\n${table(await measureOperator(entry, crs))}`);
