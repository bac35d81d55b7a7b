import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scripted } from '../test/scripted-transport.ts';
import { evict, isTooManyRequests, scale, scaleOf, tokenOf } from './index.ts';
import { StatefulSet } from './kinds/index.ts';

const at = { namespace: 'd', name: 'db' };
const scaled = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: at, spec: { replicas: 3 }, status: { replicas: 2, selector: 'app=db' } };

test('the scale of any kind is read and set without touching the rest', async () => {
  const { api, requests } = scripted({ json: scaled }, { json: scaled });
  assert.deepEqual(await scaleOf(api, StatefulSet, at), { wanted: 3, present: 2, selector: 'app=db' });
  await scale(api, StatefulSet, at, 3);
  assert.deepEqual(
    requests.map(({ method, path, body }) => `${method} ${path} ${String(body ?? '')}`),
    ['GET /apis/apps/v1/namespaces/d/statefulsets/db/scale ', 'PATCH /apis/apps/v1/namespaces/d/statefulsets/db/scale {"spec":{"replicas":3}}'],
  );
});

test('an eviction that a budget forbids says so, and when to ask again', async () => {
  const refused = { kind: 'Status', apiVersion: 'v1', code: 429, reason: 'TooManyRequests', message: 'budget', details: { retryAfterSeconds: 10 } };
  const { api, requests } = scripted({ json: { kind: 'Status', apiVersion: 'v1', status: 'Success' } }, { status: 429, json: refused });
  await evict(api, at);
  assert.equal(requests[0]?.path, '/api/v1/namespaces/d/pods/db/eviction');
  await assert.rejects(evict(api, at), (error) => isTooManyRequests(error) && (error as { retryAfterMs?: number }).retryAfterMs === 10_000);
});

test('a token comes with its end, and no message ever holds one', async () => {
  const { api, requests } = scripted(
    { json: { status: { token: 'SECRET', expirationTimestamp: '2026-01-01T01:00:00Z' } } },
    { json: { status: { token: 'SECRET' } } },
  );
  const { expires } = await tokenOf(api, at, { audiences: ['vault'], expirationSeconds: 600 });
  assert.equal(expires, '2026-01-01T01:00:00Z');
  assert.deepEqual(JSON.parse(String(requests[0]?.body)).spec, { audiences: ['vault'], expirationSeconds: 600 });
  await assert.rejects(tokenOf(api, at), (error) => !String(error).includes('SECRET'));
});
