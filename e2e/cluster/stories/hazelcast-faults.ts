import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { conditionOf, systemClock, tcpNetwork } from '@binnacle/client';
import { Hazelcast } from '@binnacle/hazelcast';
import { alone } from '@binnacle/runtime';
import { members } from '../../../operators/hazelcast/src/protocol/members.ts';
import { eventually } from '../../eventually.ts';
import type { Story, World } from '../story.ts';
import { AT, NAME, addresses, allSay, hazelcast, health, pods, sized, uids } from './members.ts';
import { migrations } from './migrations.ts';
import { writer } from './writer.ts';

const never = new AbortController().signal;
/** How long a fault lasts; ms. Longer than the operator takes to look, shorter than members take to give one another up (60 s). */
const FAULT_MS = 25_000;

export const hazelcastFaults: readonly Story[] = [
  {
    name: 'a member whose process stands still is told in status, and is one of three again when it goes on: every entry is there',
    async run(world) {
      await sized(world, 3);
      const client = await writer(await addresses(world));
      await eventually('some entries are written', () => client.acknowledged > 200);
      const process = processOf(`${NAME}-2`);
      globalThis.process.kill(process, 'SIGSTOP');
      try {
        await degraded(world, /hz-2/);
      } finally {
        globalThis.process.kill(process, 'SIGCONT');
      }
      await sized(world, 3);
      return `${await client.stop()} entries`;
    },
  },
  {
    name: 'a node whose cable is pulled: status tells which members are not reached, and with the cable back they are one cluster, every entry there',
    async run(world) {
      const client = await writer(await addresses(world));
      await eventually('some entries are written', () => client.acknowledged > 200);
      const node = world.nodes[1]!;
      const there = await onNode(world, node.name);
      assert.ok(there.length > 0, 'no member is on that node');
      node.cable('down');
      try {
        // The operator's leader may be on that node: then the other replica first has to lead.
        await degraded(world, new RegExp(there.join('|')));
        await systemClock().sleep(1_000);
      } finally {
        node.cable('up');
      }
      await sized(world, 3);
      return `${await client.stop()} entries`;
    },
  },
  {
    name: 'a node that loses its power and has it again: its members come back and are one cluster with the others',
    async run(world) {
      const node = world.nodes[1]!;
      const there = await onNode(world, node.name);
      await node.cut();
      await degraded(world, new RegExp(there.join('|')));
      await world.powerOn(1);
      await sized(world, 3);
      assert.deepEqual(await onNode(world, node.name), there);
    },
  },
  {
    name: 'no member is restarted while the cluster is PASSIVE; status says what is waited for, and goes on when it is ACTIVE',
    async run(world) {
      const [ip] = await addresses(world);
      await using client = members({ network: tcpNetwork(), clock: systemClock() });
      client.secure(AT, { clusterName: 'dev' });
      // Members refuse it while partitions still move, as they do after the story before.
      await eventually('it is PASSIVE', async () => await client.changeState(AT, ip!, 'PASSIVE', alone(never)).then(() => true));
      const before = await uids(world);
      const changed = { properties: { 'hazelcast.slow.operation.detector.enabled': 'false' } };
      await world.apply(hazelcast(3, changed));
      await eventually('it says why it waits', async () => /PASSIVE/.test(JSON.stringify((await world.api.get(Hazelcast, AT)).status?.conditions)));
      await systemClock().sleep(FAULT_MS);
      assert.deepEqual(await uids(world), before);
      await client.changeState(AT, ip!, 'ACTIVE', alone(never));
      await sized(world, 3, changed);
      assert.equal((await uids(world)).filter((uid) => before.includes(uid)).length, 0);
    },
  },
  {
    name: 'members go one after another, each only while all are safe: a member is ready long before',
    async run(world) {
      const client = await writer(await addresses(world));
      await eventually('some entries are written', () => client.acknowledged > 500);
      const since = migrations(world);
      await sized(world, 3, { properties: { 'hazelcast.slow.operation.detector.threshold.millis': '9000' } });
      const { going, moves } = await since.stop();
      assert.deepEqual([going.length, going.filter(({ safe }) => !safe)], [3, []], JSON.stringify(going));
      return `${await client.stop()} entries, partitions moved ${moves} times`;
    },
  },
  {
    name: 'open-source members of another minor: refused with what would be lost, taken with an explicit yes',
    async run(world) {
      const wanted = hazelcast(3, { version: '5.7.0' });
      await assert.rejects(world.apply(wanted), /5\.5 and 5\.7 do not form one cluster.*binnacle\.dev\/upgrade-losing-data=5\.7\.0/s);
      await world.apply({ ...wanted, metadata: { ...AT, annotations: { 'binnacle.dev/upgrade-losing-data': '5.7.0' } } });
      await eventually(
        'three of the new version are one cluster',
        async () => {
          const { status } = await world.api.get(Hazelcast, AT);
          return status?.members?.length === 3 && status.members.every(({ version, ready }) => version === '5.7.0' && ready);
        },
        300_000,
      );
      await allSay(world, 3);
    },
  },
  {
    name: 'two of three members killed at once take entries with them: what these stories count is real',
    async run(world) {
      const client = await writer(await addresses(world));
      await eventually('some entries are written', () => client.acknowledged > 2_000);
      for (const name of [`${NAME}-1`, `${NAME}-2`]) globalThis.process.kill(processOf(name), 'SIGKILL');
      await assert.rejects(client.stop(), /entries are lost/);
      await eventually('three members are one cluster again', async () =>
        (await Promise.all((await addresses(world)).map(health))).every(({ clusterSize, clusterSafe }) => clusterSize === 3 && clusterSafe === true),
      );
    },
  },
];

/** Waits until the condition Degraded is True and names a pod. */
async function degraded(world: World, pod: RegExp): Promise<void> {
  await eventually(
    `Degraded names ${pod.source}`,
    async () => {
      const condition = conditionOf(await world.api.get(Hazelcast, AT), 'Degraded');
      if (condition?.status === 'True' && pod.test(condition.message ?? '')) return true;
      throw new Error(`${condition?.status}: ${condition?.message}`);
    },
    120_000,
  );
}

async function onNode(world: World, node: string): Promise<readonly string[]> {
  return (await pods(world)).filter(({ spec }) => spec?.nodeName === node).map(({ metadata }) => metadata.name);
}

/** The member's process, as the run sees it: the host name of a container is its pod's. */
function processOf(pod: string): number {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => textOf(`/proc/${pid}/cmdline`).includes('HazelcastMemberStarter') && textOf(`/proc/${pid}/environ`).split('\0').includes(`HOSTNAME=${pod}`));
  if (found === undefined) throw new Error(`no process of ${pod}`);
  return Number(found);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended, or is the kernel's
  }
}
