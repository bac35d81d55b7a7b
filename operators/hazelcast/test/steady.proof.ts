import assert from 'node:assert/strict';
import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { NetworkError } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { STATUS_INTERVAL_MS } from '../src/hazelcast/members/see.ts';
import { TYPES } from '../src/protocol/messages.ts';
import { bringUp, namesOf } from './steady-world.ts';
import type { Sent, Steady } from './steady-world.ts';
import { hazelcast } from './subject.ts';

const CLUSTERS = 100;
/** Virtual hours of all of them; `STEADY_HOURS=24` for a whole day, which takes some 22 minutes of processor time: half a second for a cluster and hour. */
const HOURS = Number(process.env['STEADY_HOURS'] ?? 1);
const NAMES = namesOf(CLUSTERS);

// A day of a few costs as much as an hour of many, and shows what happens once a day.
for (const [clusters, hours] of [
  [CLUSTERS, HOURS],
  [2, 24],
] as const)
  test(`${clusters} clusters steady for ${hours} virtual hours: no write, no new connection, one request a member and interval`, async (t) => {
    const steady: Steady = { clusters, forMs: hours * 3_600_000 };
    const worker = new Worker(new URL('steady-world.ts', import.meta.url), { workerData: steady });
    const [sent] = (await once(worker, 'message')) as [Sent]; // an error of the worker is thrown here; sound: the type that it posts
    await worker.terminate();
    const intervals = steady.forMs / STATUS_INTERVAL_MS;
    const [least, highest] = [Math.min(...sent.requests), Math.max(...sent.requests)];
    t.diagnostic(`${sent.requests.length} members, asked ${least} to ${highest} times in ${intervals} intervals`);
    assert.equal(sent.requests.length, 2 * clusters);
    // One more, since an interval may have begun before we look.
    assert.ok(highest <= intervals + 1, `a member was asked ${highest} times, ${intervals + 1} at most`);
    assert.ok(least >= Math.floor(intervals / 1.25), `a member was asked ${least} times only`);
    assert.equal(sent.connections, 0, 'connections were made anew');
    assert.deepEqual(sent.types, new Set([TYPES.ping, TYPES.getTimedMemberState]));
    assert.deepEqual(sent.writes, []);
  });

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
