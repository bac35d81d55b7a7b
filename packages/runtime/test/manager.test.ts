import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { watch } from '../src/controller.ts';
import { ownedBy } from '../src/manager/wake.ts';
import type { Reconciler } from '../src/reconciler.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { putWidget, running } from './run.ts';
import { PLACE, Widget } from './widget.ts';

const put = (api: FakeApi, name: string, value = '1') => api.meddle(ConfigMap, { namespace: 'prod', name }, (object) => ({ ...object, data: { value } }));
const reconciler = (reconcile: Reconciler['reconcile'], more: Partial<Reconciler> = {}): Reconciler => ({ name: 'maps', kind: ConfigMap, reconcile, ...more });

test('a reconciler is told every object once at the start, then those that change', async () => {
  const api = fakeApi();
  const seen: string[] = [];
  put(api, 'a');
  put(api, 'b');
  await using it = running(api, [], { reconcilers: [reconciler(async ({ name }) => void seen.push(name))] });
  await it.quiet();
  assert.deepEqual(seen, ['a', 'b']);
  put(api, 'b', '2');
  await it.quiet();
  assert.deepEqual(seen, ['a', 'b', 'b']);
});

test('two reconcilers of one kind share its watch', async () => {
  const api = fakeApi();
  await using it = running(api, [], { reconcilers: [reconciler(async () => undefined), reconciler(async () => undefined, { name: 'others' })] });
  await it.quiet();
  assert.equal(api.sent.filter(({ verb }) => verb === 'watch').length, 1);
});

test('a pass starts only when the cache has seen what the one before wrote', async () => {
  const api = fakeApi();
  put(api, 'a');
  const seen: number[] = [];
  const counts = reconciler(async (ref, { cache, api: mine }) => {
    const count = Number(cache.get(ConfigMap, ref)?.data?.['count'] ?? 0);
    seen.push(count);
    if (count === 20) return undefined;
    await mine.patch(ConfigMap, ref, { type: 'merge', body: { data: { count: `${count + 1}` } } });
    return { afterMs: 0 };
  });
  await using it = running(api, [], { reconcilers: [counts] });
  api.lag = () => it.clock.sleep(50);
  await it.until(() => seen.includes(20));
  // The watch may wake it once more for what it has seen already; it never sees a count twice because it looked too early.
  assert.deepEqual(
    [...new Set(seen)],
    Array.from({ length: 21 }, (_, count) => count),
  );
  assert.ok(seen.length <= 22, `${seen}`);
});

test('what a pass wrote costs one look afterwards, however many writes it were', async () => {
  const api = fakeApi();
  put(api, 'a');
  const seen: string[] = [];
  const made = ['one', 'two', 'three'];
  let there = 0;
  const owner = reconciler(
    async (ref, { cache, api: mine }) => {
      seen.push(ref.name);
      there = made.filter((name) => cache.get(Secret, { namespace: ref.namespace!, name }) !== undefined).length;
      const { uid } = cache.get(ConfigMap, ref)!.metadata;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: ref.name, uid }];
      for (const name of made) {
        const place = { namespace: ref.namespace!, name };
        if (cache.get(Secret, place) === undefined)
          await mine.create(Secret, { metadata: { ...place, ownerReferences } } as { readonly metadata: typeof place });
      }
    },
    { watches: [ownedBy(ConfigMap, Secret)] },
  );
  await using it = running(api, [], { reconcilers: [owner] });
  api.lag = () => it.clock.sleep(50);
  await it.until(() => there === made.length);
  await it.quiet();
  assert.deepEqual(seen, ['a', 'a']);
});

test('a child wakes its owner by the owner reference, whatever else is named', async () => {
  const api = fakeApi();
  const seen: string[] = [];
  put(api, 'a');
  put(api, 'b');
  await using it = running(api, [], { reconcilers: [reconciler(async ({ name }) => void seen.push(name), { watches: [ownedBy(ConfigMap, Secret)] })] });
  await it.quiet();
  seen.length = 0;
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: 'uid-2' },
    { apiVersion: 'example.com/v1', kind: 'ConfigMap', name: 'a', uid: 'uid-9' },
  ];
  api.meddle(Secret, { namespace: 'prod', name: 's' }, (object) => ({ ...object, metadata: { ...object['metadata'], ownerReferences } }));
  await it.quiet();
  assert.deepEqual(seen, ['b']);
});

test('a map that throws on one odd object stops no watch (regression 6)', async () => {
  const api = fakeApi();
  const seen: string[] = [];
  const odd = watch(Secret, ({ metadata }) => {
    if (metadata.name === 'odd') throw new TypeError('odd');
    return [{ namespace: 'prod', name: 'a' }];
  });
  await using it = running(api, [], { reconcilers: [reconciler(async ({ name }) => void seen.push(name), { watches: [odd] })] });
  await it.quiet();
  for (const name of ['odd', 'even']) api.meddle(Secret, { namespace: 'prod', name }, (object) => object);
  await it.quiet();
  assert.deepEqual(seen, ['a']);
});

