import { entries } from '../../apps/binnacle/src/operators.ts';
import { programs } from '../programs.ts';
import { acceptAll } from './accepted.ts';
import type { AcceptedReport } from './accepted.ts';
import { releaseOf } from './binary.ts';
import type { Version } from './binary.ts';
import { runCases } from './conformance.ts';
import { casesResult, timed, together } from './report.ts';
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
// Also when the parent is killed.
process.on('disconnect', () => process.exit());
const report = await tell();
process.send?.(report, () => process.disconnect());

async function tell(): Promise<Report> {
  say(`Kubernetes ${release} begins`);
  await using cluster = await startCluster({ version, images: [...programs, ...entries().flatMap(({ images }) => images)], say });
  return together([
    await timed(only, release, "conformance and clients' cases", async () => casesResult(await runCases(cluster))),
    await timed(only, release, 'CRDs and examples accepted', async () => acceptedResult(await acceptAll(cluster))),
    await timed(only, release, 'clusters of the operators before, taken over', async () => takeOverResult(await takeOver(cluster))),
    await timed(only, release, "operators' stories", async () => {
      const told = await tellStories(cluster);
      printStories(told, say);
      return storiesResult(told);
    }),
  ]);
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
