/** Writes the Doris monitor's dashboards, before tools/generate.ts reads them; with `--check` it writes nothing and fails when they are stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboards } from '../operators/doris/dashboards/index.ts';

const path = 'operators/doris/src/monitor/dashboards.gen.json';
const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
const content = `${JSON.stringify(dashboards(), null, 1)}\n`;
if (readFileSync(file, 'utf8') !== content) {
  if (process.argv.includes('--check')) throw new Error(`stale, run \`make generate\`: ${path}`);
  writeFileSync(file, content);
  process.stdout.write(`${path}\n`);
}
