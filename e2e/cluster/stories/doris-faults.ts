import assert from 'node:assert/strict';
import { isReady, systemClock } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { accountSecretName } from '../../../operators/doris/src/cluster/names.ts';
import { showFrontends } from '../../../operators/doris/src/sql/frontends.ts';
import { eventually } from '../../eventually.ts';
import type { Story, World } from '../story.ts';
import { AT, NAME, NAMESPACE, account, asked, backends, sized } from './nodes.ts';

/** As the stories before leave it. */
const SIZE = { fe: 3, be: 3, version: '2.0.4' };
const PASSWORD = 'new \'one\' \\ "two" -- three';

export const dorisFaults: readonly Story[] = [
  {
    name: 'Doris: three front ends; when the master is killed another one is elected, and it comes back as one of three',
    async run(world) {
      await sized(world, SIZE);
      const before = await master(world);
      await world.kubectl(['-n', NAMESPACE, 'delete', 'pod', before, '--grace-period=0', '--force']);
      await eventually('another one leads', async () => (await masterSeenBy(world, before)) !== before, 120_000);
      const nodes = async () => (await asked(world, await account(world), showFrontends)).map(({ alive, role }) => [alive, role]);
      const three = Array.from({ length: 3 }, () => [true, 'FOLLOWER']);
      await eventually('it is one of three again', async () => assert.deepEqual(await nodes(), three) === undefined, 180_000);
      await eventually('it is Ready again', async () => isReady(await world.api.get(DorisCluster, AT)), 180_000);
    },
  },
  {
    name: 'Doris: the delete of a front end that would cost the quorum is refused by the webhook, with the way out',
    async run(world) {
      const names = world.nodes.map(({ name }) => name);
      // What is deleted stays away.
      for (const name of names) await world.kubectl(['cordon', name]);
      try {
        await world.kubectl(['-n', NAMESPACE, 'delete', 'pod', `${NAME}-fe-2`, '--timeout=240s']);
        await eventually('the guard knows', async () => {
          const refused = await world.kubectl(['-n', NAMESPACE, 'delete', 'pod', `${NAME}-fe-1`, '--dry-run=server']).then(
            () => '',
            (error: unknown) => String(error),
          );
          return /only 1 of 3 front ends with a vote, and 2 are needed.*allow-disruption=true/s.test(refused);
        });
        await assert.rejects(world.kubectl(['-n', NAMESPACE, 'delete', 'pod', `${NAME}-fe-1`]), /guard\.binnacle\.dev" denied the request/);
      } finally {
        for (const name of names) await world.kubectl(['uncordon', name]);
      }
      await eventually('it is Ready again', async () => isReady(await world.api.get(DorisCluster, AT)), 180_000);
    },
  },
  {
    name: 'Doris: the drain of a node takes one pod of a component at a time, and waits while it cannot come back',
    async run(world) {
      const { name } = world.nodes[1]!;
      const there = (await podsOf(world)).filter(({ spec }) => spec?.nodeName === name).map(({ metadata }) => metadata.name);
      const watching = new AbortController();
      const most = watchAway(world, watching.signal);
      // Volumes are the node's own here: with more pods of a component than one, the second is never let go.
      const oneOfEach = count(there, 'fe') <= 1 && count(there, 'be') <= 1;
      const limit = `--timeout=${oneOfEach ? '240s' : '45s'}`;
      const drain = ['drain', name, '--ignore-daemonsets', '--delete-emptydir-data', `--pod-selector=app.kubernetes.io/instance=${NAME}`, limit];
      const ended = await world.kubectl(drain).then(
        () => 'drained',
        (error: unknown) => String(error),
      );
      await world.kubectl(['uncordon', name]);
      await eventually('it is Ready again', async () => isReady(await world.api.get(DorisCluster, AT)), 240_000);
      watching.abort();
      assert.deepEqual(await most, { fe: Math.min(1, count(there, 'fe')), be: Math.min(1, count(there, 'be')) });
      assert.equal(ended === 'drained', oneOfEach, ended);
      assert.equal((await backends(world)).filter(({ alive }) => alive).length, SIZE.be);
      return there.join(', ');
    },
  },
  {
    name: 'Doris: a new password in the Secret of the operator’s account is the one that Doris takes, and the old one no more',
    async run(world) {
      const old = await account(world);
      const data = { password: Buffer.from(PASSWORD).toString('base64') };
      await world.kubectl(['-n', NAMESPACE, 'patch', 'secret', accountSecretName(NAME), '--type=merge', '-p', JSON.stringify({ data })]);
      await eventually('the new one is taken', async () => (await asked(world, { ...old, password: PASSWORD }, showFrontends)).length === SIZE.fe);
      await assert.rejects(asked(world, old, showFrontends));
      await eventually('it is Ready', async () => isReady(await world.api.get(DorisCluster, AT)));
    },
  },
];

const podsOf = async ({ api }: World) => (await api.list(Pod, { namespace: NAMESPACE, labelSelector: `app.kubernetes.io/instance=${NAME}` })).items;
const count = (names: readonly string[], component: string): number => names.filter((name) => name.startsWith(`${NAME}-${component}-`)).length;

async function master(world: World): Promise<string> {
  const found = (await asked(world, await account(world), showFrontends)).find((one) => one.master);
  return found?.host.split('.')[0] ?? '';
}

/** The master as a front end says that is not the one with this name. */
async function masterSeenBy(world: World, not: string): Promise<string> {
  const others = (await podsOf(world)).map(({ metadata }) => metadata.name).filter((name) => name.startsWith(`${NAME}-fe-`) && name !== not);
  const found = (await asked(world, await account(world), showFrontends, others[0])).find((one) => one.master && one.alive);
  if (found === undefined) throw new Error('there is none');
  return found.host.split('.')[0] ?? '';
}

/** The most pods of a component that were away at once. */
async function watchAway(world: World, signal: AbortSignal): Promise<{ readonly fe: number; readonly be: number }> {
  const clock = systemClock();
  const most = { fe: 0, be: 0 };
  while (!signal.aborted) {
    const ready = (await podsOf(world)).filter((pod) => isReady(pod)).map(({ metadata }) => metadata.name);
    most.fe = Math.max(most.fe, SIZE.fe - count(ready, 'fe'));
    most.be = Math.max(most.be, SIZE.be - count(ready, 'be'));
    await clock.sleep(200, signal).catch(() => undefined);
  }
  return most;
}
