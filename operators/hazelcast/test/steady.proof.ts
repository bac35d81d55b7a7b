import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { NetworkError, isReady } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { fate, world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { STATUS_INTERVAL_MS } from '../src/hazelcast/members/see.ts';
import { TYPES } from '../src/protocol/messages.ts';
import { asked } from './message-door.ts';
import { hazelcast } from './subject.ts';

const CLUSTERS = 100;
/** Virtual hours; `STEADY_HOURS=24` for the whole day, which takes a quarter of a real hour and more. */
const HOURS = Number(process.env['STEADY_HOURS'] ?? 1);
const STEADY_MS = HOURS * 3_600_000;
const NAMES = Array.from({ length: CLUSTERS }, (_, index) => `c${index}`);

async function bringUp(w: World, clusterSize: number): Promise<void> {
  for (const name of NAMES)
    await w.api.apply(Hazelcast, { metadata: { namespace: 'default', name }, spec: { version: '5.5.0', clusterSize } } as never, { fieldManager: 'user' });
  for (const name of NAMES) await w.until(Hazelcast, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
}

test(`${CLUSTERS} clusters steady for ${HOURS} virtual hours: no write, no new connection, one request a member and interval`, async (t) => {
  const sent = new Map<number, number>();
  const door = asked((type) => sent.set(type, (sent.get(type) ?? 0) + 1));
  const subject: Subject = { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: door(parts.network, fate()) }) };
  await using w = await world([subject]);
  const operator = w.start(subject);
  await bringUp(w, 2);
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  const before = operator.door.writes.length;
  sent.clear();
  await w.clock.advance(STEADY_MS);
  const states = sent.get(TYPES.getTimedMemberState) ?? 0;
  t.diagnostic(`${states} requests to ${2 * CLUSTERS} members`);
  assert.deepEqual(
    operator.door.writes.slice(before).filter((one) => !one.includes('/leases')),
    [],
  );
  assert.deepEqual(new Set(sent.keys()), new Set([TYPES.ping, TYPES.getTimedMemberState]));
  assert.ok(states <= (2 * CLUSTERS * STEADY_MS) / (0.9 * STATUS_INTERVAL_MS), `${states} requests`);
});

const DEATHS = ['hangs', 'refuses', 'babbles'] as const;

/** Members at these addresses take connections and say nothing, take none, or say what nobody understands. */
function dying(network: Network, addresses: ReadonlySet<string>, how: () => (typeof DEATHS)[number]): Network {
  return {
    async connect(to, signal) {
      if (!addresses.has(to.host)) return await network.connect(to, signal);
      if (how() === 'refuses') throw new NetworkError('refused', `${to.host}:${to.port}: nobody listens`);
      const [ours, theirs] = duplexPair();
      theirs.on('error', () => theirs.destroy()).on('data', () => (how() === 'babbles' ? theirs.write('<html>504</html>'.repeat(20)) : undefined));
      return ours;
    },
  };
}

test(`one dead cluster slows none of the ${CLUSTERS - 1} others, whichever way it is dead`, async (t) => {
  const addresses = new Set<string>();
  let death: (typeof DEATHS)[number] = 'hangs';
  const subject: Subject = { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: dying(parts.network, addresses, () => death) }) };
  await using w = await world([subject]);
  const first = w.start(subject);
  await bringUp(w, 1);
  const { items } = await w.api.list(Pod, { namespace: 'default', labelSelector: 'app.kubernetes.io/instance=c0' });
  for (const { status } of items) addresses.add(status?.podIP ?? '');
  await first.stop();
  const slowest = async (value: string): Promise<number> => {
    const operator = w.start(subject);
    await w.clock.advance(5_000);
    let most = 0;
    for (const name of NAMES) {
      const from = operator.door.writes.length;
      const began = w.clock.now();
      const edit = w.api.patch(Hazelcast, { namespace: 'default', name }, { type: 'merge', body: { spec: { labels: { value } } } });
      await w.clock.until(() => operator.door.writes.slice(from).some((one) => one.includes(`/services/${name}?`)));
      await edit;
      if (name !== 'c0') most = Math.max(most, w.clock.now() - began);
    }
    await operator.stop();
    return most;
  };
  const alive = new Set(addresses);
  addresses.clear();
  const baseline = await slowest('all-are-well');
  for (const one of alive) addresses.add(one);
  for (const kind of DEATHS) {
    death = kind;
    const with1Dead = await slowest(kind);
    t.diagnostic(`edit to first write, at most: ${baseline} ms of virtual time when all are well, ${with1Dead} ms when one ${kind}`);
    assert.ok(with1Dead <= 2 * baseline + 1, `${kind}: ${with1Dead} ms instead of ${baseline} ms`);
    assert.equal((await w.find(Hazelcast, { namespace: 'default', name: 'c0' }))?.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
  }
});
