import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect } from '../test/collect.ts';
import { eventLine, hangUp, queryOf, reset, scripted, silence } from '../test/scripted-transport.ts';
import { isExpired } from './index.ts';
import type { WatchEvent } from './index.ts';
import { ConfigMap, Pod } from './kinds/index.ts';
import { SILENCE_MS } from './watch.ts';

const a = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'd', resourceVersion: '7' } };
const expired = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410, message: 'too old resource version: 1 (9)' };

test('a watch asks for bookmarks, and for what it wants of the initial events', async () => {
  const { api, requests } = scripted({}, {});
  await collect(api.watch(ConfigMap, { namespace: 'd', labelSelector: 'a=b,c', resourceVersion: '5', timeoutSeconds: 300 }));
  await collect(api.watch(ConfigMap, { sendInitialEvents: true }));
  assert.equal(requests[0]?.path.split('?')[0], '/api/v1/namespaces/d/configmaps');
  assert.deepEqual(queryOf(requests[0]), { watch: 'true', allowWatchBookmarks: 'true', labelSelector: 'a=b,c', resourceVersion: '5', timeoutSeconds: '300' });
  assert.deepEqual(queryOf(requests[1]), {
    watch: 'true',
    allowWatchBookmarks: 'true',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
  });
});

test('events, bookmarks and the end of the initial events come as they are', async () => {
  const end = { metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } };
  const { api } = scripted({
    chunks: [eventLine('ADDED', a), eventLine('BOOKMARK', end), eventLine('BOOKMARK', { metadata: { resourceVersion: '10' } }), eventLine('DELETED', a)],
  });
  assert.deepEqual(await collect(api.watch(ConfigMap)), [
    { type: 'ADDED', object: a },
    { type: 'BOOKMARK', resourceVersion: '9', initialEventsEnd: true },
    { type: 'BOOKMARK', resourceVersion: '10', initialEventsEnd: false },
    { type: 'DELETED', object: a },
  ]);
});

test('an object looks the same whether it was listed or watched, unknown fields included (regression 17)', async () => {
  const bare = { metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { fromTheFuture: { deep: [1] } } };
  const { api } = scripted(
    { json: { metadata: { resourceVersion: '9' }, items: [bare] } },
    { chunks: [eventLine('ADDED', { apiVersion: 'v1', kind: 'Pod', ...bare })] },
  );
  const listed = (await api.list(Pod)).items[0];
  const [event] = await collect(api.watch(Pod));
  assert.deepEqual(listed, { apiVersion: 'v1', kind: 'Pod', ...bare });
  assert.deepEqual(event, { type: 'ADDED', object: listed });
});

test('too old a version is Expired, as status and as event (regression 4)', async () => {
  const asStatus = scripted({ status: 410, json: expired });
  await assert.rejects(collect(asStatus.api.watch(ConfigMap)), isExpired);
  const asEvent = scripted({ chunks: [eventLine('ADDED', a), eventLine('ERROR', expired), eventLine('ADDED', a)] });
  const seen: WatchEvent<typeof ConfigMap>[] = [];
  await assert.rejects(
    async () => {
      for await (const event of asEvent.api.watch(ConfigMap)) seen.push(event);
    },
    { reason: 'Expired', code: 410 },
  );
  assert.equal(seen.length, 1);
});

test('a version from the future is a Timeout that names how long to wait (regression 5)', async () => {
  const status = { kind: 'Status', apiVersion: 'v1', reason: 'Timeout', code: 504, message: 'Too large resource version: 99, current: 3' };
  const { api } = scripted({ status: 504, headers: { 'retry-after': '1' }, json: status });
  await assert.rejects(collect(api.watch(ConfigMap)), { reason: 'Timeout', code: 504, retryAfterMs: 1000 });
});

test('a connection that breaks, between events or inside one, is Unreachable and never a quiet end (regression 1)', async () => {
  const whole = eventLine('ADDED', a);
  for (const chunks of [[whole, reset], [whole, whole.slice(0, 20), reset], [whole, whole.slice(0, 20)], [whole.trimEnd()]]) {
    const { api } = scripted({ chunks });
    await assert.rejects(collect(api.watch(ConfigMap)), { reason: 'Unreachable' });
  }
});

test('a line that is no event is Unreadable and not passed over', async () => {
  for (const line of ['{"type":"ADDED","obj\n', '{"type":"RENAMED","object":{"metadata":{}}}\n', '{"type":"ADDED"}\n', '7\n', 'null\n']) {
    const { api } = scripted({ chunks: [line, eventLine('ADDED', a)] });
    await assert.rejects(collect(api.watch(ConfigMap)), { reason: 'Unreadable' }, line);
  }
});

test('a silent server is given up after 150 s, and a bookmark is a sign of life (regression 2)', async () => {
  const { api, clock, signals } = scripted({ chunks: [eventLine('ADDED', a), eventLine('BOOKMARK', a), silence] });
  const events = api.watch(ConfigMap)[Symbol.asyncIterator]();
  await events.next();
  clock.advance(10 * SILENCE_MS); // the reader's own time, not the server's
  assert.equal((await events.next()).value.type, 'BOOKMARK');
  const next = events.next();
  await settled();
  clock.advance(SILENCE_MS - 1);
  await settled();
  assert.equal(signals[0]?.aborted, false);
  clock.advance(1);
  await assert.rejects(next, { reason: 'Unreachable' });
  assert.equal(signals[0]?.aborted, true);
  assert.equal(clock.pending, 0);
});

test('aborting ends a watch with the reason given', async () => {
  const { api } = scripted({ chunks: [eventLine('ADDED', a), silence] });
  const controller = new AbortController();
  const events = api.watch(ConfigMap, { signal: controller.signal })[Symbol.asyncIterator]();
  await events.next();
  const next = events.next();
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(next, reason);
});

test('a body that ends quietly when it is aborted does not pass for the end of the watch', async () => {
  const { api, clock } = scripted({ chunks: [hangUp] }, { chunks: [eventLine('ADDED', a).slice(0, 9), hangUp] });
  for (let n = 0; n < 2; n += 1) {
    const ended = assert.rejects(collect(api.watch(ConfigMap)), { reason: 'Unreachable', message: /silent/ });
    await settled();
    clock.advance(SILENCE_MS);
    await ended;
  }
});

test('who stops reading lets go of the connection and of all timers', async () => {
  const { api, clock, signals } = scripted({ chunks: [eventLine('ADDED', a), silence] });
  for await (const event of api.watch(ConfigMap)) {
    assert.equal(event.type, 'ADDED');
    break;
  }
  assert.equal(signals[0]?.aborted, true);
  assert.equal(clock.pending, 0);
});

async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
