import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@binnacle/client';
import { ConfigMap, Secret, StatefulSet } from '@binnacle/client/kinds';
import { controller, watch } from '../src/controller.ts';
import { done, stop, waitFor } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { condition, putWidget, running, widget } from './run.ts';
import { PLACE, START, Widget } from './widget.ts';

const config = step('config', Widget, { owns: [ConfigMap] }, async (object, cx) => {
  for (let ordinal = 0; ordinal < object.spec.size; ordinal++)
    await cx.apply(ConfigMap, { name: `w-${ordinal}`, labels: { app: 'w' }, data: { ordinal: `${ordinal}` } });
  const made = await cx.list(ConfigMap, { labels: { app: 'w' } });
  cx.status({ made: made.length });
  return done;
});
const widgets = controller(Widget, { steps: [config] });
const refused = (code: number, reason: string) => new ApiError({ code, reason, message: `${reason}, says the server` });
const events = (api: FakeApi) => api.sent.filter(({ verb, kind }) => verb === 'create' && kind === 'Event').length;

test('an object is brought to where its spec wants it, and says so of its generation', async () => {
  const api = fakeApi();
  putWidget(api, { size: 2 });
  await using it = running(api, [widgets]);
  await it.quiet();
  const made = api.peek(ConfigMap, { namespace: 'prod', name: 'w-1' })!;
  assert.deepEqual(made['data'], { ordinal: '1' });
  const { uid } = widget(api)!.metadata!;
  assert.deepEqual(made['metadata'].ownerReferences, [
    { apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid, controller: true, blockOwnerDeletion: true },
  ]);
  assert.equal(widget(api)!.status!.made, 2);
  assert.equal(widget(api)!.status!.observedGeneration, 1);
  assert.deepEqual(condition(api, 'Ready'), {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message: 'everything is as the spec wants it',
    observedGeneration: 1,
    lastTransitionTime: START,
  });
  assert.equal(condition(api, 'Progressing')?.status, 'False');
});

test('once all is as wanted nothing is sent any more, through resyncs and restarts of the watch', async () => {
  const api = fakeApi();
  putWidget(api, { size: 2 });
  await using it = running(api, [widgets]);
  await it.quiet();
  api.sent.length = 0;
  await it.clock.advance(100_000_000); // more than two resyncs
  api.breakWatches(refused(410, 'Expired'));
  await it.clock.advance(60_000);
  assert.deepEqual(api.writes(), []);
});

test('after a restart each child is applied at most once more, the server finds nothing new, and then there is silence', async () => {
  const api = fakeApi();
  putWidget(api, { size: 2 });
  {
    await using before = running(api, [widgets]);
    await before.quiet();
  }
  api.sent.length = 0;
  const { version } = api;
  await using it = running(api, [widgets]);
  await it.quiet();
  assert.deepEqual(api.writes(), ['apply ConfigMap w-0', 'apply ConfigMap w-1']);
  assert.equal(api.version, version);
});

test('what is no longer wanted is pruned, what somebody else changed comes back, what was deleted is made anew', async () => {
  const api = fakeApi();
  putWidget(api, { size: 3 });
  await using it = running(api, [widgets]);
  await it.quiet();
  putWidget(api, { size: 2 });
  await it.quiet();
  assert.equal(api.peek(ConfigMap, { namespace: 'prod', name: 'w-2' }), undefined);
  assert.equal(widget(api)!.status!.observedGeneration, 2);
  api.meddle(ConfigMap, { namespace: 'prod', name: 'w-0' }, (object) => ({ ...object, data: { ordinal: 'wrong' } }));
  api.meddle(ConfigMap, { namespace: 'prod', name: 'w-1' }, () => undefined);
  await it.quiet();
  assert.equal(api.peek(ConfigMap, { namespace: 'prod', name: 'w-0' })!['data'].ordinal, '0');
  assert.equal(api.peek(ConfigMap, { namespace: 'prod', name: 'w-1' })!['data'].ordinal, '1');
});

test("a child's own status and others' fields beside ours cause no write", async () => {
  const api = fakeApi();
  const set = step('statefulSet', Widget, { owns: [StatefulSet] }, async (object, cx) => {
    const selector = { matchLabels: { app: 'w' } };
    await cx.apply(StatefulSet, {
      name: 'w',
      spec: { serviceName: 'w', replicas: object.spec.size, selector, template: { metadata: { labels: { app: 'w' } } } },
    });
    return done;
  });
  putWidget(api, { size: 1 });
  await using it = running(api, [controller(Widget, { steps: [set] })]);
  await it.quiet();
  api.sent.length = 0;
  api.meddle(StatefulSet, PLACE, (object) => ({ ...object, status: { readyReplicas: 1 } }));
  await it.quiet();
  api.meddle(StatefulSet, PLACE, (object) => ({ ...object, spec: { ...object['spec'], minReadySeconds: 5 } }));
  await it.quiet();
  assert.deepEqual(api.writes(), []);
  api.meddle(StatefulSet, PLACE, (object) => ({ ...object, spec: { ...object['spec'], replicas: 7 } }));
  await it.quiet();
  assert.deepEqual(api.writes(), ['apply StatefulSet w']);
});

