import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ApiError } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { sharedCache } from '../src/cache/cache.ts';
import type { SharedCache } from '../src/cache/cache.ts';
import type { Logger } from '../src/log.ts';
import { silentLogger } from '../src/logger.ts';
import { noMetrics } from '../src/metrics/metrics.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { virtualClock } from './clock.ts';
import type { VirtualClock } from './clock.ts';
import { warningsIn } from './warnings.ts';

interface Following extends AsyncDisposable {
  readonly api: FakeApi;
  readonly clock: VirtualClock;
  readonly shared: SharedCache;
  readonly seen: string[];
  readonly stop: AbortController;
}

/** A cache that follows ConfigMaps; `seen` are the changes as its handler was told of them. */
function following(api: FakeApi, { seed = 1, log = silentLogger }: { readonly seed?: number; readonly log?: Logger } = {}): Following {
  const clock = virtualClock({ seed });
  const shared = sharedCache({ api, clock, log, metrics: noMetrics, namespaces: 'all' });
  const seen: string[] = [];
  shared.follow(ConfigMap, (change) => seen.push(`${change.type} ${change.now.metadata.name}@${change.now.metadata.uid}`));
  const stop = new AbortController();
  const running = shared.run(stop.signal);
  return {
    api,
    clock,
    shared,
    seen,
    stop,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

const place = (name: string) => ({ namespace: 'prod', name });
const write = (api: FakeApi, name: string, value: string) => api.meddle(ConfigMap, place(name), (object) => ({ ...object, data: { value } }));
const remove = (api: FakeApi, name: string) => api.meddle(ConfigMap, place(name), () => undefined);
const values = ({ shared }: Following) =>
  shared.cache.list(ConfigMap).map((object) => `${object.metadata.name}@${object.metadata.uid}=${object.data?.['value']}`);
const truth = (api: FakeApi, names: readonly string[]) =>
  names.flatMap((name) => {
    const object = api.peek(ConfigMap, place(name));
    return object === undefined ? [] : [`${name}@${object['metadata'].uid}=${object['data'].value}`];
  });

test('objects are there after the first read, sorted, without managedFields, and changes follow', async () => {
  const api = fakeApi();
  api.meddle(ConfigMap, place('b'), (object) => ({ ...object, metadata: { ...object['metadata'], managedFields: [{}] }, data: { value: '1' } }));
  write(api, 'a', '1');
  await using it = following(api);
  await it.shared.synced([ConfigMap], it.stop.signal);
  assert.deepEqual(values(it), ['a@uid-2=1', 'b@uid-1=1']);
  assert.equal(it.shared.cache.get(ConfigMap, place('b'))?.metadata.managedFields, undefined);
  write(api, 'a', '2');
  await it.clock.settle();
  assert.deepEqual(values(it), ['a@uid-2=2', 'b@uid-1=1']);
});

test('a server that does not stream first reads is listed instead, and asked only once', async () => {
  const api = fakeApi();
  api.oldServer = true;
  write(api, 'a', '1');
  await using it = following(api);
  await it.clock.until(() => it.shared.complete);
  api.breakWatches(new ApiError({ code: 410, reason: 'Expired', message: 'too old' }));
  await it.clock.settle();
  write(api, 'a', '2');
  await it.clock.until(() => values(it)[0] === 'a@uid-1=2');
  await it.clock.settle();
  assert.deepEqual(
    api.sent.map(({ verb }) => verb),
    ['watch', 'list', 'watch', 'list', 'watch'],
  );
});

test('a deletion that happened while the watch was down is told, and so is a new object under an old name (regressions 18, 19)', async () => {
  const api = fakeApi();
  write(api, 'gone', '1');
  write(api, 'reborn', '1');
  await using it = following(api);
  await it.clock.settle();
  it.seen.length = 0;
  api.breakWatches(new ApiError({ code: 0, reason: 'Unreachable', message: 'reset' }));
  remove(api, 'gone');
  remove(api, 'reborn');
  write(api, 'reborn', '2');
  api.compact();
  await it.clock.until(() => it.seen.length > 0);
  assert.deepEqual(it.seen.toSorted(), ['added reborn@uid-3', 'deleted gone@uid-1', 'deleted reborn@uid-2']);
});

test('while the API is down a kind is asked ever less often, and once it is back everything is there within 30 s (regression 11)', async () => {
  const api = fakeApi();
  await using it = following(api);
  await it.clock.settle();
  api.before = () => {
    throw new ApiError({ code: 503, reason: 'ServiceUnavailable', message: 'down' });
  };
  api.breakWatches('end');
  api.sent.length = 0;
  await it.clock.advance(600_000);
  assert.ok(api.sent.length < 80, `${api.sent.length} requests in 10 min`);
  api.before = () => undefined;
  write(api, 'a', '1');
  await it.clock.until(() => values(it).length === 1, { withinMs: 30_000 });
});

test('a stream that the server ends at once is not opened again and again', async () => {
  const api = fakeApi();
  await using it = following(api);
  await it.clock.settle();
  api.before = ({ verb }) => {
    if (verb === 'watch') setImmediate(() => api.breakWatches('end'));
  };
  api.breakWatches('end');
  api.sent.length = 0;
  for (let second = 0; second < 60; second++) await it.clock.advance(1_000); // each lets everything happen that needs no time
  assert.ok(api.sent.length < 30, `${api.sent.length} requests in a minute`);
});

test('the server is left alone for as long as it says', async () => {
  const api = fakeApi();
  await using it = following(api);
  await it.clock.settle();
  api.breakWatches(new ApiError({ code: 429, reason: 'TooManyRequests', message: 'busy', retryAfterMs: 20_000 }));
  await it.clock.settle();
  api.sent.length = 0;
  await it.clock.advance(19_000);
  assert.equal(api.sent.length, 0);
});

test('when the CRD goes, its objects are gone, and they are found again when it comes back (regression 25)', async () => {
  const api = fakeApi();
  write(api, 'a', '1');
  await using it = following(api);
  await it.clock.settle();
  api.before = () => {
    throw new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
  };
  api.breakWatches('end');
  await it.clock.until(() => values(it).length === 0);
  api.before = () => undefined;
  await it.clock.until(() => values(it).length === 1);
});

test('a read comes after our own write and after our own deletion', async () => {
  const api = fakeApi();
  await using it = following(api);
  await it.clock.settle();
  const { shared, stop } = it;
  await shared.api.create(ConfigMap, { metadata: place('a'), data: { value: '1' } });
  await shared.seen([ConfigMap], stop.signal);
  assert.equal(shared.cache.get(ConfigMap, place('a'))?.data?.['value'], '1');
  await shared.api.delete(ConfigMap, place('a'));
  await shared.seen([ConfigMap], stop.signal);
  assert.equal(shared.cache.get(ConfigMap, place('a')), undefined);
});

test('a silent watch delays a read after our own write by 5 s, once', async () => {
  const api = fakeApi();
  await using it = following(api);
  await it.clock.settle();
  api.breakWatches('stall');
  await it.clock.settle();
  await it.shared.api.create(ConfigMap, { metadata: place('a') });
  const start = it.clock.monotonic();
  let done = false;
  const waiting = it.shared.seen([ConfigMap], it.stop.signal).then(() => (done = true));
  await it.clock.until(() => done);
  await waiting;
  assert.equal(it.clock.monotonic() - start, 5_000);
  await it.shared.seen([ConfigMap], it.stop.signal);
  assert.equal(it.clock.monotonic() - start, 5_000);
});

test('a write whose answer was lost is looked up before the next read', async () => {
  const api = fakeApi();
  await using it = following(api);
  await it.clock.settle();
  api.after = () => {
    throw new ApiError({ code: 0, reason: 'Unreachable', message: 'lost' });
  };
  await assert.rejects(it.shared.api.create(ConfigMap, { metadata: place('a') }), { reason: 'Unreachable' });
  await assert.rejects(it.shared.seen([ConfigMap], it.stop.signal), { reason: 'Unreachable' });
  api.after = () => undefined;
  await it.shared.seen([ConfigMap], it.stop.signal);
  assert.equal(it.shared.cache.get(ConfigMap, place('a'))?.metadata.uid, 'uid-1');
});

test('a kind that nobody declared cannot be read', async () => {
  await using it = following(fakeApi());
  const { Secret } = await import('@binnacle/client/kinds');
  assert.throws(() => it.shared.cache.list(Secret), /v1\/secrets is not cached: name it in/);
});

const NAMES = ['a', 'b', 'c'];
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('write' as const), name: fc.constantFrom(...NAMES), value: fc.constantFrom('1', '2', '3') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), name: fc.constantFrom(...NAMES) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
  fc.record({
    do: fc.constantFrom('end' as const, 'reset' as const, 'expire' as const, 'compact' as const, 'down' as const, 'up' as const, 'repeat' as const),
  }),
);

