import assert from 'node:assert/strict';
import { isReady, systemClock } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { DorisInitializer } from '@binnacle/doris';
import { eventually } from '../../eventually.ts';
import { AT, NAME, NAMESPACE, backends, sized } from './nodes.ts';
import { SYSTEM } from './install.ts';
import type { Story, World } from '../story.ts';

/** Doris itself cannot be had here: the programs in these containers are our simulation of it, over real sockets, names, volumes and probes. */
export const dorisStories: readonly Story[] = [
  {
    name: 'Doris (simulated, in real containers): one front end and three back ends become Ready',
    async run(world) {
      await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      await sized(world, { be: 3 });
      assert.equal((await backends(world)).length, 3);
    },
  },
  {
    name: 'Doris: a fourth back end joins, then leaves again, first from Doris and then as a pod',
    async run(world) {
      await sized(world, { be: 4 });
      assert.equal((await backends(world)).filter((one) => one.alive).length, 4);
      await sized(world, { be: 3 });
      assert.deepEqual(
        (await backends(world)).map((one) => one.alive),
        [true, true, true],
      );
    },
  },
  {
    name: 'Doris: the initializer’s Job sets passwords and runs its script',
    async run(world) {
      const password = Buffer.from('it\'s \\ a "secret"').toString('base64');
      await world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: NAMESPACE, name: 'passwords' }, data: { root: password } });
      const spec = { cluster: NAME, rootPasswordFrom: { name: 'passwords', key: 'root' }, initSqlScript: 'CREATE DATABASE IF NOT EXISTS demo;' };
      await world.apply({ apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisInitializer', metadata: { namespace: NAMESPACE, name: NAME }, spec });
      await eventually('the initializer is Ready', async () => isReady(await world.api.get(DorisInitializer, AT)), 120_000);
    },
  },
  {
    name: 'Doris: an upgrade goes back ends first, one pod at a time, while the operator’s leader is killed again and again',
    async run(world) {
      const killing = new AbortController();
      const killed = killer(world, killing.signal);
      const order: string[] = [];
      const watched = watch(world, order, killing.signal);
      try {
        await sized(world, { be: 3, version: '2.0.4' });
      } finally {
        killing.abort();
      }
      const kills = await killed;
      await watched;
      assert.deepEqual(order, [`${NAME}-be-2`, `${NAME}-be-1`, `${NAME}-be-0`, `${NAME}-fe-0`]);
      return `${kills} kills`;
    },
  },
];

/** Kills the pod that leads, at moments nobody chose, until told to stop. Returns how often. */
async function killer(world: World, signal: AbortSignal): Promise<number> {
  const clock = systemClock();
  let kills = 0;
  while (!signal.aborted) {
    await clock.sleep(4_000 + clock.random() * 12_000, signal).catch(() => undefined);
    if (signal.aborted) break;
    const holder = await world.kubectl(['-n', SYSTEM, 'get', 'lease', 'doris-operator', '-o', 'jsonpath={.spec.holderIdentity}']);
    const pod = /^(doris-operator-[a-z0-9]+-[a-z0-9]+)/.exec(holder)?.[1];
    if (pod === undefined) continue;
    await world.kubectl(['-n', SYSTEM, 'delete', 'pod', pod, '--grace-period=0', '--force']).then(
      () => (kills += 1),
      () => undefined,
    );
  }
  return kills;
}

/** Notes in which order pods come back with another image. */
async function watch(world: World, order: string[], signal: AbortSignal): Promise<void> {
  const images = new Map<string, string>();
  const look = async () => {
    for (const pod of (await world.api.list(Pod, { namespace: NAMESPACE })).items) {
      const [name, image] = [pod.metadata.name, pod.spec?.containers[0]?.image ?? ''];
      if (images.has(name) && images.get(name) !== image) order.push(name);
      images.set(name, image);
    }
  };
  const clock = systemClock();
  while (!signal.aborted) {
    await look();
    await clock.sleep(200, signal).catch(() => undefined);
  }
  await look();
}
