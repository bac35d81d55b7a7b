import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '@binnacle/client';
import type { Transport } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { runOperator, silentLogger } from '@binnacle/runtime';
import type { World } from '@binnacle/testing';
import { AT, login, prod, sized, story } from './cluster-world.ts';
import { doris } from './subject.ts';

const APPLIED = { ...AT, name: 'prod-opr-account-applied' };
const encoded = (text: string) => Buffer.from(text).toString('base64');
const nothing = async () => await Promise.resolve();

async function changed(w: World, password: string): Promise<void> {
  const data = { user: encoded('k8sopr'), password: encoded(password) };
  await w.api.apply(Secret, { metadata: { ...AT, name: 'prod-opr-account' }, data }, { fieldManager: 'user', force: true });
}

async function taken(w: World, password: string): Promise<void> {
  await w.until(Secret, APPLIED, (now) => now?.data?.['password'] === encoded(password) && now.data['tried'] === undefined, 90_000);
  await login(w, 'prod-fe-0', nothing, { user: 'k8sopr', password });
}

interface Slow {
  /** Its first write of what is remembered is under way. */
  readonly isOnItsWay: () => boolean;
  /** It ends, and what is under way is not called back. */
  readonly kill: () => void;
  /** What the API server answers to the write, when it comes at last. */
  readonly arrive: () => Promise<number>;
}

/** An operator whose first write of what it remembers of passwords takes as long as the test wants. */
function slow(w: World): Slow {
  const account = 'system:serviceaccount:binnacle-system:doris-operator';
  const line = w.sandbox.transport({ name: account, groups: ['system:serviceaccounts', 'system:serviceaccounts:binnacle-system', 'system:authenticated'] });
  const ended = new AbortController();
  let arrive: (() => Promise<number>) | undefined;
  const transport: Transport = {
    async send(request, signal) {
      if (arrive !== undefined || request.method !== 'PATCH' || !request.path.includes(`/secrets/${APPLIED.name}?`)) return await line.send(request, signal);
      arrive = async () => {
        const { status, body } = await line.send(request, new AbortController().signal);
        for await (const _chunk of body);
        return status;
      };
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
  const { clock } = w;
  const api = connect({ clock, transport, userAgent: 'binnacle-doris' });
  const operator = doris.create({ network: w.sandbox.network, clock, log: silentLogger });
  const running = runOperator(operator, { api, clock, log: silentLogger, namespaces: 'all', leaderElection: false, signal: ended.signal });
  running.catch(() => undefined);
  return { isOnItsWay: () => arrive !== undefined, kill: () => ended.abort(), arrive: () => arrive!() };
}

test('what a leader that is gone writes of passwords, and arrives when another has written more, takes none of them away', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql("SET PASSWORD FOR 'root' = PASSWORD('of its own')"); // else root would make up for an account that is lost
  s.process().kill();
  const gone = slow(s.w);
  await changed(s.w, 'the first');
  await s.w.clock.until(gone.isOnItsWay);
  gone.kill();
  const next = s.w.start(doris);
  await taken(s.w, 'the first');
  await changed(s.w, 'the second');
  await taken(s.w, 'the second');
  next.kill();
  // Nobody is there when it arrives, and when the Secret changes once more: the last password that Doris was told stands in the list alone.
  const answered = await prod(s.w).passing(gone.arrive());
  await changed(s.w, 'the third');
  s.w.start(doris);
  await taken(s.w, 'the third');
  await s.ready();
  assert.equal(answered, 409);
});

test('the first list of all is not written over one that there is by then either', async () => {
  await using s = await story();
  s.process().kill();
  const gone = slow(s.w);
  await s.apply(sized(1, 1));
  await s.w.clock.until(gone.isOnItsWay);
  gone.kill();
  const next = s.w.start(doris);
  await s.ready();
  await s.sql("SET PASSWORD FOR 'root' = PASSWORD('of its own')");
  await changed(s.w, 'the first');
  await taken(s.w, 'the first');
  next.kill();
  await prod(s.w).passing(gone.arrive());
  await changed(s.w, 'the second');
  s.w.start(doris);
  await taken(s.w, 'the second');
});
