import { brief, short } from '../control-plane/report.ts';
import { startRealControllersTarget } from '../control-plane/real-controllers.ts';
import { startSandboxTarget } from '../sandbox.ts';
import type { TraceDifference } from '../differences.ts';
import { targetOf } from '../target.ts';
import type { Target } from '../target.ts';
import { history, versionNow } from './history.ts';
import { jitter } from './jitter.ts';
import { between, differences, learn } from './order.ts';
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
  /** Stories are also told again, so many times at most, where a listed difference has not shown. */
  readonly listed?: number;
}

/** A story and all its tellings so far. */
interface Telling {
  readonly story: Story;
  readonly theirs: Trace[];
  readonly own: Trace[];
  report: TraceReport;
}

interface Both {
  readonly real: Target;
  readonly ours: Target;
  readonly listed: readonly TraceDifference[];
  readonly repeats: Repeats;
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
  const both: Both = { real, ours, listed, repeats };
  const tellings = await inTurn(stories, async (story) => {
    const telling: Telling = { story, theirs: [], own: [], report: { story: story.name, learned: learn([]), times: 0, found: [], met: new Set() } };
    try {
      await told(both, telling);
    } catch (error) {
      const why = `not told: ${brief(error).split('\n')[0]}: ${short(error instanceof Error && error.cause instanceof Error ? error.cause.message : '')}`;
      telling.report = { ...telling.report, found: [why] };
    }
    for (const line of telling.report.found) say(`  ${line}`);
    const { learned, times, found } = telling.report;
    say(`${story.name}: told ${times} + ${telling.own.length} times, ${learned.orders.length} orders, ${found.length} differences`);
    return telling;
  });
  // What depends on who is faster does not show each time: a listed difference is gone only if many tellings do not show it.
  for (const [index, { story: of, what }] of listed.entries()) {
    for (let left = repeats.listed ?? 0; left > 0 && !tellings.some(({ report }) => report.met.has(index)); left -= 1) {
      say(`${String(what)} has not shown: told again, ${left} times at most`);
      await inTurn(
        tellings.filter(({ story }) => of.test(story.name)),
        async (telling) => {
          await tellMore(both, telling, 1, 1);
          telling.report = { ...telling.report, met: metBy(both, telling) };
        },
      );
    }
  }
  return tellings.map(({ report }) => report);
}

/** Tells a story until nothing differs, or it was told often enough. */
async function told(both: Both, telling: Telling): Promise<void> {
  const { repeats } = both;
  await tellMore(both, telling, repeats.real, repeats.ours);
  telling.report = compared(both, telling);
  // What only seemed to be an order, or to be otherwise with ours, is one less each time.
  for (let left = repeats.more; left > 0 && telling.report.found.length > 0; left -= repeats.real) {
    await tellMore(both, telling, Math.min(left, repeats.real), repeats.any === true ? 0 : 1);
    telling.report = compared(both, telling);
  }
}

async function tellMore({ real, ours }: Both, { story, theirs, own }: Telling, times: number, ourTimes: number): Promise<void> {
  const [some, ofUs] = await Promise.all([tell(real, story, times), tell(ours, story, ourTimes)]);
  theirs.push(...some);
  own.push(...ofUs);
}

function compared(both: Both, telling: Telling): TraceReport {
  const { story, theirs, own } = telling;
  const mine = both.listed.filter((one) => one.story.test(story.name));
  const learned = learn(theirs);
  const found = differences(learned, own, both.repeats.any === true).filter((line) => !mine.some(({ what }) => what.test(line)));
  return { story: story.name, learned, times: theirs.length, found, met: metBy(both, telling) };
}

/** Numbers of the listed differences that a telling of theirs and one of ours show. */
function metBy({ listed }: Both, { story, theirs, own }: Telling): ReadonlySet<number> {
  const lines = new Set(theirs.flatMap((a) => own.flatMap((b) => between(a, b))));
  const shows = (what: RegExp) => [...lines].some((line) => what.test(line));
  return new Set(listed.flatMap((one, index) => (one.story.test(story.name) && shows(one.what) ? [index] : [])));
}

/** Few, since most stories are alike at once; where ours seem to differ, enough that an order which is by chance shows itself. */
export const REPEATS: Repeats = { real: 2, ours: 2, more: 24, listed: 8 };
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
