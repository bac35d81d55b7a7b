import assert from 'node:assert/strict';
import { isReady } from '@binnacle/client';
import type { Story, World } from '@binnacle/testing';
import { Hazelcast } from '../src/index.ts';
import { messageDoor } from './message-door.ts';
import { restDoor } from './rest-door.ts';
import { REF, licence, membersOf, overheard, ready, want } from './subject.ts';

/** Sizes, versions and the like that `prod` is to have. */
export type Wish = { readonly [field: string]: unknown };

/** What a story of `prod` is made of. */
export interface Life {
  readonly given: Wish;
  /** More that was before, after `given` is Ready. */
  readonly since?: (w: World) => Promise<void>;
  readonly when: Readonly<Record<string, Wish | ((w: World) => Promise<void>)>>;
  /** How often members may restore a backup altogether. Absent: never. */
  readonly restores?: number;
  /** Members may stop all at once: somebody wished it. */
  readonly together?: boolean;
  readonly round?: boolean;
  readonly finally?: (w: World, lines: readonly string[]) => void | Promise<void>;
}

/** `prod` goes through its wishes, with all calls of the operator through its doors, under the rules that hold for every cluster at every instant. */
export function life({ given, since, when, restores = 0, together = false, round = false, finally: end }: Life): Story {
  const { subject, lines } = overheard();
  const wish = (one: Wish) => async (w: World) => {
    await want(w, one);
    await ready(w);
  };
  const rules = [nothingLost(lines), activeAtRest(lines), restoredAtMost(lines, restores)];
  return {
    subject,
    doors: [messageDoor, restDoor],
    round,
    async given(w) {
      await licence(w);
      await wish(given)(w);
      await since?.(w);
    },
    when: Object.fromEntries(Object.entries(when).map(([name, one]) => [name, typeof one === 'function' ? one : wish(one)])),
    always: together ? rules : [...rules, oneAtATime],
    ...(end === undefined ? {} : { finally: (w: World) => end(w, lines) }),
  };
}

/** Never two members stopped by us at once. */
export async function oneAtATime(w: World): Promise<void> {
  const going = (await membersOf(w)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  assert.ok(going.length <= 1, `stopped at once: ${going.map(({ metadata }) => metadata.name).join(', ')}`);
}

/** No partition goes with its last copy. */
export function nothingLost(lines: readonly string[]): () => void {
  const lost = latest(lines, /all their copies are lost/);
  return () => assert.equal(lost(), undefined, 'entries were lost');
}

/** A cluster that says that it is Ready is not PASSIVE. */
export function activeAtRest(lines: readonly string[]): (w: World) => Promise<void> {
  const changed = latest(lines, /Cluster state is /);
  return async (w) => {
    if (changed()?.endsWith('PASSIVE') !== true) return;
    const now = await w.find(Hazelcast, REF);
    assert.ok(now === undefined || !isReady(now), 'PASSIVE at rest');
  };
}

/** No member restores a backup a second time. */
export function restoredAtMost(lines: readonly string[], most: number): () => void {
  let [seen, restored] = [0, 0];
  return () => {
    for (; seen < lines.length; seen++) if (lines[seen]?.startsWith('restored member') === true) restored++;
    assert.ok(restored <= most, `restored ${restored} times`);
  };
}

/** The last line of its kind; only new ones are looked at. */
function latest(lines: readonly string[], pattern: RegExp): () => string | undefined {
  let seen = 0;
  let found: string | undefined;
  return () => {
    for (; seen < lines.length; seen++) if (pattern.test(lines[seen] ?? '')) found = lines[seen];
    return found;
  };
}
