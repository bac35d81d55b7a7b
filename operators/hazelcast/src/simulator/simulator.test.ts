import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@binnacle/testing';
import { alone } from '@binnacle/runtime';
import fc from 'fast-check';
import { cluster } from '../../test/cluster.ts';
import { pods } from '../../test/network.ts';
import { emit } from '../hazelcast/config/emit.ts';
import { memberConfig } from '../hazelcast/config/member.ts';
import { MemberError } from '../protocol/error.ts';
import { members } from '../protocol/members.ts';
import { PARTITIONS, distribute, holds, isSafe, migrate, promote } from './partitions.ts';
import { fleet } from './fleet.ts';
import { member } from './member.ts';

const KEY = { namespace: 'default', name: 'hazelcast' };
const ENTRY = { clusterName: 'dev' };
const files = { '/data/hazelcast/hazelcast.yaml': emit({ hazelcast: memberConfig(cluster()) }) };
const never = new AbortController().signal;

function world() {
  const clock = virtualClock();
  const net = pods(clock);
  const program = member(fleet());
  const client = members({ network: net.network, clock });
  client.secure(KEY, ENTRY);
  const start = (last: number, options = '') => net.run(program, { ip: `10.0.0.${last}`, files, env: { JAVA_OPTS: options } });
  const sizes = async (...last: number[]) =>
    (await Promise.all(last.map((one) => client.state(KEY, `10.0.0.${one}`, never)))).map((state) => state.members.length);
  const safe = async (...last: number[]) => {
    const healths = await Promise.all(last.map((one) => client.health(`10.0.0.${one}`, never)));
    return healths.every((health) => health.clusterSafe && health.migrationQueueSize === 0 && health.clusterSize === last.length);
  };
  return { clock, client, start, sizes, safe };
}

test('three members that start together become one cluster with one master and all partitions', async () => {
  const { clock, client, start, sizes } = world();
  await using _client = client;
  const running = [start(11), start(12), start(13)];
  await clock.advance(10_000);
  assert.deepEqual(await sizes(11, 12, 13), [3, 3, 3]);
  const states = await Promise.all([11, 12, 13].map((one) => client.state(KEY, `10.0.0.${one}`, never)));
  assert.equal(states.filter(({ master }) => master).length, 1);
  assert.equal(
    states.reduce((sum, { ownedPartitions }) => sum + ownedPartitions, 0),
    PARTITIONS,
  );
  assert.deepEqual([states[0]?.version, states[0]?.nodeState, states[0]?.clusterState], ['5.5.0', 'ACTIVE', 'ACTIVE']);
  assert.ok(running[0]?.log.some((line) => line.endsWith('is STARTED')));
  for (const one of running) one.stop();
  await clock.advance(1_000);
  assert.deepEqual(await Promise.all(running.map(({ code }) => code)), [143, 143, 143]);
});

test('a member that leaves is missed at once, and its partitions have copies again only later', async () => {
  const { clock, client, start, safe } = world();
  await using _client = client;
  const [one, two, three] = [start(11), start(12), start(13)];
  await clock.advance(10_000);
  assert.ok(await safe(11, 12, 13));
  three.stop();
  await clock.advance(350);
  const soon = await client.health('10.0.0.11', never);
  assert.deepEqual([soon.clusterSize, soon.clusterSafe], [2, false]);
  await clock.advance(5_000);
  assert.ok(await safe(11, 12));
  assert.ok(![...one.log, ...two.log].some((line) => line.includes('are lost')));
});

test('two members that leave together take partitions with them', async () => {
  const { clock, client, start } = world();
  await using _client = client;
  const [one, two, three] = [start(11), start(12), start(13)];
  await clock.advance(10_000);
  two.stop();
  three.stop();
  await clock.advance(1_000);
  assert.ok(one.log.some((line) => line.includes('are lost')));
});

test('members that hand over before they go lose nothing when two of three are told to go at once, or all', async () => {
  const { clock, client, start, safe } = world();
  await using _client = client;
  const graceful = '-Dhazelcast.shutdownhook.policy=GRACEFUL';
  const [one, two, three] = [start(11, graceful), start(12, graceful), start(13, graceful)];
  await clock.advance(10_000);
  two.stop();
  three.stop();
  await clock.advance(10_000);
  assert.deepEqual(await Promise.all([two.code, three.code]), [143, 143]);
  assert.ok(await safe(11));
  const back = [start(12, graceful), start(13, graceful)];
  await clock.advance(20_000);
  assert.ok(await safe(11, 12, 13));
  for (const member of [one, ...back]) member.stop();
  await clock.advance(5_000);
  assert.deepEqual(await Promise.all([one, ...back].map(({ code }) => code)), [143, 143, 143]);
  assert.ok(![...one.log, ...two.log, ...three.log].some((line) => line.includes('are lost')));
});

