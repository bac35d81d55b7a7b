import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@binnacle/client/kinds';
import type { Network } from '@binnacle/client';
import type { World } from '@binnacle/testing';
import { accountIn } from '../src/cluster/account.ts';
import { DorisError } from '../src/sql/error.ts';
import { alterUser } from '../src/sql/statements.ts';
import { AT, login, prod, sized, story } from './cluster-world.ts';
import { doris } from './subject.ts';

const ACCOUNT = { ...AT, name: 'prod-opr-account' };
const APPLIED = { ...AT, name: 'prod-opr-account-applied' };
const user = { fieldManager: 'user', force: true };
const encoded = (text: string) => Buffer.from(text).toString('base64');
const withPassword = (password: string) => ({ user: encoded('k8sopr'), password: encoded(password) });

async function changed(w: World, password: string): Promise<void> {
  await w.api.apply(Secret, { metadata: ACCOUNT, data: withPassword(password) }, user);
}

/** Waits until Doris has this password, which is then the only one that lets in. */
async function taken(w: World, password: string, earlier: readonly string[] = [], withinMs = 90_000): Promise<void> {
  await w.until(Secret, APPLIED, (now) => now?.data?.['password'] === encoded(password) && now.data['tried'] === undefined, withinMs);
  await login(w, 'prod-fe-0', nothing, { user: 'k8sopr', password });
  for (const old of earlier)
    await assert.rejects(login(w, 'prod-fe-0', nothing, { user: 'k8sopr', password: old }), (error) => error instanceof DorisError && error.code === 'denied');
}

const nothing = async () => await Promise.resolve();
/** With a password of its own root cannot make up for an account that is lost. */
const ROOT_IS_SHUT = "SET PASSWORD FOR 'root' = PASSWORD('of its own')";

test('a changed Secret changes the password in Doris, also when root has one of its own; whatever characters it is made of', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  for (const password of ['it\'s \\\' a "quote" -- /*', '\u00bf\u0027 OR 1=1', 'plain']) {
    await changed(s.w, password);
    await taken(s.w, password);
  }
  await s.ready();
  assert.ok(!s.statements.some((one) => one.includes('quote') || one.includes('OR 1=1')), 'a password was sent as it is');
});

test('a Secret that changes at any statement of a pass is followed: what the old password was answered is not taken for the new one’s', async () => {
  let [heard, at] = [0, Infinity];
  let change: Promise<void> = Promise.resolve();
  await using s = await story({
    ear: () => {
      if (++heard === at) change = changed(s.w, `changed at ${at}`);
    },
  });
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  const [, before] = [await s.w.clock.advance(90_000), heard];
  await s.w.clock.advance(66_000);
  const perPass = heard - before;
  assert.ok(perPass > 0, 'no pass asked anything');
  for (let more = 1; more <= perPass + 1; more++) {
    at = heard + more;
    await s.w.clock.until(() => heard >= at);
    await change;
    await taken(s.w, `changed at ${at}`);
    await s.ready();
  }
});

test('a Secret of the account that is made anew without labels is followed as soon as it is there', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  await s.w.api.delete(Secret, ACCOUNT);
  await s.w.api.create(Secret, { metadata: ACCOUNT, data: withPassword('anew') }).catch(async () => await changed(s.w, 'anew')); // the operator may be faster
  await taken(s.w, 'anew');
  const bare = await s.w.api.get(Secret, ACCOUNT);
  await s.w.api.replace(Secret, { ...bare, metadata: { ...bare.metadata, labels: {} } } as never);
  await s.w.clock.advance(1_000);
  await changed(s.w, 'without labels');
  await taken(s.w, 'without labels', ['anew'], 5_000);
});

test('a password is followed also while the spec is refused, and each pass ends early', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  const { be, ...rest } = sized(1, 1);
  await s.apply({ ...rest, be: { ...be!, config: { be_port: '99999' } } });
  await s.reason('InvalidSpec');
  await changed(s.w, 'refused spec');
  await taken(s.w, 'refused spec');
});

