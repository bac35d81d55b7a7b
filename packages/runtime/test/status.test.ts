import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { controller, watch } from '../src/controller.ts';
import { done, stop, waitFor } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { condition, putWidget, running, widget } from './run.ts';
import { PLACE, Widget } from './widget.ts';

/** Tells how many members there are, one ConfigMap each, and is Ready with as many as the spec wants. */
const count = step('count', Widget, { reads: [ConfigMap] }, async ({ spec }, cx) => {
  const made = (await cx.list(ConfigMap)).length;
  cx.status({ made });
  return made < spec.size ? waitFor('Growing', `${made} of ${spec.size}`) : done;
});
const counts = (details: readonly 'made'[]) => controller(Widget, { steps: [count], watches: [watch(ConfigMap, () => [PLACE])], details });
const member = (api: FakeApi, name: string) => api.meddle(ConfigMap, { namespace: 'prod', name }, (object) => object);
const written = (api: FakeApi) => api.writes().filter((one) => one === 'apply Widget w/status').length;
const events = (api: FakeApi) => api.sent.filter(({ verb, kind }) => verb === 'create' && kind === 'Event').length;

test('details that come one by one are told every five seconds, a new reason at once', async () => {
  const api = fakeApi();
  putWidget(api, { size: 9 });
  await using it = running(api, [counts(['made'])]);
  await it.quiet();
  assert.equal(written(api), 1);
  for (const name of ['a', 'b', 'c', 'd']) {
    member(api, name);
    await it.clock.advance(100);
  }
  assert.equal(written(api), 1);
  await it.clock.advance(5_000);
  assert.equal(written(api), 2);
  assert.equal(widget(api)?.status?.made, 4);
  assert.equal(condition(api, 'Ready')?.message, '4 of 9');
  for (const name of ['e', 'f', 'g', 'h', 'i']) member(api, name);
  await it.clock.settle();
  assert.equal(condition(api, 'Ready')?.status, 'True');
  assert.equal(widget(api)?.status?.made, 9);
});

test('what is no detail is told as it comes', async () => {
  const api = fakeApi();
  putWidget(api, { size: 9 });
  await using it = running(api, [counts([])]);
  await it.quiet();
  for (const name of ['a', 'b', 'c']) {
    member(api, name);
    await it.clock.advance(100);
  }
  assert.equal(written(api), 4);
});

test('that a new object waits is no Event: it says so itself; what comes after is one', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  await using it = running(api, [counts([])]);
  await it.quiet();
  assert.equal(events(api), 0);
  member(api, 'a');
  await it.until(() => events(api) === 1);
});

/** Makes a Secret and waits for ConfigMaps, or refuses. */
const makes = step('makes', Widget, { owns: [Secret], reads: [ConfigMap] }, async ({ spec }, cx) => {
  await cx.apply(Secret, { name: 'made' });
  const made = (await cx.list(ConfigMap)).length;
  cx.status({ made });
  if (spec.colour === 'refused') return stop('Refused', 'spec.colour');
  return made < spec.size ? waitFor('Growing', `${made} of ${spec.size}`) : done;
});
const making = controller(Widget, { steps: [makes], watches: [watch(ConfigMap, () => [PLACE])] });

test('the first status of an object that has only just had its children made waits a second for what becomes of them, and is one', async () => {
  const api = fakeApi();
  putWidget(api, { size: 9 });
  await using it = running(api, [making]);
  await it.quiet();
  for (const name of ['a', 'b', 'c']) {
    member(api, name);
    await it.clock.advance(100);
  }
  assert.equal(widget(api)?.status, undefined);
  await it.clock.advance(1_000);
  assert.equal(widget(api)?.status?.made, 3);
  assert.equal(written(api), 1);
  putWidget(api, { size: 8 });
  await it.quiet();
  assert.equal(widget(api)?.status?.observedGeneration, 2, 'what is told once is told at once from then on');
});

test('a first status is told at once when it refuses, when all is done, and when the process stops', async () => {
  for (const spec of [{ size: 9, colour: 'refused' }, { size: 0 }]) {
    const api = fakeApi();
    putWidget(api, spec);
    await using it = running(api, [making]);
    await it.quiet();
    assert.equal(written(api), 1);
  }
  const api = fakeApi();
  putWidget(api, { size: 9 });
  await using last = running(api, [making]);
  api.before = ({ kind, verb }) => {
    if (kind === 'Secret' && verb === 'apply') last.stop();
  };
  let over = false;
  const ended = last.stopped.finally(() => (over = true));
  await last.until(() => over);
  await ended;
  assert.equal(written(api), 1);
});