test('an unknown cluster name, a wrong port and a member that is not there each say what they are', async () => {
  const { clock, client, start } = world();
  await using _client = client;
  start(11);
  await clock.advance(10_000);
  const code = (wanted: string) => (error: unknown) => error instanceof MemberError && error.code === wanted;
  client.secure({ ...KEY, name: 'other' }, { clusterName: 'prod' });
  await assert.rejects(client.state({ ...KEY, name: 'other' }, '10.0.0.11', never), code('denied'));
  await assert.rejects(client.state(KEY, '10.0.0.99', never), code('unreachable'));
  await assert.rejects(client.health('10.0.0.99', never), code('unreachable'));
});

test('who leads no more is told how members are, and tells them nothing', async () => {
  const { clock, client, start } = world();
  await using _client = client;
  start(11);
  await clock.advance(10_000);
  const mustLead = (): void => {
    throw new DOMException('not the leader', 'AbortError');
  };
  const over = { signal: never, mustLead };
  const refused = { name: 'AbortError' };
  await assert.rejects(client.changeState(KEY, '10.0.0.11', 'PASSIVE', over), refused);
  await assert.rejects(client.backup(KEY, '10.0.0.11', 'trigger', over), refused);
  await clock.advance(100);
  assert.equal((await client.state(KEY, '10.0.0.11', never)).clusterState, 'ACTIVE');
});

test('the state of the cluster changes for all members, and nobody joins while it is PASSIVE', async () => {
  const { clock, client, start } = world();
  await using _client = client;
  start(11);
  start(12);
  await clock.advance(10_000);
  await client.changeState(KEY, '10.0.0.12', 'PASSIVE', alone(never));
  await clock.advance(100);
  assert.equal((await client.state(KEY, '10.0.0.11', never)).clusterState, 'PASSIVE');
  const late = start(13);
  await clock.advance(5_000);
  assert.equal(await late.code, 1);
  await client.changeState(KEY, '10.0.0.11', 'ACTIVE', alone(never));
  start(13);
  await clock.advance(10_000);
  assert.equal((await client.state(KEY, '10.0.0.11', never)).members.length, 3);
});

test('a connection is kept between calls, and one whose member went away is made anew', async () => {
  const { clock, client, start } = world();
  await using _client = client;
  const first = start(11);
  await clock.advance(10_000);
  const { uuid } = await client.state(KEY, '10.0.0.11', never);
  await clock.advance(600_000);
  assert.equal((await client.state(KEY, '10.0.0.11', never)).uuid, uuid);
  first.stop();
  await clock.advance(1_000);
  await assert.rejects(client.state(KEY, '10.0.0.11', never), MemberError);
  start(11);
  await clock.advance(10_000);
  assert.notEqual((await client.state(KEY, '10.0.0.11', never)).uuid, uuid);
});

test('an open-source member does not start with what needs Enterprise, and says so', async () => {
  const clock = virtualClock();
  const yaml = emit({ hazelcast: memberConfig(cluster({ licenseKeySecretName: 'l', persistence: { pvc: { accessModes: ['ReadWriteOnce'] } } })) });
  const run = pods(clock).run(member(fleet()), { ip: '10.0.0.11', files: { '/data/hazelcast/hazelcast.yaml': yaml } });
  assert.equal(await run.code, 1);
  assert.deepEqual(run.log, ['ERROR Hot Restart requires Hazelcast Enterprise Edition']);
});

test('however members come and leave, one at a time or several that hand over together, no partition is lost', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 1 }), { maxLength: 12 }), (changes) => {
      let next = 3;
      let alive = ['m0', 'm1', 'm2'];
      let table = distribute(alive);
      const settle = (staying: readonly string[]) => {
        for (let step = 0; table.pending > 0; step++) {
          assert.ok(step < 100, 'migration does not end');
          table = migrate(table, staying, 30);
        }
      };
      for (const change of changes) {
        if (change > 0) alive = [...alive, `m${next++}`];
        const staying = change < -1 ? alive.slice(-change) : alive;
        if (staying.length === 0) continue;
        const leaving = promote(table, alive, staying);
        assert.deepEqual(leaving.lost, []);
        table = leaving.table;
        settle(staying);
        assert.ok(alive.every((one) => staying.includes(one) || !holds(table, one)));
        alive = change === -1 && alive.length > 1 ? alive.slice(1) : [...staying];
        const { table: after, lost } = promote(table, alive);
        assert.deepEqual(lost, []);
        table = after;
        settle(alive);
        assert.ok(isSafe(table, alive));
        assert.ok(table.owners.every((owner, id) => owner !== table.copies[id]));
      }
    }),
  ));
