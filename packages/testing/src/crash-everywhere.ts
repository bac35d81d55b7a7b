import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { API, MOMENTS, fate } from './fate.ts';
import type { Fate, Moment, Point } from './fate.ts';
import { pointsOf } from './points.ts';
import type { NetworkDoor } from './network-door.ts';
import { differences, snapshot } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import { world } from './world.ts';
import type { Subject, World } from './world.ts';

/** A story of an operator's life. */
export interface Story {
  readonly subject: Subject;
  /** Doors of the operator besides the API, their calls befallen as writes are. */
  readonly doors?: readonly NetworkDoor[];
  /** What the operator finds: brought about before any process of it was started. */
  readonly found?: (world: World) => Promise<void>;
  /** What was before, brought about by a process that nothing befalls; it is gone when `when` begins. */
  readonly given?: (world: World) => Promise<void>;
  /** What the user does, and waits for, in order. Something goes wrong once on the way; after each the cluster looks as it does when nothing did. */
  readonly when: Readonly<Record<string, (world: World) => Promise<void>>>;
  /** Rules that hold at every instant of `when`; they throw when broken, look only, and let no time pass. */
  readonly always?: readonly ((world: World) => void | Promise<void>)[];
  /** What must hold in the end besides. */
  readonly finally?: (world: World) => void | Promise<void>;
  /**
   * It ends where it began. Then the next telling goes on in the same world, if that looks as it did, which saves `given`; what such a story remembers it
   * remembers of all its tellings.
   */
  readonly round?: boolean;
  /** A story in which all that `given` and `when` made is taken away again: what stays on purpose, as `Kind namespace/name`. */
  readonly leaves?: readonly string[];
}

/** Which points of a story are told. */
export interface Which {
  readonly moments?: readonly Moment[];
  /** Each `every`-th point alone. Absent: all. CRASH_EVERY in the environment takes its place: 1 for all, 20 for a quick look. */
  readonly every?: number;
}

/** What was told. */
export interface Ran {
  readonly runs: number;
  /** Calls of the reference, by door. */
  readonly calls: Readonly<Record<string, number>>;
}

/** The cluster after each part, and what the process did that something could befall. */
interface Told {
  readonly ends: Readonly<Record<string, Snapshot>>;
  readonly fate: Fate;
}

/** Virtual time after each part, in which what is no longer wanted is cleaned up; ms. */
const AFTERMATH_MS = 60_000;
const EVERY = process.env['CRASH_EVERY'];
/** Broken points that are told before the rest is left out: with more than that, one cause is behind all. */
const MAX_BROKEN = 5;

/** Those of all points that are told: each `every`-th, or as CRASH_EVERY in the environment says. */
export function chosen<T>(points: readonly T[], every = 1): readonly T[] {
  return points.filter((_, index) => index % Number(EVERY ?? every) === 0);
}

/**
 * Tells a story once as it should be, then for each call of the operator with the operator dying before it, dying after it, and living on without hearing of the
 * answer; of points that are one and the same, one. Each time all must end as in the first: same objects, nothing orphaned. `story` is called for each telling.
 * @throws {AssertionError} naming each point at which it ended otherwise.
 */
export async function crashEverywhere(t: TestContext, story: () => Story, { moments = MOMENTS, every = 1 }: Which = {}): Promise<Ran> {
  await using scene = stage(story);
  const first = await scene.next();
  const reference = await tell(first);
  assert.ok((reference.fate.calls[API] ?? []).length > 0, 'nothing was written: the story did not run');
  checkLeft(first, reference);
  const { points: all, same } = pointsOf(reference.fate.calls, moments);
  const points = chosen(all, every);
  const broken: { readonly where: string; readonly error: unknown }[] = [];
  let runs = 0;
  for (const point of points) {
    if (broken.length >= MAX_BROKEN) break;
    runs += 1;
    const where = `${point.moment} ${point.door} ${point.call} (${reference.fate.calls[point.door]?.[point.call]?.name})`;
    await compare(scene, reference, point).catch((error: unknown) => broken.push({ where, error }));
  }
  const calls = Object.fromEntries(Object.entries(reference.fate.calls).map(([door, names]) => [door, names.length]));
  const counted = Object.entries(calls).map(([door, count]) => `${count} of door ${door}`);
  t.diagnostic(
    `${runs - broken.length} of ${points.length} runs ended as they should, in ${scene.worlds} worlds: calls, ${counted.join(', ')}; ${moments.join(', ')}; ${same} points are one of these`,
  );
  if (broken.length > 0)
    throw new AggregateError(
      broken.map(({ error }) => error),
      `ended otherwise: ${broken.map(({ where, error }) => `${where}: ${error instanceof Error ? error.message : String(error)}`).join('\n')}`,
    );
  return { runs, calls };
}

