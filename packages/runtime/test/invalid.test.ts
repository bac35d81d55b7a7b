import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { controller } from '../src/controller.ts';
import { finalizer } from '../src/finalizer.ts';
import { done, stop } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { condition, putWidget, running, widget } from './run.ts';
import { PLACE, Widget } from './widget.ts';
import type { WidgetSpec } from './widget.ts';

const config = step('config', Widget, { owns: [ConfigMap] }, async ({ spec }, cx) => {
  for (let ordinal = 0; ordinal < spec.size; ordinal++) await cx.apply(ConfigMap, { name: `w-${ordinal}`, data: {} });
  return done;
});
/** A spec of which the schema knows nothing: it was stored before there was one. */
const stored = (api: FakeApi, spec: object): void => putWidget(api, spec as WidgetSpec);
const NOT_A_NUMBER = { size: 'three' };
const SAID = 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"';

test('a stored spec that breaks its schema is told with the path and what would be right; nothing is made, changed or deleted', async () => {
  const api = fakeApi();
  stored(api, { size: 2 });
  await using it = running(api, [controller(Widget, { steps: [config] })]);
  await it.quiet();
  api.sent.length = 0;
  stored(api, NOT_A_NUMBER);
  await it.quiet();
  assert.partialDeepStrictEqual(condition(api, 'Ready'), { status: 'False', reason: 'InvalidSpec', message: SAID, observedGeneration: 2 });
  assert.equal(condition(api, 'Progressing')?.status, 'False');
  assert.deepEqual(
    api.writes().filter((one) => !one.includes('Event')),
    ['apply Widget w/status'],
  );
  assert.ok(api.peek(ConfigMap, { namespace: 'prod', name: 'w-1' }) !== undefined);
  stored(api, { size: 1 });
  await it.quiet();
  assert.equal(condition(api, 'Ready')?.status, 'True');
  assert.equal(api.peek(ConfigMap, { namespace: 'prod', name: 'w-1' }), undefined);
});

test('a step that looks at what is there goes on telling, and what it throws changes nothing of what is said', async () => {
  const api = fakeApi();
  let broken = false;
  const look = step(
    'look',
    Widget,
    {},
    async (_, cx) => {
      if (broken) throw new TypeError('that is no number');
      cx.status({ note: `faults: ${cx.faults.length}` });
      return cx.faults.length === 0 ? done : stop('InvalidSpec', `error: ${cx.faults[0]!}`, { afterMs: 1_000 });
    },
    { whileInvalid: true },
  );
  stored(api, NOT_A_NUMBER);
  await using it = running(api, [controller(Widget, { steps: [look, config] })]);
  await it.quiet();
  assert.equal(condition(api, 'Ready')?.message, `error: ${SAID}`);
  assert.equal(widget(api)?.status?.note, 'faults: 1');
  broken = true;
  await it.clock.advance(6_000);
  assert.equal(condition(api, 'Ready')?.message, SAID);
});

test('an object that is wrong is cleaned up when it is deleted, and gets no finalizer before', async () => {
  const api = fakeApi();
  let cleaned = 0;
  const cleanup = finalizer('example.com/cleanup', Widget, {}, async () => {
    cleaned++;
    return done;
  });
  stored(api, NOT_A_NUMBER);
  await using it = running(api, [controller(Widget, { steps: [cleanup, config] })]);
  await it.quiet();
  assert.equal(widget(api)?.metadata?.finalizers, undefined);
  stored(api, { size: 1 });
  await it.quiet();
  stored(api, NOT_A_NUMBER);
  await it.quiet();
  await api.delete(Widget, PLACE);
  await it.quiet();
  assert.equal(widget(api), undefined);
  assert.equal(cleaned, 1);
});

test('a server that takes no status for a wrong spec does not keep anybody from hearing of it: an Event tells', async () => {
  const api = fakeApi();
  api.before = ({ kind, subresource }) => {
    if (kind === 'Widget' && subresource === 'status') throw new ApiError({ code: 422, reason: 'Invalid', message: 'spec.size: …' });
  };
  stored(api, NOT_A_NUMBER);
  await using it = running(api, [controller(Widget, { steps: [config] })]);
  await it.quiet();
  const told = api.sent.filter(({ verb, kind }) => verb === 'create' && kind === 'Event');
  assert.equal(told.length, 1);
});
