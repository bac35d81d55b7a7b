import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@binnacle/client';
import { differential, traces } from '../differences.ts';
import { gone, compare, startPair } from '../differential/run.ts';
import { lineOf, printFound } from '../differential/print.ts';
import { table } from '../table.ts';
import { compareTraces, goneTraces, REPEATS } from '../traces/run.ts';
import { stories } from '../traces/stories/index.ts';
import { kubernetesBinary, missingForBinary, releaseOf, VERSIONS } from './binary.ts';
import type { Version } from './binary.ts';
import { runRealControllers } from './conformance.ts';
import { casesResult, failed, HEAD, minutesSince, timed, together } from './report.ts';
import type { Report, Result } from './report.ts';

/**
 * Everything that is shown on a real control plane, with a table at the end: conformance cases, CRDs and examples, the operators' stories; with `--requests 20000`, so many random requests compared.
 * `--versions 1.36`: not all versions; `--seed 7`: of the comparison; `--only 'taken over'`: parts whose name in the table holds these words. Exit code 1: something is wrong, and was printed.
 */
const { values } = parseArgs({
  options: {
    versions: { type: 'string', default: VERSIONS.join(',') },
    requests: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
/** Of a process that ended without a report: so much of what it wrote to standard error; characters. */
const LAST_WORDS = 2000;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const versions = values.versions.split(',') as readonly Version[];
const lacking = versions.flatMap((version) => missingForBinary(version) ?? []);
if (lacking.length > 0) {
  say(`a real control plane needs what is not here: ${[...new Set(lacking)].join('; ')}`);
  process.exit(1);
}

const began = systemClock().monotonic();
// Built one after the other: each build takes all of the machine.
for (const version of versions) await kubernetesBinary(version, say);
// Cases wait most of the time: what one version leaves of the processor is the other's.
const { rows, wrong } = together([
  ...(await Promise.all(versions.map(onVersion))),
  await timed(values.only, 'the sandbox', 'cases, real controllers', async () => casesResult(await runRealControllers())),
  await timed(values.only, 'the sandbox', 'traces of controllers, as orders', traced),
  ...(values.requests === '0' ? [] : [await timed(values.only, releaseOf(VERSIONS[0]), 'requests compared with ours', compared)]),
]);
say(`\n${table([[...HEAD], ...rows.map((row) => [...row])])}\n${minutesSince(began)} minutes`);
for (const line of wrong) say(`WRONG ${line}`);
if (wrong.length > 0) process.exitCode = 1;

/** Never rejects: a process that ends without a report is one more thing that is wrong. */
async function onVersion(version: Version): Promise<Report> {
  const child = fork(join(import.meta.dirname, 'version.ts'), [version, values.only], { stdio: ['inherit', 'inherit', 'pipe', 'ipc'] });
  const reports: Report[] = [];
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    words = (words + text).slice(-LAST_WORDS);
  });
  child.on('message', (report) => void reports.push(report as Report)); // sound: version.ts sends nothing else
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code === 0 && reports.length > 0) return together(reports);
  return together([...reports, failed(releaseOf(version), 'all', began, `ended by ${code ?? signal} without a report; its last words: ${words.trim()}`)]);
}

async function traced(): Promise<Result> {
  const reports = await compareTraces(stories, traces, REPEATS, say);
  const wrong = reports.flatMap(({ story, found }) => found.map((line) => `differs and is not listed in e2e/differences.ts: ${story}: ${line}`));
  const over = goneTraces(reports, traces).map((line) => `is listed in e2e/differences.ts and does not differ: ${line}`);
  const well = reports.filter(({ found }) => found.length === 0).length;
  return { ran: `${reports.length} stories`, well: String(well), differ: String(traces.length), wrong: [...wrong, ...over] };
}

async function compared(): Promise<Result> {
  await using pair = await startPair(VERSIONS[0], say);
  const outcome = await compare(pair, {
    seed: Number(values.seed),
    requests: Number(values.requests),
    known: differential.map(({ signature }) => signature),
    shrinks: true,
  });
  printFound(outcome.found, say);
  const over = await gone(pair, differential);
  return {
    ran: String(outcome.compared),
    well: `${outcome.alike} of ${outcome.scripts} scripts alike`,
    differ: String(differential.length),
    wrong: [
      ...outcome.found.map((one) => `differs and is not listed in e2e/differential/listed.json: ${lineOf(one)}`),
      ...over.map((line) => `is listed in e2e/differential/listed.json and does not differ: ${line}`),
    ],
  };
}
