import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { NetworkError } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { fate, world } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { STATUS_INTERVAL_MS } from '../src/hazelcast/members/see.ts';
import { TYPES } from '../src/protocol/messages.ts';
import { asked } from './message-door.ts';
import { REF, hazelcast, licence, membersOf, ready, want } from './subject.ts';

const MEMBER_LINKS = 5702;
const HOUR_MS = 3_600_000;

/** The operator with members that can be cut off from one another, though not from the operator, nor from what probes them. */
function severable(): { readonly subject: Subject; sever(): void } {
  let cut = false;
  const links = new Set<Duplex>();
  const kept = (stream: Duplex) => {
    links.add(stream);
    if (cut) stream.destroy();
    return stream;
  };
  const images: Subject['images'] = hazelcast.images.map((image) => ({
    ...image,
    program: (container) => {
      const { connect, listen } = container.network;
      const network: typeof container.network = {
        ...container.network,
        async connect(to, signal) {
          if (to.port === MEMBER_LINKS && cut) throw new NetworkError('refused', 'no route to host');
          const stream = await connect(to, signal);
          return to.port === MEMBER_LINKS ? kept(stream) : stream;
        },
        listen: (port, accept) => listen(port, (stream) => accept(port === MEMBER_LINKS ? kept(stream) : stream)),
      };
      // Sound: everything but `network` is the container's own.
      return image.program(Object.create(container, { network: { value: network } }) as typeof container);
    },
  }));
  return {
    subject: { ...hazelcast, images },
    sever() {
      cut = true;
      for (const link of links) link.destroy();
    },
  };
}

const degraded = (now: Live<typeof Hazelcast> | undefined) => now?.status?.conditions?.find(({ type }) => type === 'Degraded');

test('members that part while each of them stays ready are noticed within the interval', async () => {
  const { subject, sever } = severable();
  await using w = await world([subject]);
  w.start(subject);
  await want(w, {});
  assert.equal(degraded(await ready(w))?.status, 'False');
  await w.clock.advance(STATUS_INTERVAL_MS);
  sever();
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  const parted = await w.find(Hazelcast, REF);
  assert.equal(parted?.status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'MembersApart');
  assert.match(degraded(parted)?.message ?? '', /do not see all others: prod-0, prod-1, prod-2/);
  assert.ok((await membersOf(w)).every(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')));
});

test('8.6: a cluster that is well costs one request a member and interval, no write, and no connection', async () => {
  const sent: number[] = [];
  const door = asked((type) => sent.push(type));
  const subject: Subject = { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: door(parts.network, fate()) }) };
  await using w = await world([subject]);
  const operator = w.start(subject);
  await want(w, {});
  await ready(w);
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  const writes = operator.door.writes.length;
  sent.length = 0;
  await w.clock.advance(HOUR_MS);
  const states = sent.filter((type) => type === TYPES.getTimedMemberState).length;
  assert.ok(states <= 3 * (HOUR_MS / STATUS_INTERVAL_MS + 1) && states >= (3 * HOUR_MS) / (1.2 * STATUS_INTERVAL_MS) - 3, `${states} requests`);
  assert.deepEqual(new Set(sent), new Set<number>([TYPES.ping, TYPES.getTimedMemberState]));
  assert.deepEqual(
    operator.door.writes.slice(writes).filter((one) => !one.includes('/leases')),
    [],
  );
});

test('while an edit is refused half-way through, the status tells of members that part, and no longer that they run what is wanted', async () => {
  const { subject, sever } = severable();
  await using w = await world([subject]);
  w.start(subject);
  await want(w, {});
  await ready(w);
  assert.equal((await w.find(Hazelcast, REF))?.status?.hazelcastClusterStatus?.state, 'ACTIVE');
  await want(w, { clusterName: 'another' });
  await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'NeedsPause') === true);
  const current = (await w.find(Hazelcast, REF))?.status?.conditions?.find(({ type }) => type === 'ConfigurationCurrent');
  assert.deepEqual([current?.status, current?.reason], ['Unknown', 'SpecNotApplied']);
  sever();
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  assert.equal(degraded(await w.find(Hazelcast, REF))?.reason, 'MembersApart');
});

test('while the spec cannot be brought about, the status goes on telling of the members that are there', async () => {
  const { subject, sever } = severable();
  await using w = await world([subject]);
  w.start(subject);
  await licence(w);
  await want(w, { licenseKeySecretName: 'licence' });
  await ready(w);
  await w.api.delete(Secret, { namespace: 'default', name: 'licence' });
  await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'NotFound') === true);
  assert.equal(degraded(await w.find(Hazelcast, REF))?.status, 'False');
  sever();
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  assert.equal(degraded(await w.find(Hazelcast, REF))?.reason, 'MembersApart');
});