test('whatever breaks on the way, the cache ends up like the server and nothing is told backwards', () =>
  fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), fc.boolean(), fc.nat(), async (happenings, oldServer, seed) => {
      const api = fakeApi();
      api.oldServer = oldServer;
      await using it = following(api, { seed });
      const newest = new Map<string, number>();
      it.shared.follow(ConfigMap, ({ type, now }) => {
        const version = Number(now.metadata.resourceVersion);
        assert.ok(type === 'deleted' || version > (newest.get(now.metadata.uid) ?? 0), 'told an older version');
        newest.set(now.metadata.uid, version);
      });
      const down = (): never => {
        throw new ApiError({ code: 503, reason: 'ServiceUnavailable', message: 'down' });
      };
      for (const one of happenings) {
        if (one.do === 'write') write(api, one.name, one.value);
        else if (one.do === 'remove') remove(api, one.name);
        else if (one.do === 'pass') await it.clock.advance(one.ms);
        else if (one.do === 'end') api.breakWatches('end');
        else if (one.do === 'reset') api.breakWatches(new ApiError({ code: 0, reason: 'Unreachable', message: 'reset' }));
        else if (one.do === 'expire') api.breakWatches(new ApiError({ code: 200, reason: 'Gone', message: 'expired, as an event' }));
        else if (one.do === 'compact') api.compact();
        else if (one.do === 'repeat') api.repeat = !api.repeat;
        else api.before = one.do === 'down' ? down : () => undefined;
      }
      api.before = () => undefined;
      await it.clock.until(() => it.shared.complete, { withinMs: 60_000 });
      await it.clock.until(() => String(values(it)) === String(truth(api, NAMES)), {
        withinMs: 60_000,
        describe: () => `${values(it)} for ${truth(api, NAMES)}`,
      });
    }),
    { numRuns: 150 },
  ));

