import { parseArgs } from 'node:util';
import { traces } from '../differences.ts';
import { compareTraces, REPEATS } from './run.ts';
import { stories } from './stories/index.ts';

// `node e2e/traces/main.ts --only Job`: tells stories with the real controllers and with ours, and prints in what ours differ.
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    real: { type: 'string', default: String(REPEATS.real) },
    ours: { type: 'string', default: String(REPEATS.ours) },
    more: { type: 'string', default: String(REPEATS.more) },
  },
});
const write = (line: string) => void process.stdout.write(`${line}\n`);
const told = stories.filter(({ name }) => name.includes(values.only));
const repeats = { real: Number(values.real), ours: Number(values.ours), more: Number(values.more) };
const reports = await compareTraces(told, traces, repeats, write);
for (const { story, times, found } of reports) {
  if (found.size > 0) write(`\n${story}: ${times} times with the real controllers; with ours, of ${repeats.ours}:`);
  for (const [line, count] of found) write(`  ${count} ${line}`);
}
if (reports.some(({ found }) => found.size > 0)) process.exitCode = 1;
