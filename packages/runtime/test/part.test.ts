import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { sharedCache } from '../src/cache/cache.ts';
import { controller, watch } from '../src/controller.ts';
import { silentLogger } from '../src/logger.ts';
import { noMetrics } from '../src/metrics/metrics.ts';
import { done } from '../src/outcome.ts';
import { part } from '../src/part.ts';
import { step } from '../src/step.ts';
import { virtualClock } from './clock.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { condition, putWidget, running } from './run.ts';
import { PLACE, Widget } from './widget.ts';

/** Of a ConfigMap, which keys it has: values may be large. */
const Keys = part(ConfigMap, ({ data }) => ({ keys: Object.keys(data ?? {}) }));
const put = (api: FakeApi, data: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}) =>
  api.meddle(ConfigMap, { namespace: 'prod', name: 'm' }, (object) => ({ ...object, data, metadata: { ...object['metadata'], labels } }));

test('what a part leaves out is not kept, and its changes wake nobody', async () => {
  const api = fakeApi();
  put(api, { size: '1' });
  putWidget(api, { size: 1 });
  const seen: unknown[] = [];
  const look = step('look', Widget, { reads: [Keys] }, async (_, cx) => {
    const map = await cx.get(Keys, 'm');
    seen.push(map?.keys);
    assert.ok(map !== undefined && !('data' in map));
    // @ts-expect-error no reader sees more than the part
    return map.data === undefined ? done : done;
  });
  await using it = running(api, [controller(Widget, { steps: [look], watches: [watch(Keys, () => [PLACE])] })]);
  await it.quiet();
  assert.deepEqual(seen, [['size']]);
  put(api, { size: '2' });
  await it.quiet();
  assert.deepEqual(seen, [['size']]);
  put(api, { size: '2', colour: 'red' });
  await it.quiet();
  put(api, { size: '2', colour: 'red' }, { team: 'a' });
  await it.quiet();
  assert.deepEqual(seen, [['size'], ['size', 'colour'], ['size', 'colour']]);
});

test('a kind that somebody else follows whole is kept whole, in whichever order', async () => {
  for (const kinds of [
    [Keys, ConfigMap],
    [ConfigMap, Keys],
    [Keys, part(ConfigMap, () => ({}))],
  ]) {
    const api = fakeApi();
    put(api, { size: '1' });
    const shared = sharedCache({ api, clock: virtualClock(), log: silentLogger, metrics: noMetrics, namespaces: 'all' });
    for (const kind of kinds) shared.follow(kind);
    const stop = new AbortController();
    const followed = shared.run(stop.signal);
    await shared.synced([ConfigMap], stop.signal);
    assert.deepEqual(shared.cache.get(ConfigMap, { namespace: 'prod', name: 'm' })?.data, { size: '1' });
    stop.abort();
    await followed;
  }
});

test('a pass reads its own write of a kind of which a part is kept', async () => {
  const api = fakeApi();
  put(api, { size: '1' });
  putWidget(api, { size: 1 });
  const remove = step('remove', Widget, { owns: [Keys] }, async (_, cx) => {
    await cx.delete(Keys, 'm');
    assert.equal(await cx.get(Keys, 'm'), undefined);
    return done;
  });
  await using it = running(api, [controller(Widget, { steps: [remove] })]);
  api.lag = () => it.clock.sleep(50);
  await it.until(() => condition(api, 'Ready')?.status === 'True');
});

test('nobody can see whether an apply would change what is kept in part: it is refused', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const wrong = step('wrong', Widget, { owns: [Keys, Secret] }, async (_, cx) => {
    await cx.apply(Secret, { name: 's' });
    // @ts-expect-error nor does it compile
    await cx.apply(Keys, { name: 'm' });
    return done;
  });
  await using it = running(api, [controller(Widget, { steps: [wrong] })]);
  await it.until(() => condition(api, 'Ready')?.status === 'False');
  assert.match(condition(api, 'Ready')?.message ?? '', /step wrong applies v1\/configmaps, of which a part alone is kept/);
});