test('a pass that throws at once, or never ends, holds up nobody else (regression 6)', async () => {
  const api = fakeApi();
  put(api, 'hangs');
  put(api, 'throws');
  put(api, 'works');
  const seen: string[] = [];
  const mixed = reconciler(
    ({ name }, { signal }) => {
      if (name === 'throws') throw new Error('at once');
      seen.push(name);
      if (name === 'hangs') return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      return Promise.resolve();
    },
    { concurrency: 2 },
  );
  await using it = running(api, [], { reconcilers: [mixed] });
  await it.clock.advance(1_000);
  assert.deepEqual(seen, ['hangs', 'works']);
  await it.clock.advance(120_000);
  assert.deepEqual(seen, ['hangs', 'works', 'hangs']);
});

test('a stop lets the pass under way end, takes in no other, and does not wait for ever (regression 23)', async () => {
  const api = fakeApi();
  put(api, 'a');
  const told: string[] = [];
  const slow = reconciler(async ({ name }, { clock, signal }) => {
    told.push(`${name} began`);
    await clock.sleep(5_000, signal);
    told.push(`${name} ended`);
  });
  const it = running(api, [], { reconcilers: [slow] });
  await it.until(() => told.length === 1);
  put(api, 'b');
  await it.clock.settle();
  await it[Symbol.asyncDispose]();
  assert.deepEqual(told, ['a began', 'a ended']);

  put(api, 'a', '2');
  const deaf = running(api, [], { reconcilers: [reconciler(() => new Promise(() => undefined))] });
  await deaf.clock.advance(1_000);
  await deaf[Symbol.asyncDispose]();
  assert.equal(deaf.clock.monotonic(), 31_000);
});

test('an edit that arrives in the middle of a hundred wake-ups by children is served next', async () => {
  const api = fakeApi();
  const names = Array.from({ length: 100 }, (_, index) => `w${index}`);
  for (const name of names) putWidget(api, { size: 1 }, name);
  const seen: string[] = [];
  const all = watch(Secret, () => names.map((name) => ({ ...PLACE, name })));
  const widgets: Reconciler = { name: 'widgets', kind: Widget, watches: [all], concurrency: 8, reconcile: async ({ name }) => void seen.push(name) };
  await using it = running(api, [], { reconcilers: [widgets] });
  await it.quiet();
  seen.length = 0;
  api.meddle(Secret, { namespace: 'prod', name: 's' }, (object) => object);
  while (seen.length < 20) await it.clock.turn();
  const before = seen.length;
  putWidget(api, { size: 2 }, 'w99');
  await it.quiet();
  assert.ok(seen.indexOf('w99') < before + 8, `after ${seen.indexOf('w99') - before} others`);
  assert.equal(seen.length, 100);
});

test('what only tells how an object stands waits behind edits', async () => {
  const api = fakeApi();
  for (const name of ['told', 'asked', 'busy']) putWidget(api, { size: 1 }, name);
  const seen: string[] = [];
  const widgets: Reconciler = {
    name: 'widgets',
    kind: Widget,
    reconcile: async ({ name }, { clock, signal }) => {
      seen.push(name);
      if (name === 'busy') await clock.sleep(100, signal);
    },
  };
  await using it = running(api, [], { reconcilers: [widgets] });
  await it.quiet();
  seen.length = 0;
  putWidget(api, { size: 2 }, 'busy');
  await it.until(() => seen.length === 1);
  api.meddle(Widget, { ...PLACE, name: 'told' }, (object) => ({ ...object, status: { made: 1 } }));
  putWidget(api, { size: 2 }, 'asked');
  await it.quiet();
  assert.deepEqual(seen, ['busy', 'asked', 'told']);
});

test('a kind that is not installed holds up only who needs it (regression 12)', async () => {
  const api = fakeApi();
  const { ApiError } = await import('@binnacle/client');
  api.before = ({ kind }) => {
    if (kind === 'Secret') throw new ApiError({ code: 404, reason: 'NotFound', message: 'no such kind' });
  };
  put(api, 'a');
  const seen: string[] = [];
  const needs = (name: string, reads: Reconciler['reads']) => reconciler(async () => void seen.push(name), { name, ...(reads === undefined ? {} : { reads }) });
  await using it = running(api, [], { reconcilers: [needs('needs it', [Secret]), needs('does not', undefined)] });
  await it.clock.advance(60_000);
  assert.deepEqual(seen, ['does not']);
  api.before = () => undefined;
  await it.clock.advance(31_000);
  assert.deepEqual(seen, ['does not', 'needs it']);
});

test('what is not there is woken by no child, where its reconciler says so; as soon as it comes it is', async () => {
  const api = fakeApi();
  const seen: string[] = [];
  const all = watch(Secret, ({ metadata }) => [{ ...PLACE, name: metadata.name }]);
  const widgets: Reconciler = { name: 'widgets', kind: Widget, absent: 'ignored', watches: [all], reconcile: async ({ name }) => void seen.push(name) };
  await using it = running(api, [], { reconcilers: [widgets] });
  const child = (name: string, value: string) => api.meddle(Secret, { namespace: 'prod', name }, (object) => ({ ...object, data: { value } }));
  child('a', '1');
  await it.quiet();
  assert.deepEqual(seen, []);
  putWidget(api, { size: 1 }, 'a');
  await it.quiet();
  assert.deepEqual(seen, ['a']);
  child('a', '2');
  await it.quiet();
  assert.deepEqual(seen, ['a', 'a']);
});