test('a Secret that changes while no operator leads, and again while no front end runs, is followed by the next leader', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  s.process().kill();
  await changed(s.w, 'nobody leads');
  await s.w.clock.advance(60_000);
  const next = s.w.start(doris);
  await taken(s.w, 'nobody leads');
  await s.apply({ ...sized(1, 1), suspend: true });
  await s.reason('Suspended');
  await changed(s.w, 'asleep');
  await s.w.clock.advance(60_000);
  await changed(s.w, 'asleep still');
  next.kill();
  s.w.start(doris);
  await s.apply({ ...sized(1, 1), suspend: false });
  await prod(s.w).ready();
  await taken(s.w, 'asleep still', ['nobody leads', 'asleep']);
});

/** Keeps back the first statement that begins so, until it is let go: whoever sent it may be gone by then, its words are on their way all the same. */
function kept(network: Network, begins: string): { readonly network: Network; readonly isOnItsWay: () => boolean; readonly arrive: () => void } {
  let arrive: (() => void) | undefined;
  return {
    isOnItsWay: () => arrive !== undefined,
    arrive: () => arrive?.(),
    network: {
      async connect(address, signal) {
        const stream = await network.connect(address, signal);
        const [write, destroy] = [stream.write.bind(stream), stream.destroy.bind(stream)];
        let mine = false;
        stream.write = ((chunk: Buffer, ...more: []) => {
          if (arrive !== undefined || !chunk.includes(begins)) return write(chunk, ...more);
          [mine, arrive] = [true, () => void write(chunk)];
          return true;
        }) as typeof stream.write; // sound: what asks to be told when it is written is not told yet
        stream.destroy = (error) => (mine ? stream : destroy(error));
        return stream;
      },
    },
  };
}

test('what a leader that was paused told Doris and arrives two passwords later shuts nobody out', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  s.process().kill();
  const { isOnItsWay, arrive, network } = kept(s.w.sandbox.network, 'ALTER USER');
  const paused = s.w.start({ ...doris, create: (parts) => doris.create({ ...parts, network }) });
  await changed(s.w, 'the first');
  await s.w.clock.until(isOnItsWay);
  paused.kill();
  s.w.start(doris);
  for (const password of ['the second', 'the third']) {
    await changed(s.w, password);
    await taken(s.w, password);
  }
  await s.ready();
  arrive();
  await s.w.clock.settle();
  await login(s.w, 'prod-fe-0', nothing, { user: 'k8sopr', password: 'the first' });
  await s.w.clock.advance(90_000);
  await taken(s.w, 'the third', ['the first', 'the second']);
  await s.ready();
});

test('a password that arrives late is put right also while the spec is refused', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  for (const password of ['the first', 'the second']) {
    await changed(s.w, password);
    await taken(s.w, password);
  }
  const { be, ...rest } = sized(1, 1);
  await s.apply({ ...rest, be: { ...be!, config: { be_port: '99999' } } });
  await s.reason('InvalidSpec');
  const as = { user: 'k8sopr', password: 'the second' };
  await login(s.w, 'prod-fe-0', async (fe) => void (await fe.query(alterUser('k8sopr', 'the first'), new AbortController().signal)), as);
  await s.w.clock.advance(180_000);
  await taken(s.w, 'the second', ['the first']);
});

test('what the leader that made the account told Doris and arrives when another has made it shuts nobody out either', async () => {
  await using s = await story();
  s.process().kill();
  const { isOnItsWay, arrive, network } = kept(s.w.sandbox.network, 'ALTER USER');
  const paused = s.w.start({ ...doris, create: (parts) => doris.create({ ...parts, network }) });
  await s.apply(sized(1, 1));
  await s.w.clock.until(isOnItsWay);
  const [first, second] = [await s.w.api.get(Secret, ACCOUNT), 'the second'];
  paused.kill();
  await changed(s.w, second);
  s.w.start(doris);
  await s.ready();
  await s.sql(ROOT_IS_SHUT);
  arrive();
  await s.w.clock.settle();
  await login(s.w, 'prod-fe-0', nothing, accountIn(first));
  await s.w.clock.advance(90_000);
  await taken(s.w, second, [accountIn(first)!.password]);
  await s.ready();
});
