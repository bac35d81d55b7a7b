import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, parseTimestamp } from '@binnacle/client';
import { ConfigMap, Lease } from '@binnacle/client/kinds';
import { controller } from '../src/controller.ts';
import { done } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { fenced } from '../src/operator/fence.ts';
import { lead } from '../src/operator/leader.ts';
import { silentLogger } from '../src/logger.ts';
import { noMetrics } from '../src/metrics/metrics.ts';
import { fakeApi } from './fake-api.ts';
import type { FakeApi } from './fake-api.ts';
import { virtualClock } from './clock.ts';
import { putWidget, running, widget } from './run.ts';
import { Widget } from './widget.ts';

const place = { namespace: 'system', name: 'test-operator' };
const holder = (api: FakeApi) => api.peek(Lease, place)?.['spec'].holderIdentity;
const election = (identity: string) => ({ leaderElection: { namespace: 'system', identity } });
const widgets = controller(Widget, {
  steps: [step('config', Widget, { owns: [ConfigMap] }, async (_, cx) => (await cx.apply(ConfigMap, { name: 'w' }), done))],
});
const down = (): never => {
  throw new ApiError({ code: 0, reason: 'Unreachable', message: 'no answer' });
};

test('of two one leads, and the other takes over within 2.4 s when it stops (regression 23)', async () => {
  const api = fakeApi();
  const clock = virtualClock();
  putWidget(api, { size: 1 });
  const first = running(api, [widgets], { ...election('a'), clock });
  await first.until(() => widget(api)?.status !== undefined);
  await using second = running(api, [widgets], { ...election('b'), clock });
  await clock.advance(60_000);
  assert.equal(holder(api), 'a');
  const { renewTime } = api.peek(Lease, place)!['spec'];
  assert.match(renewTime, /\.\d{6}Z$/);
  assert.ok(clock.now() - parseTimestamp(renewTime) <= 2_000);
  const stopping = clock.monotonic();
  await first[Symbol.asyncDispose]();
  await second.until(() => holder(api) === 'b');
  assert.ok(clock.monotonic() - stopping <= 2_400, `${clock.monotonic() - stopping} ms`);
  assert.equal(api.peek(Lease, place)!['spec'].leaseTransitions, 1);
});

test('one that died is followed 15 s after its last sign of life was seen, and not before', async () => {
  const api = fakeApi();
  const clock = virtualClock();
  // Its clock is an hour ahead: only our own tells how long nothing was heard.
  api.meddle(Lease, place, (object) => ({ ...object, spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '2026-01-01T01:00:00.000000Z' } }));
  await using it = running(api, [widgets], { ...election('b'), clock });
  await clock.advance(14_900);
  assert.equal(holder(api), 'dead');
  await it.until(() => holder(api) === 'b');
  assert.ok(clock.monotonic() <= 17_500, `${clock.monotonic()} ms`);
});

test('one that cannot renew writes nothing after 10 s, and ends with an error (regression 22)', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  const it = running(api, [widgets], election('a'));
  await it.until(() => widget(api)?.status !== undefined);
  api.before = ({ kind }) => (kind === 'Lease' ? down() : undefined);
  const failed = assert.rejects(it.stopped, /stopped: leadership is lost: it could not be renewed in time/);
  await it.clock.advance(13_000);
  await failed;
  api.sent.length = 0;
  putWidget(api, { size: 2 });
  await it.clock.advance(60_000);
  assert.deepEqual(api.writes(), []);
});

test('a standby has filled its caches, writes nothing and counts as one that does not lead', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  api.meddle(Lease, place, (object) => ({ ...object, spec: { holderIdentity: 'other', leaseDurationSeconds: 3600 } }));
  const told: boolean[] = [];
  const metrics = { ...noMetrics, leading: (_: string, leads: boolean) => void told.push(leads) };
  await using it = running(api, [widgets], { ...election('b'), metrics });
  await it.clock.advance(60_000);
  assert.deepEqual(api.writes(), []);
  assert.ok(api.sent.some(({ verb, kind }) => verb === 'watch' && kind === 'Widget'));
  assert.deepEqual(told, [false]);
});

/** A process that can be paused: when it goes on it finds that time has passed before any of its timers has run. */
function pausable() {
  const clock = virtualClock();
  let skewMs = 0;
  return { clock: { ...clock, monotonic: () => clock.monotonic() + skewMs }, pause: (ms: number) => void (skewMs += ms) };
}

test('a leader that was paused past its Lease writes nothing when it goes on (regression 22)', async () => {
  const api = fakeApi();
  const { clock, pause } = pausable();
  const leadership = await lead({ api, clock, log: silentLogger, ...place, identity: 'a' }, new AbortController().signal);
  const guarded = fenced(api, () => leadership);
  pause(14_000);
  await guarded.create(ConfigMap, { metadata: { name: 'a', namespace: 'prod' } });
  pause(1_000);
  await assert.rejects(guarded.create(ConfigMap, { metadata: { name: 'b', namespace: 'prod' } }), /leadership is lost/);
  assert.ok(leadership.lost.aborted);
  assert.ok(api.peek(ConfigMap, { name: 'a', namespace: 'prod' }) !== undefined && api.peek(ConfigMap, { name: 'b', namespace: 'prod' }) === undefined);
  await leadership.release();
});

test('a step that was paused past the Lease changes nothing outside of Kubernetes either, and tells nothing', async () => {
  const api = fakeApi();
  const { clock, pause } = pausable();
  const told: string[] = [];
  const telling = controller(Widget, {
    steps: [
      step('tell', Widget, {}, async (object, cx) => {
        await cx.clock.sleep(0, cx.signal); // what it asked is answered
        if (object.spec.size === 2) pause(15_000);
        cx.mustLead();
        told.push(`size ${object.spec.size}`);
        return done;
      }),
    ],
  });
  putWidget(api, { size: 1 });
  const it = running(api, [telling], { ...election('a'), clock });
  await it.until(() => widget(api)?.status !== undefined);
  const failed = assert.rejects(it.stopped, /stopped: leadership is lost: it ran out/);
  const { status } = widget(api)!;
  putWidget(api, { size: 2 });
  await it.clock.advance(60_000);
  await failed;
  assert.deepEqual(told, ['size 1']);
  assert.deepEqual(widget(api)?.status, status);
});

test('who elects no leader always leads', async () => {
  const api = fakeApi();
  let led = 0;
  const telling = controller(Widget, { steps: [step('tell', Widget, {}, async (_, cx) => (cx.mustLead(), led++, await Promise.resolve(done)))] });
  putWidget(api, { size: 1 });
  await using it = running(api, [telling]);
  await it.until(() => widget(api)?.status !== undefined);
  assert.ok(led > 0);
});

test('a renewal whose answer was lost is not taken for a rival', async () => {
  const api = fakeApi();
  putWidget(api, { size: 1 });
  await using it = running(api, [widgets], election('a'));
  await it.until(() => holder(api) === 'a');
  let lost = 0;
  api.after = ({ verb, kind }) => {
    if (kind === 'Lease' && verb === 'replace' && lost++ === 0) down();
  };
  await it.clock.advance(60_000);
  assert.ok(lost > 10);
  assert.equal(holder(api), 'a');
});