test('a wait says what it waits for, comes back in time, and keeps what earlier passes said', async () => {
  const api = fakeApi();
  let passes = 0;
  const waits = step('address', Widget, {}, async (_, cx) => {
    if (passes++ === 0) cx.status({ note: 'from the first pass' });
    cx.condition('Reachable', passes > 2, 'Asked', `${passes > 2}`);
    return passes > 2 ? done : waitFor('AddressPending', 'no address yet', { afterMs: 30_000 });
  });
  putWidget(api, { size: 1 });
  await using it = running(api, [controller(Widget, { steps: [waits] })]);
  await it.quiet();
  assert.deepEqual([condition(api, 'Ready')?.reason, condition(api, 'Progressing')?.status], ['AddressPending', 'True']);
  assert.equal(condition(api, 'Reachable')?.lastTransitionTime, START);
  api.sent.length = 0;
  await it.clock.advance(30_000);
  assert.deepEqual(api.writes(), []);
  assert.equal(passes, 2);
  await it.clock.advance(30_000);
  assert.equal(condition(api, 'Ready')?.status, 'True');
  assert.equal(condition(api, 'Ready')?.lastTransitionTime, '2026-01-01T00:01:00Z');
  assert.equal(widget(api)!.status!.note, 'from the first pass');
});

test('a wait prunes nothing', async () => {
  const api = fakeApi();
  putWidget(api, { size: 2 });
  let hold = false;
  const gate = step('gate', Widget, {}, async () => (hold ? waitFor('Held', 'held') : done));
  await using it = running(api, [controller(Widget, { steps: [gate, config] })]);
  await it.quiet();
  hold = true;
  putWidget(api, { size: 1 });
  await it.quiet();
  assert.notEqual(api.peek(ConfigMap, { namespace: 'prod', name: 'w-1' }), undefined);
});

test('what is kept is not pruned, by name or all of a kind', async () => {
  const api = fakeApi();
  let mode: 'make' | 'keepOne' | 'keepAll' = 'make';
  const parts = step('parts', Widget, { owns: [ConfigMap] }, async (_, cx) => {
    if (mode === 'keepAll') return cx.keep(ConfigMap);
    if (mode === 'keepOne') return cx.keep(ConfigMap, 'a');
    for (const name of ['a', 'b']) await cx.apply(ConfigMap, { name });
    return done;
  });
  putWidget(api, { size: 1 });
  await using it = running(api, [controller(Widget, { steps: [parts] })]);
  await it.quiet();
  mode = 'keepAll';
  putWidget(api, { size: 2 });
  await it.quiet();
  assert.notEqual(api.peek(ConfigMap, { namespace: 'prod', name: 'b' }), undefined);
  mode = 'keepOne';
  putWidget(api, { size: 3 });
  await it.quiet();
  assert.notEqual(api.peek(ConfigMap, { namespace: 'prod', name: 'a' }), undefined);
  assert.equal(api.peek(ConfigMap, { namespace: 'prod', name: 'b' }), undefined);
});

test('a step that refuses is not tried again until the object changes, and says so once', async () => {
  const api = fakeApi();
  let passes = 0;
  const refuses = step('validation', Widget, {}, async (object) => (++passes, object.spec.size > 5 ? stop('TooBig', 'spec.size: at most 5') : done));
  putWidget(api, { size: 6 });
  await using it = running(api, [controller(Widget, { steps: [refuses] })]);
  await it.clock.advance(3_600_000);
  assert.equal(passes, 1);
  assert.deepEqual([condition(api, 'Ready')?.message, condition(api, 'Progressing')?.status, events(api)], ['spec.size: at most 5', 'False', 1]);
  putWidget(api, { size: 5 });
  await it.quiet();
  assert.deepEqual([condition(api, 'Ready')?.status, events(api)], ['True', 2]);
});

test('a step that throws is its own object’s trouble: told without secrets, tried again ever later, and others go on', async () => {
  const api = fakeApi();
  let passes = 0;
  const throws = step('connection', Widget, {}, async (object) => {
    if (object.metadata.name !== 'w') return done;
    passes++;
    throw new Error('cannot reach mysql://root:hunter2@fe:9030, password=hunter2');
  });
  putWidget(api, { size: 1 });
  putWidget(api, { size: 1 }, 'other');
  await using it = running(api, [controller(Widget, { steps: [throws] })]);
  await it.until(() => condition(api, 'Ready') !== undefined);
  assert.deepEqual([condition(api, 'Ready')?.reason, condition(api, 'Ready')?.status], ['Error', 'False']);
  assert.equal(condition(api, 'Ready')?.message, 'cannot reach mysql://[redacted]@fe:9030, password=[redacted]');
  assert.equal(condition(api, 'Ready', 'other')?.status, 'True');
  await it.clock.advance(3_600_000);
  assert.ok(passes > 10 && passes < 50, `${passes} passes in an hour`);
  assert.equal(events(api), 2);
});

