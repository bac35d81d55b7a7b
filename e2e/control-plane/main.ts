import { parseArgs } from 'node:util';
import { systemClock } from '@binnacle/client';
import { entries } from '../../apps/binnacle/src/operators.ts';
import { differential, traces } from '../differences.ts';
import { gone, compare, startPair } from '../differential/run.ts';
import { printFound } from '../differential/print.ts';
import { programs } from '../programs.ts';
import { table } from '../table.ts';
import { compareTraces, goneTraces, REPEATS } from '../traces/run.ts';
import { stories } from '../traces/stories/index.ts';
import { acceptAll } from './accepted.ts';
import type { AcceptedReport } from './accepted.ts';
import { missingForBinary, releaseOf, VERSIONS } from './binary.ts';
import type { Version } from './binary.ts';
import { runCases, runRealControllers } from './conformance.ts';
import type { CasesReport } from './conformance.ts';
import { printStories, tellStories } from './stories.ts';
import type { StoryReport } from './stories.ts';
import { takeOver } from './take-over.ts';
import type { TakeOverReport } from './take-over.ts';
import { startCluster } from './with-nodes.ts';

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
const clock = systemClock();
const say = (line: string) => void process.stdout.write(`${line}\n`);
const versions = values.versions.split(',') as readonly Version[];
const lacking = versions.flatMap((version) => missingForBinary(version) ?? []);
if (lacking.length > 0) {
  say(`a real control plane needs what is not here: ${[...new Set(lacking)].join('; ')}`);
  process.exit(1);
}

const began = clock.monotonic();
const minutes = (since: number) => ((clock.monotonic() - since) / 60_000).toFixed(1);
const rows: string[][] = [['on', 'what', 'ran', 'well', 'listed differences', 'minutes']];
const wrong: string[] = [];

for (const version of versions) {
  const release = releaseOf(version);
  say(`\nKubernetes ${release}`);
  await using cluster = await startCluster({ version, images: [...programs, ...entries().flatMap(({ images }) => images)], say });
  await timed(release, "conformance and clients' cases", async () => casesRow(await runCases(cluster)));
  await timed(release, 'CRDs and examples accepted', async () => acceptedRow(await acceptAll(cluster)));
  await timed(release, 'clusters of the operators before, taken over', async () => takeOverRow(await takeOver(cluster)));
  await timed(release, "operators' stories", async () => {
    const told = await tellStories(cluster);
    printStories(told, say);
    return storiesRow(told);
  });
}
await timed('the sandbox', 'cases, real controllers', async () => casesRow(await runRealControllers()));
await timed('the sandbox', 'traces of controllers, as orders', traced);
if (values.requests !== '0') await timed(releaseOf(VERSIONS[0]), 'requests compared with ours', compared);
say(`\n${table(rows)}\n${minutes(began)} minutes`);
for (const line of wrong) say(`WRONG ${line}`);
if (wrong.length > 0) process.exitCode = 1;

interface Row {
  readonly ran: string;
  readonly well: string;
  readonly differ: string;
  readonly wrong: readonly string[];
}

/** Runs a part that is asked for; what it throws is one more thing that is wrong, and the others still run. */
async function timed(on: string, what: string, part: () => Promise<Row>): Promise<void> {
  if (!what.includes(values.only)) return;
  const since = clock.monotonic();
  try {
    const row = await part();
    rows.push([on, what, row.ran, row.well, row.differ, minutes(since)]);
    wrong.push(...row.wrong.map((line) => `${on}: ${line}`));
  } catch (error) {
    rows.push([on, what, '', 'FAILED', '', minutes(since)]);
    wrong.push(`${on}: ${what}: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

function casesRow({ ran, passed, differ, unlisted, over }: CasesReport): Row {
  return { ran: String(ran), well: String(passed), differ: String(differ), wrong: [...unlisted, ...over] };
}

function acceptedRow({ definitions, examples, wrong: refused }: AcceptedReport): Row {
  return { ran: `${definitions} + ${examples}`, well: String(definitions + examples - refused.length), differ: '0', wrong: refused };
}

function takeOverRow({ clusters, wrong: refused }: TakeOverReport): Row {
  return { ran: String(clusters), well: String(refused.length === 0 ? clusters : 0), differ: '0', wrong: refused };
}

function storiesRow(told: readonly StoryReport[]): Row {
  const well = told.filter((story) => story.wrong.length === 0).length;
  return { ran: String(told.length), well: String(well), differ: '0', wrong: told.flatMap((story) => story.wrong.map((line) => `${story.operator}: ${line}`)) };
}

async function traced(): Promise<Row> {
  const reports = await compareTraces(stories, traces, REPEATS, say);
  const wrong = reports.flatMap(({ story, found }) => found.map((line) => `differs and is not listed in e2e/differences.ts: ${story}: ${line}`));
  const over = goneTraces(reports, traces).map((line) => `is listed in e2e/differences.ts and does not differ: ${line}`);
  const well = reports.filter(({ found }) => found.length === 0).length;
  return { ran: `${reports.length} stories`, well: String(well), differ: String(traces.length), wrong: [...wrong, ...over] };
}

async function compared(): Promise<Row> {
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
      ...outcome.found.map(({ signature }) => `differs and is not listed in e2e/differences.ts: ${signature}`),
      ...over.map((line) => `is listed in e2e/differences.ts and does not differ: ${line}`),
    ],
  };
}
