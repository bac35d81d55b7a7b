import { startRealControllersTarget } from '../control-plane/real-controllers.ts';
import { startSandboxTarget } from '../sandbox.ts';
import type { TraceDifference } from '../differences.ts';
import { targetOf } from '../target.ts';
import type { Target } from '../target.ts';
import { history, versionNow } from './history.ts';
import { jitter } from './jitter.ts';
import { differences, learn } from './order.ts';
import type { Learned } from './order.ts';
import { storyWorld } from './story.ts';
import type { Story } from './story.ts';
import { trace } from './trace.ts';
import type { Trace } from './trace.ts';

/** Many more than a story changes. */
const HISTORY = 200_000;

/** What came of a story. */
export interface TraceReport {
  readonly story: string;
  readonly learned: Learned;
  /** How often the real controllers told it. */
  readonly times: number;
  /** What ours do otherwise and is not listed. */
  readonly found: readonly string[];
  /** Numbers of listed differences that were met. */
  readonly met: ReadonlySet<number>;
}

export interface Repeats {
  readonly real: number;
  readonly ours: number;
  /** How many more times the real ones tell a story, at most, of which ours differ; ours are told along with them. */
  readonly more: number;
  /** Also what only some of our tellings do. */
  readonly any?: boolean;
}

/** Tells all stories with the real controllers and with ours, several at once, and says in what ours differ. */
export async function compareTraces(
  stories: readonly Story[],
  listed: readonly TraceDifference[],
  repeats: Repeats,
  say: (line: string) => void,
): Promise<readonly TraceReport[]> {
  await using opened = new AsyncDisposableStack();
  const real = opened.use(await targetOf('real-controllers', await startRealControllersTarget()));
  opened.use(await jitter(real));
  const ours = opened.use(await targetOf('sandbox', await startSandboxTarget(HISTORY)));
  opened.use(await jitter(ours));
  const told = async (story: Story): Promise<TraceReport> => {
    const [first, ofUs] = await Promise.all([tell(real, story, repeats.real), tell(ours, story, repeats.ours)]);
    const [theirs, own] = [[...first], [...ofUs]];
    const mine = listed.map((one, index) => ({ ...one, index })).filter((one) => one.story.test(story.name));
    const compared = () => {
      const learned = learn(theirs);
      const all = differences(learned, own, repeats.any === true);
      const found = all.filter((line) => !mine.some(({ what }) => what.test(line)));
      const met = new Set(mine.filter(({ what }) => all.some((line) => what.test(line))).map(({ index }) => index));
      return { story: story.name, learned, times: theirs.length, found, met };
    };
    let report = compared();
    // What only seemed to be an order, or to be otherwise with ours, is one less each time.
    for (let left = repeats.more; left > 0 && report.found.length > 0; left -= repeats.real) {
      theirs.push(...(await tell(real, story, Math.min(left, repeats.real))));
      if (repeats.any !== true) own.push(...(await tell(ours, story, 1)));
      report = compared();
    }
    for (const line of report.found) say(`  ${line}`);
    say(`${story.name}: told ${theirs.length} + ${own.length} times, ${report.learned.orders.length} orders, ${report.found.length} differences`);
    return report;
  };
  return await inTurn(stories, (story) =>
    told(story).catch((error: Error) => {
      const why = `not told: ${error.message}: ${error.cause instanceof Error ? error.cause.message : ''}`;
      say(`${story.name}: ${why}`);
      return { story: story.name, learned: learn([]), times: 0, found: [why], met: new Set<number>() };
    }),
  );
}

/** Few, since most stories are alike at once; where ours seem to differ, enough that an order which is by chance shows itself. */
export const REPEATS: Repeats = { real: 2, ours: 2, more: 12 };
const STORIES_AT_ONCE = 6;

/** Listed differences that no story shows any more, in the words of the list. */
export function goneTraces(reports: readonly TraceReport[], listed: readonly TraceDifference[]): readonly string[] {
  const met = new Set(reports.flatMap((report) => [...report.met]));
  return listed.filter((_, index) => !met.has(index)).map(({ story, what }) => `${String(story)} ${String(what)}`);
}

async function inTurn<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await task(items[index]!);
  };
  await Promise.all(Array.from({ length: STORIES_AT_ONCE }, work));
  return results;
}

/** Tells a story in so many namespaces at once. @throws {Error} when one of them is not told to its end; then the others are. */
async function tell(target: Target, story: Story, times: number): Promise<readonly Trace[]> {
  const told = await Promise.allSettled(Array.from({ length: times }, () => tellOnce(target, story)));
  return told.map((one) => {
    if (one.status === 'rejected') throw new Error(`${target.name}: ${story.name}`, { cause: one.reason });
    return one.value;
  });
}

async function tellOnce(target: Target, story: Story): Promise<Trace> {
  const since = await versionNow(target);
  await using ns = await target.namespace();
  await story.tell(storyWorld(target, ns));
  return trace(await history(target, ns.name, since, story.endpoints), ns.name);
}