test('a conflict is retried without a word', async () => {
  const api = fakeApi();
  let failed = false;
  api.before = ({ verb, kind }) => {
    if (verb !== 'apply' || kind !== 'ConfigMap' || failed) return;
    failed = true;
    throw refused(409, 'Conflict');
  };
  putWidget(api, { size: 1 });
  await using it = running(api, [widgets]);
  await it.until(() => condition(api, 'Ready')?.status === 'True');
  assert.ok(failed);
  assert.equal(events(api), 1);
});

test('nothing is created again and again in a namespace that is going (regression 24)', async () => {
  const api = fakeApi();
  api.before = ({ verb, kind }) => {
    if (verb === 'apply' && kind === 'ConfigMap') {
      throw new ApiError({ code: 403, reason: 'Forbidden', message: 'no', causes: [{ reason: 'NamespaceTerminating' }] });
    }
  };
  putWidget(api, { size: 1 });
  await using it = running(api, [widgets]);
  await it.clock.advance(3_600_000);
  const tries = api.writes().filter((write) => write.startsWith('apply ConfigMap')).length;
  // Looked at now and then: what it makes may be in another namespace, and nothing tells when that is there anew.
  assert.ok(tries > 1 && tries <= 61, `${tries} tries in an hour`);
  assert.deepEqual([condition(api, 'Ready')?.reason, events(api)], ['NamespaceTerminating', 1]);
  api.before = () => undefined;
  await it.until(() => condition(api, 'Ready')?.status === 'True');
});

test('a watch of another kind wakes the object that refers to it, before and after', async () => {
  const api = fakeApi();
  const seen: string[] = [];
  const reads = step('secret', Widget, { reads: [Secret] }, async (object, cx) => {
    seen.push(`${object.metadata.name}: ${(await cx.get(Secret, 'login'))?.metadata.labels?.['for'] ?? 'none'}`);
    return done;
  });
  putWidget(api, { size: 1 }, 'a');
  putWidget(api, { size: 1 }, 'b');
  const map = watch(Secret, (secret) => [{ namespace: 'prod', name: secret.metadata.labels?.['for'] ?? '' }]);
  await using it = running(api, [controller(Widget, { steps: [reads], watches: [map] })]);
  await it.quiet();
  seen.length = 0;
  const login = { namespace: 'prod', name: 'login' };
  api.meddle(Secret, login, (object) => ({ ...object, metadata: { ...object['metadata'], labels: { for: 'a' } } }));
  await it.quiet();
  api.meddle(Secret, login, (object) => ({ ...object, metadata: { ...object['metadata'], labels: { for: 'b' } } }));
  await it.quiet();
  assert.deepEqual(seen, ['a: a', 'a: b', 'b: b']);
});

test('what is born once is created once and never written again, also when the answer to its creation was lost', async () => {
  const api = fakeApi();
  let made = 0;
  const login = step('login', Widget, { owns: [Secret] }, async (_, cx) => {
    await cx.ensure(Secret, 'login', () => ({ name: 'login', data: { password: `${++made}` } }));
    return done;
  });
  api.after = ({ verb, kind }) => {
    if (verb !== 'create' || kind !== 'Secret') return;
    api.after = () => undefined;
    throw refused(0, 'Unreachable');
  };
  putWidget(api, { size: 1 });
  await using it = running(api, [controller(Widget, { steps: [login] })]);
  await it.until(() => condition(api, 'Ready')?.status === 'True');
  const place = { namespace: 'prod', name: 'login' };
  assert.deepEqual([api.peek(Secret, place)!['data'].password, made], ['1', 1]);
  api.meddle(Secret, place, (object) => ({ ...object, data: { password: 'changed by hand' } }));
  await it.quiet();
  assert.equal(api.peek(Secret, place)!['data'].password, 'changed by hand');
  assert.equal(api.writes().filter((write) => write.includes('Secret')).length, 1);
});

test('an object that is deleted and made anew under its name keeps nothing from the old one', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  await using it = running(api, [widgets]);
  await it.quiet();
  api.meddle(Widget, PLACE, () => undefined);
  api.meddle(ConfigMap, { namespace: 'prod', name: 'w-0' }, () => undefined);
  putWidget(api, { size: 1 });
  await it.quiet();
  const { uid } = widget(api)!.metadata!;
  assert.equal(api.peek(ConfigMap, { namespace: 'prod', name: 'w-0' })!['metadata'].ownerReferences[0].uid, uid);
});

test('status fields that follow from the pass are written with it', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const report = controller(Widget, { steps: [config], report: (object, pass) => ({ note: `${object.spec.size} ${pass.outcome.type}` }) });
  await using it = running(api, [report]);
  await it.quiet();
  assert.equal(widget(api)!.status!.note, '1 done');
});
