import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { alone } from '@binnacle/runtime';
import { connectMember } from '../../operators/hazelcast/src/protocol/connection.ts';
import type { ExecutorConfig } from '../../operators/hazelcast/src/protocol/dynamic-config.ts';
import { MemberError } from '../../operators/hazelcast/src/protocol/error.ts';
import type { MemberErrorCode } from '../../operators/hazelcast/src/protocol/error.ts';
import { members } from '../../operators/hazelcast/src/protocol/members.ts';
import type { Members } from '../../operators/hazelcast/src/protocol/members.ts';
import { TYPES } from '../../operators/hazelcast/src/protocol/messages.ts';
import { rest } from '../../operators/hazelcast/src/protocol/rest.ts';
import type { Machine, RunningMember } from './target.ts';

const KEY = { namespace: 'default', name: 'hazelcast' };
const CLUSTER_NAME = 'dev';
const OTHER = { ...KEY, name: 'other' };
const REST_PORT = 8081;
const CLIENT_PORT = 5701;
const never = new AbortController().signal;

const EXECUTORS: readonly ExecutorConfig[] = [
  { type: 'executor', name: 'one', poolSize: 7, queueCapacity: 11, userCodeNamespace: undefined },
  { type: 'durable', name: 'two', poolSize: 5, durability: 2, capacity: 13, userCodeNamespace: undefined },
  { type: 'scheduled', name: 'three', poolSize: 3, durability: 2, capacity: 17, userCodeNamespace: undefined },
];

/** What an open-source member says to a section that needs a licence. Source: spec/hazelcast-members.md §4. */
const LICENSED: readonly { readonly spec: object; readonly says: string }[] = [
  {
    spec: { persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } } },
    says: 'Hot Restart requires Hazelcast Enterprise Edition',
  },
  { spec: { jet: { enabled: true, instance: { losslessRestartEnabled: true } } }, says: 'Lossless Restart requires Hazelcast Enterprise Edition' },
  { spec: { sql: { catalogPersistenceEnabled: true } }, says: 'SQL Catalog Persistence requires Hazelcast Enterprise Edition' },
];

/**
 * What the operator relies on: every message and page that it sends, answered, and what it did read back on each member. The same on real members and on the
 * simulated ones, so that the operator's stories on simulated members are worth something.
 */
