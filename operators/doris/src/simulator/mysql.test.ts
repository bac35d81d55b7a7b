import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplexPair } from 'node:stream';
import type { Network } from '@binnacle/client';
import { virtualClock } from '@binnacle/testing';
import { alone } from '@binnacle/runtime';
import { DorisError } from '../sql/error.ts';
import { frontEnd } from '../sql/front-end.ts';
import { hostPort } from '../sql/host-port.ts';
import { SHOW_BACKENDS, SHOW_FRONTENDS, alterUser, cancelDecommission, decommissionBackend, dropBackend, setFrontendConfig } from '../sql/statements.ts';
import { ok, refusal, rows } from './answer.ts';
import { passwordHash, serveMysql } from './mysql.ts';
import type { Session } from './mysql.ts';

const world = (session: Partial<Session>) => {
  const network: Network = {
    connect() {
      const [mine, theirs] = duplexPair();
      serveMysql(theirs, {
        passwordHash: () => '',
        execute: async () => await Promise.resolve(ok),
        version: '2.0.3',
        random: () => 0.5,
        tls: () => undefined,
        ...session,
      });
      return Promise.resolve(mine);
    },
  };
  return { network, clock: virtualClock() };
};
const at = (password: string) => ({ host: 'fe', port: 9030, account: { user: 'k8sopr', password } });
const signal = new AbortController().signal;

test('a client reads rows, names and NULL, one statement after the other on one connection', async () => {
  await using fe = await frontEnd(
    world({ execute: async (_user, sql) => await Promise.resolve(rows(['Sql', 'Nothing'], [[sql, null]])) }),
    at(''),
    alone(signal),
  );
  for (let times = 0; times < 3; times += 1) assert.deepEqual({ ...(await fe.query(SHOW_FRONTENDS, signal))[0] }, { Sql: 'SHOW FRONTENDS', Nothing: null });
});

test('an answer of many rows arrives whole', async () => {
  await using fe = await frontEnd(
    world({
      execute: async () =>
        await Promise.resolve(
          rows(
            ['N'],
            Array.from({ length: 700 }, (_, n) => [n]),
          ),
        ),
    }),
    at(''),
    alone(signal),
  );
  assert.equal((await fe.query(SHOW_FRONTENDS, signal)).length, 700);
});

test('who leads no more still asks, and sends nothing that changes anything', async () => {
  const told: string[] = [];
  let leads = true;
  const doors = world({ execute: async (_user, sql) => (told.push(sql), await Promise.resolve(ok)) });
  const mustLead = (): void => {
    if (!leads) throw new DOMException('not the leader', 'AbortError');
  };
  await using fe = await frontEnd(doors, at(''), { signal, mustLead });
  const node = hostPort('be-3', 9050);
  await fe.query(decommissionBackend(node), signal);
  leads = false;
  await fe.query(SHOW_BACKENDS, signal);
  for (const statement of [dropBackend(node), cancelDecommission(node), alterUser('k8sopr', 'x'), setFrontendConfig('disable_balance', true)])
    await assert.rejects(fe.query(statement, signal), { name: 'AbortError' });
  assert.deepEqual(told, [decommissionBackend(node), SHOW_BACKENDS]);
});

test('the right password opens, a wrong one and none do not', async () => {
  const doors = world({ passwordHash: (user) => (user === 'k8sopr' ? passwordHash('s3cret!@#') : undefined) });
  await using right = await frontEnd(doors, at('s3cret!@#'), alone(signal));
  assert.deepEqual(await right.query(SHOW_FRONTENDS, signal), []);
  for (const password of ['wrong', '']) {
    await assert.rejects(frontEnd(doors, at(password), alone(signal)), (error) => error instanceof DorisError && error.code === 'denied');
  }
});

test('what Doris refuses has its words and not the password', async () => {
  await using fe = await frontEnd(world({ execute: async () => await Promise.resolve(refusal('errCode = 2, detailMessage = no')) }), at(''), alone(signal));
  await assert.rejects(fe.query(alterUser('k8sopr', 'hunter2'), signal), (error) => {
    assert.ok(error instanceof DorisError);
    assert.equal(error.code, 'refused');
    assert.match(error.message, /detailMessage = no/);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
  await assert.rejects(fe.query(SHOW_FRONTENDS, signal), /detailMessage/); // and the connection goes on
});

test('a front end that never answers is lost, not waited for', async () => {
  const { promise: never } = Promise.withResolvers<typeof ok>();
  const { network, clock } = world({ execute: () => never });
  await using fe = await frontEnd({ network, clock }, at(''), alone(signal));
  const lost = assert.rejects(fe.query(SHOW_FRONTENDS, signal), (error) => error instanceof DorisError && error.code === 'lost');
  await clock.advance(15_000);
  await lost;
});
