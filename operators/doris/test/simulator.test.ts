import { alone } from '@binnacle/runtime';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { showBackends } from '../src/sql/backends.ts';
import { showBrokers } from '../src/sql/brokers.ts';
import { DorisError } from '../src/sql/error.ts';
import { frontEnd } from '../src/sql/front-end.ts';
import type { FrontEnd } from '../src/sql/front-end.ts';
import { showFrontends } from '../src/sql/frontends.ts';
import { hostPort } from '../src/sql/host-port.ts';
import { withMaster } from '../src/sql/master.ts';
import { highestReplication } from '../src/sql/replication.ts';
import * as sql from '../src/sql/statements.ts';
import type { Statement } from '../src/sql/statements.ts';
import { dorisImages } from '../src/simulator/index.ts';
import { story } from './small-world.ts';
import type { Running, SmallWorld } from './small-world.ts';

const signal = new AbortController().signal;
const SERVICE = 'basic-fe.default.svc.cluster.local';
const account = { user: 'k8sopr', password: 'p(w)=1' };
const env = { FE_SVC: 'basic-fe', ACC_USER: account.user, ACC_PWD: account.password };
/** Statements that only people send. */
const byHand = (text: string): Statement => text as Statement;

const started = (world: SmallWorld, component: string, ordinal: number): Running => {
  const image = `ghcr.io/linsoss/doris-${component}:2.0.3`;
  const program = dorisImages.find((one) => one.image.test(image))!.program;
  return world.start({ name: `basic-${component}-${ordinal}`, peers: `basic-${component}-peer`, image, program, env });
};

/** Asks until the answer is the one wanted; a test that never gets it fails by its own time limit. */
async function until<T>(world: SmallWorld, ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      if (error instanceof DorisError && (error.code === 'unreachable' || error.code === 'lost')) return undefined;
      throw error;
    });
    if (answer !== undefined && right(answer)) return answer;
    await world.clock.sleep(500);
  }
}

async function frontends(world: SmallWorld, count: number): Promise<Running[]> {
  const running = [started(world, 'fe', 0)];
  world.services.set(
    SERVICE,
    running.map((one) => one.host),
  );
  const root = { host: SERVICE, port: 9030, account: { user: 'root', password: '' } };
  await until(
    world,
    () =>
      withMaster(world, root, alone(signal), async ({ fe }) => {
        for (const each of [sql.createUser(account.user, account.password), sql.grantNodeAndAdmin(account.user)]) await fe.query(each, signal);
        return true;
      }),
    () => true,
  );
  for (let ordinal = 1; ordinal < count; ordinal += 1) {
    const next = started(world, 'fe', ordinal);
    running.push(next);
    await master(world, (fe) => fe.query(sql.addFollower(hostPort(next.host, 9010)), signal));
    await until(
      world,
      () => master(world, (fe) => showFrontends(fe, signal)),
      (all) => all.filter((one) => one.alive).length === ordinal + 1,
    );
    world.services.set(
      SERVICE,
      running.map((one) => one.host),
    );
  }
  return running;
}

const master = <T>(world: SmallWorld, use: (fe: FrontEnd) => Promise<T>): Promise<T> =>
  withMaster(world, { host: SERVICE, port: 9030, account }, alone(signal), ({ fe }) => use(fe));

async function backends(world: SmallWorld, count: number): Promise<Running[]> {
  const running = Array.from({ length: count }, (_, ordinal) => started(world, 'be', ordinal));
  await master(world, async (fe) => {
    for (const one of running) await fe.query(sql.addBackend(hostPort(one.host, 9050)), signal);
  });
  await until(
    world,
    () => master(world, (fe) => showBackends(fe, signal)),
    (all) => all.filter((one) => one.alive).length === count,
  );
  return running;
}

test(
  'a front end alone is a cluster; root makes the account, and the account sees members',
  story(async (world) => {
    await frontends(world, 1);
    const [one] = await master(world, (fe) => showFrontends(fe, signal));
    assert.deepEqual(
      { role: one?.role, master: one?.master, alive: one?.alive, version: one?.version },
      { role: 'FOLLOWER', master: true, alive: true, version: 'doris-2.0.3' },
    );
    await assert.rejects(frontEnd(world, { host: SERVICE, port: 9030, account: { ...account, password: 'x' } }, alone(signal)), /Access denied/);
  }),
);

test(
  'a front end that nobody added waits, and joins when it is added',
  story(async (world) => {
    await frontends(world, 1);
    const second = started(world, 'fe', 1);
    await until(
      world,
      async () => await Promise.resolve(world.logs),
      (logs) => logs.some((line) => line.includes('waiting to be added')),
    );
    assert.equal((await master(world, (fe) => showFrontends(fe, signal))).length, 1);
    await master(world, (fe) => fe.query(sql.addFollower(hostPort(second.host, 9010)), signal));
    await until(
      world,
      () => master(world, (fe) => showFrontends(fe, signal)),
      (all) => all.length === 2 && all.every((one) => one.alive),
    );
  }),
);