export function contract(name: string, version: string, machine: () => Machine): void {
  describe(name, () => {
    let on: Machine;
    let client: Members;
    let both: readonly RunningMember[] = [];
    const each = async <T>(ask: (ip: string) => Promise<T>): Promise<readonly T[]> => await Promise.all(both.map(({ ip }) => ask(ip)));
    const states = () => each((ip) => client.state(KEY, ip, never));
    const healths = () => each((ip) => client.health(ip, never));
    const settled = () => on.until('two members are one safe cluster', async () => (await healths()).every((one) => one.clusterSafe && one.clusterSize === 2));

    before(async () => {
      on = machine();
      client = members(on.doors);
      client.secure(KEY, { clusterName: CLUSTER_NAME });
      both = [on.start(1), on.start(2)];
      await settled();
    });
    after(async () => {
      await client[Symbol.asyncDispose]();
      await on[Symbol.asyncDispose]();
    });

    test('each says its version and state, both name the same two members, and one of them is the master', async () => {
      const all = await states();
      assert.deepEqual(
        all.map(({ version: says, nodeState, clusterState, lite }) => ({ says, nodeState, clusterState, lite })),
        Array.from({ length: 2 }, () => ({ says: version, nodeState: 'ACTIVE', clusterState: 'ACTIVE', lite: false })),
      );
      const wanted = both.map(({ ip }) => `${ip}:5702`);
      for (const one of all) assert.deepEqual(one.members.toSorted(), wanted);
      assert.equal(all.filter(({ master }) => master).length, 1);
      assert.equal(new Set(all.map(({ uuid }) => uuid)).size, 2);
    });

    test('the health page and its parts say the same', async () => {
      for (const { ip } of both) {
        const page = (path: string) =>
          rest(on.doors, { host: ip, port: REST_PORT }, { method: 'GET', path: `/hazelcast/health${path}`, body: '' }, alone(never));
        const { nodeState, clusterState, clusterSafe, migrationQueueSize, clusterSize } = await client.health(ip, never);
        assert.deepEqual(
          { nodeState, clusterState, clusterSafe, migrationQueueSize, clusterSize },
          { nodeState: 'ACTIVE', clusterState: 'ACTIVE', clusterSafe: true, migrationQueueSize: 0, clusterSize: 2 },
        );
        assert.deepEqual(
          [await page('/node-state'), await page('/cluster-state'), await page('/migration-queue-size'), await page('/cluster-size')],
          ['"ACTIVE"', '"ACTIVE"', '0', '2'],
        );
        assert.deepEqual([await page('/ready'), await page('/cluster-safe')], ['', '']);
        await assert.rejects(page('/else'), { name: 'MemberError', code: 'lost' });
      }
    });

    test('a client with another cluster name is not let in', async () => {
      await assert.rejects(client.state(OTHER, both[0]!.ip, never), refusedWith('unreachable'));
      client.secure(OTHER, { clusterName: 'other' });
      await assert.rejects(client.state(OTHER, both[0]!.ip, never), refusedWith('denied'));
    });

    test('a message that no member knows is refused, and the connection goes on', async () => {
      using connection = await connectMember(on.doors, { host: both[0]!.ip, port: CLIENT_PORT }, CLUSTER_NAME, never);
      await assert.rejects(connection.invoke({ type: 0x7f0100 }, never), /Unrecognized client message/);
      await connection.invoke({ type: TYPES.ping }, never);
      assert.equal(connection.login.enterprise, false);
      assert.equal(connection.login.partitionCount, 271);
    });

    test('the state of the cluster changes through one member and is read back on both; the state it is in already is no error', async () => {
      for (const state of ['NO_MIGRATION', 'FROZEN', 'PASSIVE', 'PASSIVE', 'ACTIVE'] as const) {
        await client.changeState(KEY, both[0]!.ip, state, alone(never));
        const node = state === 'PASSIVE' ? 'PASSIVE' : 'ACTIVE';
        assert.deepEqual(
          (await healths()).map(({ nodeState, clusterState }) => [nodeState, clusterState]),
          [
            [node, state],
            [node, state],
          ],
        );
        await on.until('it is in what they say of themselves', async () => (await states()).every(({ clusterState }) => clusterState === state));
      }
    });

    test('what a member says of itself may be a second old, its health page is new', async () => {
      await on.until('nobody has asked for a second', async () => {
        const before = await states();
        await client.changeState(KEY, both[0]!.ip, 'FROZEN', alone(never));
        const [told, health] = [await states(), await healths()];
        await client.changeState(KEY, both[0]!.ip, 'ACTIVE', alone(never));
        assert.deepEqual(
          health.map(({ clusterState }) => clusterState),
          ['FROZEN', 'FROZEN'],
        );
        return before.every(({ clusterState }) => clusterState === 'ACTIVE') && told.every(({ clusterState }) => clusterState === 'ACTIVE');
      });
    });

    test('nobody joins a passive cluster, and once it is active again everybody may', async () => {
      await client.changeState(KEY, both[1]!.ip, 'PASSIVE', alone(never));
      const third = on.start(3);
      assert.equal(await on.ended(third), 1, third.log().slice(-2_000));
      assert.match(third.log(), /Node could not join cluster\. Before join check failed/);
      await client.changeState(KEY, both[1]!.ip, 'ACTIVE', alone(never));
      const again = on.start(3);
      await on.until('three members', async () => (await client.health(again.ip, never)).clusterSize === 3);
      await on.until('three safe members', async () => (await healths()).every((one) => one.clusterSafe && one.clusterSize === 3));
      again.stop();
      assert.equal(await on.ended(again), 143);
      await settled();
    });

    test('executors that one member is given are there on both; the same once more is no error, another of that name is refused', async () => {
      for (const executor of EXECUTORS) {
        await client.addExecutor(KEY, both[0]!.ip, executor, alone(never));
        await client.addExecutor(KEY, both[1]!.ip, executor, alone(never));
        await assert.rejects(client.addExecutor(KEY, both[1]!.ip, { ...executor, poolSize: 99 }, alone(never)), refusedWith('refused'));
      }
      const sections = { executor: 'executor-service', durable: 'durable-executor-service', scheduled: 'scheduled-executor-service' } as const;
      for (const xml of await each((ip) => configOf(on, ip))) {
        for (const { type, name: executor, poolSize } of EXECUTORS) {
          const found = new RegExp(`<${sections[type]} name="${executor}">(.*?)</${sections[type]}>`, 's').exec(xml)?.[1] ?? '';
          assert.match(found, new RegExp(`<pool-size>${poolSize}</pool-size>`), executor);
        }
      }
    });

    test('a backup is taken by nobody: open-source members say yes to it and to its end, and then that there is none', async () => {
      await client.backup(KEY, both[0]!.ip, 'trigger', alone(never));
      assert.deepEqual(
        (await states()).map(({ backupTask }) => backupTask),
        ['NO_TASK', 'NO_TASK'],
      );
      await client.backup(KEY, both[0]!.ip, 'interrupt', alone(never));
    });

    test('a member that runs has nothing to force', async () => {
      for (const action of ['ForceStart', 'PartialStart'] as const) assert.equal(await client.startup(KEY, both[0]!.ip, action, alone(never)), false);
      client.secure(OTHER, { clusterName: 'other' });
      await assert.rejects(client.startup(OTHER, both[0]!.ip, 'ForceStart', alone(never)), refusedWith('lost'));
    });

    test('where nobody listens there is no member', async () => {
      await assert.rejects(client.health('10.88.0.99', AbortSignal.timeout(2_000)), (error) => error instanceof Error);
      const gone = on.start(4);
      await on.until('three members', async () => (await client.state(KEY, gone.ip, never)).members.length === 3);
      gone.stop();
      await on.ended(gone);
      await assert.rejects(client.state(KEY, gone.ip, never), refusedWith('unreachable'));
      await assert.rejects(client.health(gone.ip, never), refusedWith('unreachable'));
      await settled();
    });

    for (const { spec, says } of LICENSED) {
      test(`a configuration that needs a licence does not start: ${says}`, async () => {
        const alone = on.start(9, { spec: { ...spec, clusterName: 'licensed' } });
        assert.equal(await on.ended(alone), 1);
        assert.match(alone.log(), new RegExp(says));
      });
    }
  });
}

const refusedWith = (code: MemberErrorCode) => (error: unknown) => {
  assert.ok(error instanceof MemberError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

/** A member's configuration in XML, with what it was given while it ran. */
async function configOf(on: Machine, ip: string): Promise<string> {
  using connection = await connectMember(on.doors, { host: ip, port: CLIENT_PORT }, CLUSTER_NAME, never);
  return (await connection.invoke({ type: TYPES.getMemberConfig }, never)).text() ?? '';
}
