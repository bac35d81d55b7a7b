import { parseArgs } from 'node:util';
import { traces } from '../differences.ts';
import { compareTraces, REPEATS } from './run.ts';
import { stories } from './stories/index.ts';

// `node e2e/traces/main.ts --only Job`: tells stories with the real controllers and with ours, and prints in what ours differ; `--any`: also what only some of our tellings do.
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    real: { type: 'string', default: String(REPEATS.real) },
    ours: { type: 'string', default: String(REPEATS.ours) },
    more: { type: 'string', default: String(REPEATS.more) },
    any: { type: 'boolean', default: false },
  },
});
const write = (line: string) => void process.stdout.write(`${line}\n`);
const told = stories.filter(({ name }) => name.includes(values.only));
const repeats = { real: Number(values.real), ours: Number(values.ours), more: Number(values.more), any: values.any };
const reports = await compareTraces(told, traces, repeats, write);
if (reports.some(({ found }) => found.length > 0)) process.exitCode = 1;