/** Tells a story with one thing going wrong: for a point that was once broken, kept for ever. */
export async function crashAt(story: () => Story, point: Point): Promise<void> {
  await using scene = stage(story);
  const reference = await tell(await scene.next());
  await compare(scene, reference, point);
}

async function compare(scene: Stage, reference: Told, point: Point): Promise<void> {
  const set = await scene.next();
  try {
    check(await tell(set, point), reference);
  } catch (error) {
    scene.strike();
    if (!set.used) throw error;
    // What an earlier telling left behind may have been the reason.
    check(await tell(await scene.next(), point), reference);
  }
}

function check(told: Told, reference: Told): void {
  assert.ok(told.fate.struck, 'it never came that far');
  for (const [part, end] of Object.entries(told.ends)) {
    const differing = differences(end, reference.ends[part] ?? {});
    assert.ok(differing.length === 0, `${part}: another end: ${differing.join('; ')}`);
  }
}

/** A world in which a story can be told: what was `given` is there, and no process runs. */
interface Scene {
  readonly world: World;
  readonly story: Story;
  /** The cluster before anything was given. */
  readonly before: Snapshot;
  /** As the story begins. */
  readonly start: Snapshot;
  /** The story has been told in it already. */
  readonly used: boolean;
}

/** Where tellings of one story take place, one after the other. */
interface Stage extends AsyncDisposable {
  /** The world of the last telling if the story is round and it looks as it did, else a new one. */
  next(): Promise<Scene>;
  /** What is there is not used again. */
  strike(): void;
  /** Worlds so far. */
  readonly worlds: number;
}

function stage(story: () => Story): Stage {
  let set: Scene | undefined;
  let worn = false;
  let worlds = 0;
  const clear = async () => {
    await set?.world[Symbol.asyncDispose]();
    set = undefined;
  };
  return {
    async next() {
      if (set !== undefined && !worn && set.story.round === true) {
        const now = await snapshot(set.world, set.story.subject.resources);
        if (differences(now, set.start).length === 0) return (set = { ...set, used: true });
      }
      await clear();
      worn = false;
      worlds++;
      return (set = await build(story()));
    },
    strike: () => void (worn = true),
    get worlds() {
      return worlds;
    },
    [Symbol.asyncDispose]: clear,
  };
}

async function build(story: Story): Promise<Scene> {
  const { subject } = story;
  await using built = new AsyncDisposableStack();
  const w = built.use(await world([subject]));
  // What the cluster makes of itself is there before anything is given.
  await w.clock.settle();
  const before = await snapshot(w, subject.resources);
  await story.found?.(w);
  if (story.given !== undefined) {
    const first = w.start(subject);
    await story.given(w);
    first.kill();
  }
  const start = await snapshot(w, subject.resources);
  built.move();
  return { world: w, story, before, start, used: false };
}

async function tell({ world: w, story }: Scene, point?: Point): Promise<Told> {
  const { subject, doors = [], always = [] } = story;
  const through = (its: Fate): Subject => ({
    ...subject,
    create: (parts) => subject.create({ ...parts, network: doors.reduce((network, door) => door(network, its), parts.network) }),
  });
  using processes = new DisposableStack();
  const start = (its: Fate) => processes.adopt(w.start(through(its), { fate: its }), (process) => process.kill());
  const its = fate(
    point,
    () => start(fate()),
    () => ({ revision: w.sandbox.revision, now: w.clock.now() }),
  );
  start(its);
  const ends: Record<string, Snapshot> = {};
  {
    using watches = new DisposableStack();
    for (const rule of always) watches.use(w.clock.watch(() => rule(w)));
    for (const [name, part] of Object.entries(story.when)) {
      await part(w);
      await w.clock.advance(AFTERMATH_MS);
      ends[name] = await snapshot(w, subject.resources);
    }
  }
  await story.finally?.(w);
  return { ends, fate: its };
}

function checkLeft({ story, before }: Scene, { ends }: Told): void {
  const end = Object.values(ends).at(-1) ?? {};
  for (const [key, what] of Object.entries(end)) assert.ok(!what.startsWith('ORPHAN'), `${key} has lost its owner`);
  if (story.leaves === undefined) return;
  assert.deepEqual(
    Object.keys(end).filter((key) => !(key in before)),
    story.leaves,
    'left behind',
  );
}
