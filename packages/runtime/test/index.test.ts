import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Pod, Secret } from '@binnacle/client/kinds';
import fc from 'fast-check';
import { sharedCache } from '../src/cache/cache.ts';
import type { AnyLive } from '../src/cache/id.ts';
import { index } from '../src/cache/object-index.ts';
import { store } from '../src/cache/store.ts';
import { controller, watch } from '../src/controller.ts';
import { silentLogger } from '../src/logger.ts';
import { noMetrics } from '../src/metrics/metrics.ts';
import { done } from '../src/outcome.ts';
import { part } from '../src/part.ts';
import { step } from '../src/step.ts';
import { virtualClock } from './clock.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { putWidget, running } from './run.ts';
import { PLACE, Widget } from './widget.ts';

const byTeam = index(ConfigMap, ({ data }) => (data?.['team'] === undefined ? [] : data['team'].split(',')));
const put = (api: FakeApi, name: string, team: string, namespace = 'prod') =>
  api.meddle(ConfigMap, { namespace, name }, (object) => ({ ...object, data: { team } }));
const names = (objects: readonly { readonly metadata: { readonly name: string } }[]) => objects.map(({ metadata }) => metadata.name);

test('a step finds what an index has under a key, in its namespace, as it is after each change', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  put(api, 'a', 'red');
  put(api, 'b', 'blue');
  put(api, 'c', 'red,blue');
  put(api, 'd', 'red', 'elsewhere');
  const seen: (readonly string[])[] = [];
  const look = step('look', Widget, { reads: [ConfigMap] }, async (_, cx) => {
    seen.push(names(await cx.find(byTeam, 'red')));
    return done;
  });
  await using it = running(api, [controller(Widget, { steps: [look], watches: [watch(ConfigMap, () => [PLACE])] })]);
  await it.quiet();
  put(api, 'b', 'red');
  await it.quiet();
  put(api, 'a', 'blue');
  await it.quiet();
  api.meddle(ConfigMap, { namespace: 'prod', name: 'c' }, () => undefined);
  await it.quiet();
  assert.deepEqual(seen, [['a', 'c'], ['a', 'b', 'c'], ['b', 'c'], ['b']]);
});

test('an index of a kind that the step does not name, and a key of another type, do not compile', () => {
  step('types', Widget, { reads: [ConfigMap] }, async (_, cx) => {
    await cx.find(byTeam, 'red');
    // @ts-expect-error keys of this index are texts
    await cx.find(byTeam, 1);
    const bySort = index(Secret, ({ type }) => [type ?? '']);
    // @ts-expect-error Secret is not declared
    await cx.find(bySort, 'Opaque');
    return done;
  });
  // @ts-expect-error a ConfigMap has no spec
  index(ConfigMap, ({ spec }) => [spec.size]);
});

test('an index of a part sees the part, also where the kind is kept whole for others', async () => {
  const Keys = part(ConfigMap, ({ data }) => ({ keys: Object.keys(data ?? {}) }));
  const byKey = index(Keys, ({ keys }) => keys);
  for (const kinds of [[Keys], [Keys, ConfigMap], [ConfigMap, Keys]]) {
    const api = fakeApi();
    put(api, 'a', 'red');
    const shared = sharedCache({ api, clock: virtualClock(), log: silentLogger, metrics: noMetrics, namespaces: 'all' });
    const told: unknown[] = [];
    for (const kind of kinds) shared.follow(kind, kind === Keys ? ({ now }) => told.push((now as any).keys) : undefined);
    const stop = new AbortController();
    const followed = shared.run(stop.signal);
    await shared.synced([ConfigMap], stop.signal);
    const [found] = shared.cache.find(byKey, 'team');
    assert.deepEqual([found?.keys, 'data' in found!, shared.cache.get(Keys, { namespace: 'prod', name: 'a' })], [['team'], false, found]);
    assert.deepEqual([told, shared.cache.find(byKey, 'colour')], [[['team']], []]);
    stop.abort();
    await followed;
  }
});

test('an object at which an index throws is found by no key, and hides no other', async () => {
  const onNode = index(Pod, ({ spec }) => [spec!.nodeName!.toLowerCase()]);
  const odd: string[] = [];
  const pods = store(undefined, ({ metadata }) => odd.push(metadata.name));
  const pod = (name: string, spec: object): AnyLive => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'prod', uid: name, resourceVersion: '1' } as any,
    spec,
  });
  pods.put(pod('a', {}));
  pods.put(pod('b', { nodeName: 'One' }));
  assert.deepEqual(names(pods.find(onNode, 'one')), ['b']);
  assert.deepEqual(odd, ['a']);
});

test('who makes an index at each look is told so', () => {
  const pods = store();
  assert.throws(() => {
    for (let round = 0; round < 100; round++)
      pods.find(
        index(Pod, () => ['x']),
        'x',
      );
  }, /Pod has 64 indexes: make each once/);
});

test('however objects come, change and go, an index finds what a look at all of them finds', () => {
  const byKeys = index(Pod, (object) => (object as unknown as { readonly keys: readonly number[] }).keys);
  const key = fc.constantFrom(1, 2, 3);
  const change = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    namespace: fc.constantFrom('one', 'two'),
    keys: fc.uniqueArray(key),
    how: fc.constantFrom('put', 'go', 'replace'),
  });
  fc.assert(
    fc.property(fc.array(change), key, fc.nat(5), fc.option(fc.constantFrom('one', 'two'), { nil: undefined }), (changes, wanted, from, namespace) => {
      const pods = store();
      for (const [position, { name, namespace: home, keys, how }] of changes.entries()) {
        // From some point on it is there, and must follow.
        if (position >= from) pods.find(byKeys, wanted);
        const metadata = { name, namespace: home, uid: `${home}/${name}`, resourceVersion: String(position + 1), creationTimestamp: '2026-01-01T00:00:00Z' };
        const object = { apiVersion: 'v1', kind: 'Pod', metadata, keys } as AnyLive;
        if (how === 'put') pods.put(object);
        else if (how === 'go') pods.remove(object);
        else pods.replace([object], home);
      }
      assert.deepEqual(
        pods.find(byKeys, wanted, namespace),
        pods.list(namespace).filter((object) => byKeys.keys(object as any).includes(wanted)),
      );
    }),
  );
});
