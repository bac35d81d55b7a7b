import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { controller } from '../src/controller.ts';
import { finalizer } from '../src/finalizer.ts';
import { done, waitFor } from '../src/outcome.ts';
import type { Outcome } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { condition, putWidget, running, widget } from './run.ts';
import { warningsIn } from './warnings.ts';
import { PLACE, Widget } from './widget.ts';

const OURS = 'example.com/ours';
const THEIRS = 'example.com/theirs';

function widgets(cleanup: () => Promise<Outcome>, ran: string[] = []) {
  const work = step('work', Widget, {}, async () => {
    ran.push('work');
    return done;
  });
  return controller(Widget, { steps: [finalizer(OURS, Widget, {}, cleanup), work] });
}

const finalizers = (api: FakeApi) => widget(api)?.metadata?.finalizers;
const setFinalizers = (api: FakeApi, wanted: readonly string[]) =>
  api.meddle(Widget, PLACE, (object) => ({ ...object, metadata: { ...object['metadata'], finalizers: wanted } }));

test('a live object gets its finalizer before anything is done for it', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const ran: string[] = [];
  api.before = ({ verb, kind }) => {
    if (verb === 'patch' && kind === 'Widget') assert.deepEqual(ran, []);
  };
  await using it = running(api, [widgets(async () => done, ran)]);
  await it.quiet();
  assert.deepEqual(finalizers(api), [OURS]);
  assert.ok(ran.length > 0);
});

test('a finalizer for some objects is on those alone, and goes when it is not for one any more', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const cleaned: string[] = [];
  const cleanup = async (): Promise<Outcome> => (cleaned.push('cleanup'), done);
  const large = controller(Widget, { steps: [finalizer(OURS, Widget, {}, cleanup, { when: ({ spec }) => spec.size > 1 })] });
  await using it = running(api, [large]);
  await it.quiet();
  assert.deepEqual(finalizers(api) ?? [], []);
  const resize = (size: number) =>
    api.meddle(Widget, PLACE, (object) => ({ ...object, metadata: { ...object['metadata'], generation: size }, spec: { size } }));
  resize(2);
  await it.until(() => finalizers(api)?.includes(OURS) === true);
  resize(1);
  await it.until(() => finalizers(api)?.length === 0);
  await api.delete(Widget, PLACE);
  await it.quiet();
  assert.deepEqual([cleaned, widget(api)], [[], undefined]);
});

test('a deleted object is cleaned up, then goes; no other step runs for it', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const ran: string[] = [];
  await using it = running(api, [widgets(async () => (ran.push('cleanup'), done), ran)]);
  await it.quiet();
  ran.length = 0;
  await api.delete(Widget, PLACE);
  await it.quiet();
  assert.deepEqual(ran, ['cleanup']);
  assert.equal(widget(api), undefined);
});

test('a cleanup that throws or waits leaves the finalizer, and the object says why (regression 20)', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  let way: 'throw' | 'wait' | 'done' = 'throw';
  const cleanup = async (): Promise<Outcome> => {
    if (way === 'throw') throw new Error('the cluster does not answer');
    return way === 'wait' ? waitFor('Draining', 'still two members', { afterMs: 1_000 }) : done;
  };
  await using it = running(api, [widgets(cleanup)]);
  await it.quiet();
  await api.delete(Widget, PLACE);
  await it.until(() => condition(api, 'Ready')?.message === 'the cluster does not answer');
  assert.deepEqual(finalizers(api), [OURS]);
  way = 'wait';
  await it.until(() => condition(api, 'Ready')?.reason === 'Draining');
  assert.deepEqual(finalizers(api), [OURS]);
  way = 'done';
  await it.until(() => widget(api) === undefined);
});

test('two finalizers that are removed at the same time: neither takes the other with it (regression 21)', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  setFinalizers(api, [THEIRS]);
  let cleanups = 0;
  await using it = running(api, [widgets(async () => (cleanups++, done))]);
  await it.quiet();
  assert.deepEqual(finalizers(api), [THEIRS, OURS]);
  // Theirs goes in the very moment in which ours is about to: the place in the list that we had in mind is not ours any more.
  api.before = ({ verb, kind }) => {
    if (verb !== 'patch' || kind !== 'Widget') return;
    api.before = () => undefined;
    setFinalizers(api, ['example.com/third', THEIRS, OURS]);
  };
  await api.delete(Widget, PLACE);
  await it.until(() => finalizers(api)?.includes(OURS) === false);
  assert.deepEqual(finalizers(api), ['example.com/third', THEIRS]);
  assert.equal(cleanups, 2);
});

test('an object that goes and has none of our finalizers is left alone', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  setFinalizers(api, [THEIRS]);
  await api.delete(Widget, PLACE);
  const ran: string[] = [];
  await using it = running(api, [widgets(async () => (ran.push('cleanup'), done), ran)]);
  await it.quiet();
  assert.deepEqual([ran, api.writes()], [[], ['delete Widget w']]);
});

test('an object that has gone before its finalizer is taken off is no failure', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const { log, warnings } = warningsIn();
  await using it = running(api, [widgets(async () => done)], { log });
  await it.quiet();
  api.before = ({ verb, kind }) => {
    if (verb === 'patch' && kind === 'Widget') api.meddle(Widget, PLACE, () => undefined);
  };
  await api.delete(Widget, PLACE);
  await it.quiet();
  assert.deepEqual([widget(api), warnings], [undefined, []]);
});

test('a cleanup that cannot make what it needs since the namespace goes is tried again soon, and may do without', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  let knows = false;
  let tries = 0;
  api.before = ({ verb, kind }) => {
    if (verb !== 'apply' || kind !== 'ConfigMap') return;
    tries++;
    throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no', causes: [{ reason: 'NamespaceTerminating' }] });
  };
  const cleans = finalizer(OURS, Widget, { owns: [ConfigMap] }, async (_, cx) => {
    if (!knows) await cx.apply(ConfigMap, { name: 'tool' });
    return done;
  });
  await using it = running(api, [controller(Widget, { steps: [cleans] })]);
  await it.quiet();
  await api.delete(Widget, PLACE);
  await it.clock.advance(60_000);
  assert.ok(tries > 5 && tries <= 13, `${tries} tries in a minute`);
  assert.deepEqual([finalizers(api), condition(api, 'Ready')?.reason], [[OURS], 'NamespaceTerminating']);
  knows = true;
  await it.clock.advance(5_000);
  assert.equal(widget(api), undefined);
});
