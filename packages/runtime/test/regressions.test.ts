import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@binnacle/client';
import type { AnyKind, Reader, WatchEvent, WatchOptions } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { reflector } from '../src/cache/reflector.ts';
import { store } from '../src/cache/store.ts';
import type { AnyLive } from '../src/cache/id.ts';
import { silentLogger } from '../src/logger.ts';
import { noMetrics } from '../src/metrics/metrics.ts';
import { virtualClock } from './clock.ts';

const configMap = (name: string, version: number): AnyLive =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'prod', name, uid: `uid-${name}`, resourceVersion: String(version) } }) as AnyLive;
const event = (name: string, version: number): WatchEvent<AnyKind> => ({ type: 'ADDED', object: configMap(name, version) });
const bookmark = (version: number, initialEventsEnd = false): WatchEvent<AnyKind> => ({
  type: 'BOOKMARK',
  resourceVersion: String(version),
  initialEventsEnd,
});

/** A watch as the server plays it: events in order; a number is ms of silence, an error breaks it. Then it stays open. */
type Script = readonly (WatchEvent<AnyKind> | number | ApiError)[];

/** A reflector on a server that plays one script for each watch; `asked` is where each of them began: a version, or `all`. */
function played(...scripts: readonly Script[]) {
  const clock = virtualClock();
  const asked: { readonly from: string; readonly atMs: number }[] = [];
  const watch = async function* (_kind: AnyKind, { resourceVersion, signal }: WatchOptions = {}): AsyncGenerator<WatchEvent<AnyKind>> {
    const script = scripts[asked.length] ?? [];
    asked.push({ from: resourceVersion ?? 'all', atMs: clock.monotonic() });
    for (const part of script) {
      if (typeof part === 'number') await clock.sleep(part, signal);
      else if (part instanceof ApiError) throw part;
      else yield part;
    }
    await clock.sleep(1e9, signal);
  };
  const objects = store();
  const stop = new AbortController();
  const api = { watch } as unknown as Reader; // it streams first reads: nothing else is asked of it
  const parts = { kind: ConfigMap, namespace: undefined, api, clock, log: silentLogger, metrics: noMetrics, store: objects };
  const running = reflector({ ...parts, changed: () => undefined, advanced: () => undefined }).run(stop.signal);
  return {
    clock,
    asked,
    names: () => objects.list().map(({ metadata }) => metadata.name),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

const reset = new ApiError({ code: 0, reason: 'Unreachable', message: 'reset' });

test('a watch that is reset goes on where it was, and reads nothing again (regression 1)', async () => {
  await using it = played([event('a', 5), bookmark(7, true), event('b', 8), reset], [event('c', 9)]);
  await it.clock.until(() => it.names().length === 3);
  assert.deepEqual(
    it.asked.map(({ from }) => from),
    ['all', '8'],
  );
});

test('a server that is busy, on the first read or later, is left alone for as long as it says (regression 3)', async () => {
  const busy = (code: number, seconds: number) =>
    new ApiError({ code, reason: code === 429 ? 'TooManyRequests' : 'ServiceUnavailable', message: 'busy', retryAfterMs: seconds * 1000 });
  await using it = played([busy(503, 40)], [bookmark(7, true), busy(429, 50)], []);
  await it.clock.until(() => it.asked.length === 3);
  const [first, second, third] = it.asked.map(({ atMs }) => atMs);
  assert.ok(second! - first! >= 40_000 && third! - second! >= 50_000);
});

test('a server that has not come to the version that we saw is read anew (regression 5)', async () => {
  const tooNew = new ApiError({ code: 504, reason: 'Timeout', message: 'Too large resource version', causes: [{ reason: 'ResourceVersionTooLarge' }] });
  await using it = played([event('a', 5), bookmark(900, true), reset], [tooNew], [event('b', 3), bookmark(901, true)]);
  await it.clock.until(() => it.names().join() === 'b');
  assert.deepEqual(
    it.asked.map(({ from }) => from),
    ['all', '900', 'all'],
  );
});

test('a kind in which nothing happens for an hour is followed from its last bookmark, and never read again (regression 10)', async () => {
  const hour = Array.from({ length: 60 }, (_, minute) => [60_000, bookmark(8 + minute)]).flat();
  await using it = played([bookmark(7, true), ...hour, reset], []);
  await it.clock.until(() => it.asked.length === 2, { withinMs: 4_000_000 });
  assert.equal(it.asked[1]?.from, '67');
});
