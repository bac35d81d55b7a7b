import assert from 'node:assert/strict';
import type { RawEvent, RawWatch } from '../raw.ts';
import type { Target, TargetName } from '../target.ts';
import { done } from './requests.ts';

/** A watch that goes on: what happens to a collection, in order, bookmarks left out. Closing it hangs up. */
export interface Followed extends AsyncDisposable {
  next(): Promise<RawEvent>;
}

/** Whose API server is the sandbox's: it ends no watch by itself. */
const OURS: readonly TargetName[] = ['sandbox', 'real-controllers'];

/**
 * Follows a collection from a version, that is, from now: a server remembers versions for a minute or so only. `query`: selectors, `a=b&c=d`. Where a real server ends the watch, which it
 * does with those that a busy machine reads too slowly, it is taken up again from the last version, as clients do. Source: apiserver, pkg/storage/cacher/cache_watcher.go, `add`.
 */
export async function follow(target: Target, path: string, from: string, query = ''): Promise<Followed> {
  let version = from;
  const open = async (): Promise<RawWatch> => {
    const watch = await target.watch(`${path}?watch=true&${query === '' ? '' : `${query}&`}resourceVersion=${version}`);
    assert.equal(watch.status, 200);
    return watch;
  };
  let watch = await open();
  return {
    async next() {
      for (;;) {
        const event = await watch.next();
        if (event === undefined) {
          assert.ok(!OURS.includes(target.name), `${path}: the watch ended after ${version}`);
          await watch[Symbol.asyncDispose]();
          watch = await open();
          continue;
        }
        assert.notEqual(event.type, 'ERROR', JSON.stringify(event.object));
        version = event.object.metadata.resourceVersion;
        if (event.type !== 'BOOKMARK') return event;
      }
    },
    [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose](),
  };
}

/** Follows a collection from now. */
export async function followFromNow(target: Target, path: string, query?: string): Promise<Followed> {
  const { metadata } = await done(target, 'GET', path);
  return await follow(target, path, metadata.resourceVersion, query);
}
