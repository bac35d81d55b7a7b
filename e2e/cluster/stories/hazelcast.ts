import assert from 'node:assert/strict';
import { Pod, StatefulSet } from '@binnacle/client/kinds';
import { Hazelcast } from '@binnacle/hazelcast';
import { eventually } from '../../eventually.ts';
import type { Story } from '../story.ts';
import { AT, NAME, NAMESPACE, addresses, hazelcast, pods, sized, uids } from './members.ts';
import { writer } from './writer.ts';

/** What the members run with from the change of configuration on, until they are paused. */
const CHANGED = { properties: { 'hazelcast.slow.operation.detector.enabled': 'false' } };

export const hazelcastStories: readonly Story[] = [
  {
    name: 'Hazelcast 5.5.0: three members become Ready under restricted, and each of them says three',
    async run(world) {
      await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });
      await sized(world, 3);
      const { status } = await world.api.get(Hazelcast, AT);
      assert.equal(status?.phase, 'Running');
      assert.deepEqual(
        status?.members?.map(({ connected, ready, version }) => ({ connected, ready, version })),
        Array.from({ length: 3 }, () => ({ connected: true, ready: true, version: '5.5.0' })),
      );
    },
  },
  {
    name: 'two of three members that are told to go at once hand over what they hold: every entry is there',
    async run(world) {
      const before = await uids(world);
      const client = await writer(await addresses(world));
      await eventually('some entries are written', () => client.acknowledged > 500);
      await world.kubectl(['-n', NAMESPACE, 'delete', 'pod', `${NAME}-1`, `${NAME}-2`, '--wait=false']);
      await eventually('both are new', async () => (await uids(world)).filter((uid) => !before.includes(uid)).length === 2, 120_000);
      await sized(world, 3);
      return `${await client.stop()} entries`;
    },
  },
  {
    name: 'Hazelcast grows from three members to four and shrinks to two while a client writes: every entry is there',
    async run(world) {
      const client = await writer(await addresses(world));
      await sized(world, 4);
      await sized(world, 2);
      return `${await client.stop()} entries`;
    },
  },
  {
    name: 'a change of configuration restarts the members one by one, not before all is safe: a client that writes all the time loses nothing',
    async run(world) {
      const before = await uids(world);
      const client = await writer(await addresses(world));
      await sized(world, 2, CHANGED);
      const after = await uids(world);
      assert.ok(
        before.every((uid) => !after.includes(uid)),
        'every pod is a new one',
      );
      return `${await client.stop()} entries`;
    },
  },
  {
    name: 'a member killed with SIGKILL comes back, with one backup nothing is lost, and nobody touches the other one',
    async run(world) {
      const before = await uids(world);
      const client = await writer(await addresses(world));
      await eventually('some entries are written', () => client.acknowledged > 500);
      await world.kubectl(['-n', NAMESPACE, 'delete', 'pod', `${NAME}-1`, '--grace-period=0', '--force']);
      await eventually('it is noticed', async () => (await world.api.get(Pod, { namespace: NAMESPACE, name: `${NAME}-1` })).status?.phase === 'Running');
      await sized(world, 2, CHANGED);
      assert.equal((await uids(world)).filter((uid) => before.includes(uid)).length, 1);
      return `${await client.stop()} entries`;
    },
  },
  {
    name: 'a paused cluster has no pods and says so, and starts again',
    async run(world) {
      await world.apply(hazelcast(0));
      await eventually('no pods are left', async () => (await pods(world)).length === 0, 120_000);
      await eventually('it says that it is paused', async () => (await world.api.get(Hazelcast, AT)).status?.phase === 'Paused');
      await sized(world, 2);
    },
  },
];

/** Told when no other story needs the members. */
export const hazelcastEnd: readonly Story[] = [
  {
    name: 'members deleted with their cluster leave nothing behind',
    async run(world) {
      await world.kubectl(['-n', NAMESPACE, 'delete', 'hazelcast', NAME, '--timeout=240s']);
      await eventually('pods and StatefulSet are gone', async () => {
        const sets = await world.api.list(StatefulSet, { namespace: NAMESPACE });
        return sets.items.length === 0 && (await pods(world)).length === 0;
      });
    },
  },
];
