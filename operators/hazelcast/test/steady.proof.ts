import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
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
/** Virtual hours of all of them; `STEADY_HOURS=24` for a whole day, which takes three quarters of a real hour. */
const HOURS = Number(process.env['STEADY_HOURS'] ?? 1);
const namesOf = (clusters: number) => Array.from({ length: clusters }, (_, index) => `c${index}`);
const NAMES = namesOf(CLUSTERS);

async function bringUp(w: World, names: readonly string[], clusterSize: number): Promise<void> {
  for (const name of names)
    await w.api.apply(Hazelcast, { metadata: { namespace: 'default', name }, spec: { version: '5.5.0', clusterSize } } as never, { fieldManager: 'user' });
  for (const name of names) await w.until(Hazelcast, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
}

// A day of a few costs as much as an hour of many, and shows what happens once a day.
for (const [clusters, hours] of [
  [CLUSTERS, HOURS],
  [2, 24],
] as const)
  test(`${clusters} clusters steady for ${hours} virtual hours: no write, no new connection, one request a member and interval`, (t) =>
    steady(t, clusters, hours));

async function steady(t: TestContext, clusters: number, hours: number): Promise<void> {
  const steadyMs = hours * 3_600_000;
  const types = new Set<number>();
  const requests = new Map<string, number>();
  let connections = 0;
  const door = asked((type, host) => {
    types.add(type);
    if (type === TYPES.getTimedMemberState) requests.set(host, (requests.get(host) ?? 0) + 1);
  });
  const counted = (inner: Network): Network => ({
    connect(to, signal) {
      connections++;
      return inner.connect(to, signal);
    },
  });
  const subject: Subject = { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: counted(door(parts.network, fate())) }) };
  await using w = await world([subject]);
  const operator = w.start(subject);
  await bringUp(w, namesOf(clusters), 2);
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  const before = operator.door.writes.length;
  types.clear();
  requests.clear();
  connections = 0;
  await w.clock.advance(steadyMs);
  // One more, since an interval may have begun before we look.
  const most = Math.floor(steadyMs / STATUS_INTERVAL_MS) + 1;
  const [least, highest] = [Math.min(...requests.values()), Math.max(...requests.values())];
  t.diagnostic(`${requests.size} members, asked ${least} to ${highest} times in ${steadyMs / STATUS_INTERVAL_MS} intervals`);
  assert.equal(requests.size, 2 * clusters);
  assert.ok(highest <= most, `a member was asked ${highest} times, ${most} at most`);
  assert.equal(connections, 0, 'connections were made anew');
  assert.deepEqual(types, new Set([TYPES.ping, TYPES.getTimedMemberState]));
  assert.deepEqual(
    operator.door.writes.slice(before).filter((one) => !one.includes('/leases')),
    [],
  );
}

/** Ways of a member to be dead. The last three take connections. */
const DEATHS = ['is not to be reached', 'refuses', 'hangs', 'hangs up', 'babbles'] as const;
type Death = (typeof DEATHS)[number];

/** Members at these addresses are dead in this way. */
function dying(network: Network, addresses: ReadonlySet<string>, how: () => Death): Network {
  return {
    async connect(to, signal) {
      if (!addresses.has(to.host)) return await network.connect(to, signal);
      const death = how();
      if (death === 'refuses') throw new NetworkError('refused', `${to.host}:${to.port}: nobody listens`);
      if (death === 'is not to be reached')
        return await new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
      const [ours, theirs] = duplexPair();
      theirs.on('error', () => theirs.destroy());
      theirs.on('data', () => {
        if (death === 'hangs up') theirs.destroy();
        if (death === 'babbles') theirs.write('<html>504</html>'.repeat(20));
      });
      return ours;
    },
  };
}

test(`one dead cluster slows none of the ${CLUSTERS - 1} others, whichever way it is dead`, async (t) => {
  const addresses = new Set<string>();
  let death: Death = 'hangs';
  const subject: Subject = { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: dying(parts.network, addresses, () => death) }) };
  await using w = await world([subject]);
  const first = w.start(subject);
  await bringUp(w, NAMES, 1);
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
    const with1Dead = await slowest(kind.replaceAll(' ', '-'));
    t.diagnostic(`edit to first write, at most: ${baseline} ms of virtual time when all are well, ${with1Dead} ms when one ${kind}`);
    assert.ok(with1Dead <= 2 * baseline + 1, `${kind}: ${with1Dead} ms instead of ${baseline} ms`);
    assert.equal((await w.find(Hazelcast, { namespace: 'default', name: 'c0' }))?.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
  }
});
