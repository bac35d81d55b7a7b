import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, systemClock, undiciTransport } from '../src/index.ts';
import { ConfigMap } from '../src/kinds/index.ts';
import { fixture, tinyApi } from './tiny-api.ts';

const CALLS = 10_000;
const AT_A_TIME = 50;

test('ten thousand calls take eight connections at most', async (t) => {
  await using server = await tinyApi();
  const clock = systemClock();
  const cluster = { server: server.url, ca: fixture('server.crt'), credentials: { type: 'none' } } as const;
  await using api = connect({ clock, transport: undiciTransport(cluster), userAgent: 'test/1' });
  const calls = async () => {
    for (let n = 0; n < CALLS / AT_A_TIME; n += 1) await api.list(ConfigMap, { namespace: 'default' });
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, calls));
  assert.equal(server.requests.length, CALLS);
  assert.ok(server.connections.made <= 8, `${server.connections.made} connections`);
  t.diagnostic(`${CALLS} calls, ${server.connections.made} connections`);
});