test('whoever waits for a kind that is not installed, or for a server that is away, is told; a watch that breaks once is no news', async () => {
  const api = fakeApi();
  const { log, warnings } = warningsIn();
  const failing = (code: number, reason: string) => () => {
    throw new ApiError({ code, reason, message: reason });
  };
  api.before = failing(404, 'NotFound');
  await using it = following(api, { log });
  await it.clock.advance(10);
  assert.match(warnings[0]!.message, /the server does not know this kind: its CustomResourceDefinition has to be installed/);
  warnings.length = 0;
  api.before = failing(0, 'Unreachable');
  await it.clock.until(() => warnings.length > 0);
  assert.match(warnings[0]!.message, /cannot be read now/);
  api.before = () => undefined;
  await it.clock.until(() => it.shared.complete);
  await it.clock.advance(150_000);
  warnings.length = 0;
  api.breakWatches(new ApiError({ code: 0, reason: 'Unreachable', message: 'reset' }));
  await it.clock.advance(60_000);
  assert.deepEqual(warnings, []);
  api.before = failing(0, 'Unreachable');
  api.breakWatches(new ApiError({ code: 0, reason: 'Unreachable', message: 'reset' }));
  await it.clock.advance(600_000);
  assert.deepEqual(warnings, [{ fields: { kind: 'v1/configmaps', error: 'Unreachable' }, message: 'cannot be read now, will be tried again' }]);
});

test('a kind that stays away is warned of once and then each half hour, and when it is served that is said', async () => {
  const api = fakeApi();
  const { log, warnings } = warningsIn();
  const said: string[] = [];
  const hearing: Logger = { ...log, info: ({ kind }, message) => void said.push(`${String(kind)}: ${message}`), child: () => hearing };
  api.before = () => {
    throw new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
  };
  await using it = following(api, { log: hearing });
  await it.clock.advance(1_700_000);
  assert.equal(warnings.length, 1);
  await it.clock.advance(200_000);
  assert.equal(warnings.length, 2);
  api.before = () => {
    throw new ApiError({ code: 403, reason: 'Forbidden', message: 'configmaps is forbidden' });
  };
  await it.clock.advance(31_000);
  assert.deepEqual([warnings.length, warnings[2]?.message, said], [3, 'may not be read', []]);
  api.before = () => undefined;
  await it.clock.until(() => it.shared.complete);
  assert.deepEqual(said, ['v1/configmaps: the kind is served and can be read again']);
  api.before = () => {
    throw new ApiError({ code: 404, reason: 'NotFound', message: 'the server could not find the requested resource' });
  };
  api.breakWatches('end');
  await it.clock.advance(60_000);
  assert.equal(warnings.length, 4);
});

test('a server that is only asked in another way, or from an older version, is no trouble', async () => {
  const api = fakeApi();
  api.oldServer = true;
  const { log, warnings } = warningsIn();
  await using it = following(api, { log });
  await it.clock.until(() => it.shared.complete);
  api.breakWatches(new ApiError({ code: 410, reason: 'Expired', message: 'too old' }));
  await it.clock.advance(60_000);
  assert.deepEqual(warnings, []);
});
