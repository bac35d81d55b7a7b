import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventLine, queryOf, reset, scripted, silence } from '../test/scripted-transport.ts';
import type { Scripted } from '../test/scripted-transport.ts';
import { until } from './index.ts';
import { ConfigMap } from './kinds/index.ts';

const at = { namespace: 'd', name: 'a' };
const version = (resourceVersion: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...at, resourceVersion } });
const listed = (resourceVersion: string, ...items: unknown[]): Scripted => ({ json: { metadata: { resourceVersion }, items } });
const expired = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410 };
const isVersion = (wanted: string) => (object: { metadata: { resourceVersion: string } } | undefined) => object?.metadata.resourceVersion === wanted;
const never = new AbortController().signal;

test('what is so already needs no waiting', async () => {
  const { api, requests } = scripted(listed('5', version('4')));
  assert.deepEqual(await until(api, ConfigMap, at, isVersion('4'), never), version('4'));
  assert.deepEqual(queryOf(requests[0]), { fieldSelector: 'metadata.name=a', limit: '500' });
  assert.equal(requests[0]?.path.split('?')[0], '/api/v1/namespaces/d/configmaps');
});

test('it follows the object, and goes on where the server ended the watch', async () => {
  const bookmark = eventLine('BOOKMARK', { metadata: { resourceVersion: '8' } });
  const { api, requests, signals } = scripted(
    listed('5'),
    { chunks: [eventLine('ADDED', version('6'))] },
    { chunks: [bookmark] },
    { chunks: [eventLine('MODIFIED', version('9')), silence] },
  );
  assert.deepEqual(await until(api, ConfigMap, at, isVersion('9'), never), version('9'));
  assert.deepEqual(
    requests.slice(1).map((request) => queryOf(request)['resourceVersion']),
    ['5', '6', '8'],
  );
  assert.equal(signals[3]?.aborted, true);
});

test('it reads again when the version is forgotten', async () => {
  const { api } = scripted(listed('5'), { chunks: [eventLine('ERROR', expired)] }, listed('900', version('899')));
  assert.deepEqual(await until(api, ConfigMap, at, isVersion('899'), never), version('899'));
});

test('waiting for it to go is done when it is gone, also when that was missed', async () => {
  const gone = (object: unknown) => object === undefined;
  const seen = scripted(listed('5', version('4')), { chunks: [eventLine('DELETED', version('6')), silence] });
  assert.equal(await until(seen.api, ConfigMap, at, gone, never), undefined);
  const missed = scripted(listed('5', version('4')), { status: 410, json: expired }, listed('7'));
  assert.equal(await until(missed.api, ConfigMap, at, gone, never), undefined);
});

test('a server that ends every watch at once is not stormed', async () => {
  const ends = scripted(listed('5'), ...Array.from({ length: 20 }, () => ({})));
  await assert.rejects(until(ends.api, ConfigMap, at, isVersion('9'), never), { reason: 'Unreachable' });
  const forgets = scripted(...Array.from({ length: 20 }, (_, n): Scripted => (n % 2 === 0 ? listed('5') : { status: 410, json: expired })));
  await assert.rejects(until(forgets.api, ConfigMap, at, isVersion('9'), never), { reason: 'Unreachable' });
  assert.ok(ends.requests.length <= 10 && forgets.requests.length <= 10);
});

test('an API server that goes away, and who aborts, are told', async () => {
  await assert.rejects(until(scripted(listed('5'), { chunks: [reset] }).api, ConfigMap, at, isVersion('9'), never), reset);
  const reason = new Error('enough');
  await assert.rejects(until(scripted().api, ConfigMap, at, isVersion('9'), AbortSignal.abort(reason)), reason);
});
