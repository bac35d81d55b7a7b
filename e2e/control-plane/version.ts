import { systemClock } from '@binnacle/client';
import { entries } from '../../apps/binnacle/src/operators.ts';
import { programs } from '../programs.ts';
import { acceptAll } from './accepted.ts';
import type { AcceptedReport } from './accepted.ts';
import { releaseOf } from './binary.ts';
import type { Version } from './binary.ts';
import { runCases } from './conformance.ts';
import { casesResult, failed, timed, together } from './report.ts';
import type { Report, Result } from './report.ts';
import { printStories, tellStories } from './stories.ts';
import type { StoryReport } from './stories.ts';
import { takeOver } from './take-over.ts';
import type { TakeOverReport } from './take-over.ts';
import { startCluster } from './with-nodes.ts';

/**
 * Everything that is shown on one version of a real control plane: `main.ts` starts this as a process for each, since the programs of simulated members find one
 * another within a process. Arguments: the version, and what names of parts must hold. Sends its parent a `Report`.
 */
const [version, only = ''] = process.argv.slice(2) as [Version, string?]; // sound: main.ts has read them
const say = (line: string) => void process.stdout.write(`${line}\n`);
const release = releaseOf(version);
const began = systemClock().monotonic();
const reports: Report[] = [];
let finished = false;
// Also when the parent is killed.
process.on('disconnect', () => process.exit());
// Nobody waited for what fails so: without this the process would end without a word of what it has found by then.
process.on('uncaughtException', (error) => finish(failed(release, 'what nobody waited for', began, error)));
await tell().then(
  () => finish(),
  (error: unknown) => finish(failed(release, 'the beginning or the end of its servers', began, error)),
);

function finish(last?: Report): void {
  if (finished) return;
  finished = true;
  process.send?.(together(last === undefined ? reports : [...reports, last]), () => process.disconnect());
}

/** Each part's report is kept as soon as it is there, whatever comes after it. */
async function tell(): Promise<void> {
  say(`Kubernetes ${release} begins`);
  await using cluster = await startCluster({ version, images: [...programs, ...entries().flatMap(({ images }) => images)], say });
  // Where a server has ended by itself all else waits in vain, and tells of anything but the reason.
  const part = async (what: string, run: () => Promise<Result>) =>
    void reports.push(await timed(only, release, what, () => Promise.race([run(), cluster.failed])));
  await part("conformance and clients' cases", async () => casesResult(await runCases(cluster)));
  await part('CRDs and examples accepted', async () => acceptedResult(await acceptAll(cluster)));
  await part('clusters of the operators before, taken over', async () => takeOverResult(await takeOver(cluster)));
  await part("operators' stories", async () => {
    const told = await tellStories(cluster);
    printStories(told, say);
    return storiesResult(told);
  });
}

function acceptedResult({ definitions, examples, wrong }: AcceptedReport): Result {
  return { ran: `${definitions} + ${examples}`, well: String(definitions + examples - wrong.length), differ: '0', wrong };
}

function takeOverResult({ clusters, wrong }: TakeOverReport): Result {
  return { ran: String(clusters), well: String(wrong.length === 0 ? clusters : 0), differ: '0', wrong };
}

function storiesResult(told: readonly StoryReport[]): Result {
  const well = told.filter(({ wrong }) => wrong.length === 0).length;
  return { ran: String(told.length), well: String(well), differ: '0', wrong: told.flatMap((story) => story.wrong.map((line) => `${story.operator}: ${line}`)) };
}