test(
  'when the master dies another one leads, and nothing is forgotten',
  story(async (world) => {
    const running = await frontends(world, 3);
    await master(world, (fe) => fe.query(byHand('CREATE DATABASE demo'), signal));
    const before = (await master(world, (fe) => showFrontends(fe, signal))).find((one) => one.master)!;
    const dead = running.find((one) => one.host === before.host)!;
    await dead.stop();
    const after = await until(
      world,
      () => master(world, (fe) => showFrontends(fe, signal)),
      (all) => all.some((one) => one.master && one.host !== dead.host),
    );
    assert.equal(after.length, 3);
    const databases = await master(world, (fe) => fe.query(byHand('SHOW DATABASES'), signal));
    assert.ok(databases.some((row) => row['Database'] === 'demo'));
  }),
);

test(
  'without a majority nothing is changed',
  story(async (world) => {
    const running = await frontends(world, 3);
    const leader = (await master(world, (fe) => showFrontends(fe, signal))).find((one) => one.master)!;
    for (const one of running) if (one.host !== leader.host) await one.stop();
    await using fe = await frontEnd(world, { host: leader.host, port: 9030, account }, alone(signal));
    await until(
      world,
      () => showFrontends(fe, signal),
      (all) => all.filter((one) => one.alive).length === 1,
    );
    await assert.rejects(fe.query(sql.addBackend(hostPort('be-0.x', 9050)), signal), /no majority/);
    assert.equal((await showBackends(fe, signal)).length, 0);
  }),
);

test(
  'a front end that was dropped does not come back with its old metadata',
  story(async (world) => {
    const running = await frontends(world, 2);
    const last = running[1]!;
    await master(world, (fe) => fe.query(sql.dropFollower(hostPort(last.host, 9010)), signal));
    assert.equal(await last.exited, 1);
    const again = started(world, 'fe', 1);
    assert.equal(await again.exited, 1);
  }),
);

test(
  'decommissioning moves every replica, then the node is gone; the data is where it was copied to',
  story(async (world) => {
    await frontends(world, 1);
    const [, , last] = await backends(world, 3);
    await master(world, async (fe) => {
      await fe.query(byHand('CREATE DATABASE demo'), signal);
      await fe.query(byHand("CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 6 PROPERTIES ('replication_num' = '2')"), signal);
      assert.equal(await highestReplication(fe, signal), 2);
      await fe.query(sql.decommissionBackend(hostPort(last!.host, 9050)), signal);
    });
    const left = await until(
      world,
      () => master(world, (fe) => showBackends(fe, signal)),
      (all) => all.length === 2,
    );
    assert.equal(
      left.reduce((sum, one) => sum + one.tablets, 0),
      12,
    );
  }),
);

test(
  'a decommission that has nowhere to go waits for ever; cancelled, the node stays',
  story(async (world) => {
    await frontends(world, 1);
    const [first] = await backends(world, 2);
    const address = hostPort(first!.host, 9050);
    await master(world, async (fe) => {
      await fe.query(byHand('CREATE DATABASE demo'), signal);
      await fe.query(byHand("CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 3 PROPERTIES ('replication_num' = '2')"), signal);
      await fe.query(sql.decommissionBackend(address), signal);
    });
    await world.clock.sleep(20_000);
    const stuck = (await master(world, (fe) => showBackends(fe, signal))).find((one) => one.address === address)!;
    assert.deepEqual({ decommissioned: stuck.decommissioned, tablets: stuck.tablets }, { decommissioned: true, tablets: 3 });
    await master(world, (fe) => fe.query(sql.cancelDecommission(address), signal));
    assert.ok((await master(world, (fe) => showBackends(fe, signal))).every((one) => !one.decommissioned));
  }),
);

test(
  'DROP BACKEND is refused, DROPP is not; a dead back end is seen dead, and a broker alive',
  story(async (world) => {
    await frontends(world, 1);
    const [first, second] = await backends(world, 2);
    await master(world, async (fe) => {
      await assert.rejects(fe.query(byHand(`ALTER SYSTEM DROP BACKEND "${first!.host}:9050"`), signal), /NOT RECOMMENDED/);
      await fe.query(sql.dropBackend(hostPort(first!.host, 9050)), signal);
    });
    await second!.stop();
    await until(
      world,
      () => master(world, (fe) => showBackends(fe, signal)),
      (all) => all.length === 1 && !all[0]!.alive,
    );
    const broker = started(world, 'broker', 0);
    await master(world, (fe) => fe.query(sql.addBroker('basic_broker_0', hostPort(broker.host, 8000)), signal));
    await until(
      world,
      () => master(world, (fe) => showBrokers(fe, signal)),
      (all) => all[0]?.alive === true,
    );
  }),
);
