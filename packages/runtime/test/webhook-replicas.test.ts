import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Secret, ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { certificatesIn } from '../src/certificates/rotation.ts';
import { validityOf } from '../src/certificates/certificate.ts';
import { virtualClock } from './clock.ts';
import type { FakeApi } from './fake-api.ts';
import { CONFIGURATION, DAY_MS, LATE_MS, SECRET, config, inSecret, installed, served, shown, turns } from './served.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // sound: it listens at a port
  server.close();
  await once(server, 'close');
  return port;
}

/** A replica behind the Service of all: they announce one and the same. */
interface Replica extends AsyncDisposable {
  /** Lets it write the Secret once more, and nothing after that. */
  doom(): void;
  readonly dead: boolean;
}

function replica(api: FakeApi, clock: ReturnType<typeof virtualClock>, port: number): Replica {
  let [doomed, dead] = [false, false];
  const alive = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (dead) throw new Error('killed');
    return await ask();
  };
  const own: FakeApi = {
    ...api,
    get: (...asked) => alive(() => api.get(...asked)),
    apply: (...asked) => alive(() => api.apply(...asked)),
    replace: async (kind, ...asked) => {
      const written = await alive(() => api.replace(kind, ...asked));
      dead ||= doomed && (kind as unknown) === Secret;
      if (dead) throw new Error('killed');
      return written;
    },
  };
  const running = served(own, clock, { webhook: { port, host: '127.0.0.1', namespace: 'system', reach: { service: 'hooks' } } });
  return {
    doom: () => void (doomed = true),
    get dead() {
      return dead;
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const trustedNow = (api: FakeApi) => certificatesIn(Buffer.from(config(api).clientConfig.caBundle, 'base64').toString());
const secretWrites = (api: FakeApi) => api.writes().filter((one) => one === `replace Secret ${SECRET.name}`).length;

/** Whether a client with these authorities takes what a server shows. */
function isAccepted(leaf: X509Certificate, trusted: readonly string[], nowMs: number): boolean {
  if (leaf.validToDate.getTime() <= nowMs) return false;
  return trusted.some((one) => validityOf(one).toMs > nowMs && leaf.verify(new X509Certificate(one).publicKey));
}

test(
  'three replicas share one Secret for eleven months: whichever is asked is believed by who read the bundle six hours ago, and one is killed at each renewal',
  { timeout: 140_000 },
  async () => {
    const api = installed();
    const clock = virtualClock();
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    // All begin at one moment, with an empty Secret: each has certificates of its own in hand, and one of them wins.
    const running = ports.map((port) => replica(api, clock, port));
    await using stack = new AsyncDisposableStack();
    stack.defer(async () => void (await Promise.all(running.map((one) => one[Symbol.asyncDispose]()))));
    await turns(() => config(api) !== undefined);
    await clock.advance(LATE_MS);
    const leaves = new Set<string>();
    let killed = 0;
    let seen = inSecret(api, 'tls.crt');
    // Whoever renews next dies right after the Secret has what it wrote, before it could announce or show it.
    for (const one of running) one.doom();
    for (let day = 0; day < 334; day += 1) {
      // Each look around the day on which the authority is replaced, eight months on; else one in ten days.
      const looks = day % 10 === 0 || (day > 241 && day < 246) ? DAY_MS / LATE_MS : 0;
      for (let look = 0; look < looks; look += 1) {
        const trusted = trustedNow(api);
        await clock.advance(LATE_MS);
        for (const leaf of await Promise.all(ports.map(shown))) {
          assert.ok(isAccepted(leaf, trusted, clock.now()), `day ${day}: a replica shows what nobody believes`);
          leaves.add(leaf.fingerprint256);
        }
      }
      if (looks === 0) await clock.advance(DAY_MS);
      for (const [at, one] of running.entries()) {
        if (!one.dead) continue;
        killed += 1;
        await one[Symbol.asyncDispose]();
        running[at] = replica(api, clock, ports[at]!);
        running[at].doom();
      }
      const now = inSecret(api, 'tls.crt');
      if (now === seen) continue;
      const { fromMs, toMs } = validityOf(seen);
      assert.ok(clock.now() <= fromMs + ((toMs - fromMs) * 2) / 3 + 2 * DAY_MS, `day ${day}: renewed later than after two thirds of its life`);
      seen = now;
    }
    assert.ok(leaves.size >= 5 && killed >= 5, `${leaves.size} certificates, ${killed} killed`);
    await clock.advance(LATE_MS);
    const last = await Promise.all(ports.map(shown));
    assert.deepEqual(
      [...new Set(last.map((one) => one.fingerprint256))],
      [new X509Certificate(inSecret(api, 'tls.crt')).fingerprint256],
      'all show the same one',
    );
  },
);

/** Starts two replicas, which end with `stack`, and waits until they are announced; their ports. */
async function two(api: FakeApi, clock: ReturnType<typeof virtualClock>, stack: AsyncDisposableStack): Promise<readonly number[]> {
  const ports = await Promise.all([freePort(), freePort()]);
  for (const port of ports) stack.use(replica(api, clock, port));
  await turns(() => config(api) !== undefined);
  return ports;
}

test('replicas that renew at the same moment write once, and what somebody takes out of the announcement is put back', async () => {
  const api = installed();
  const clock = virtualClock();
  await using stack = new AsyncDisposableStack();
  const ports = await two(api, clock, stack);
  await clock.advance(LATE_MS);
  const stored = new Set([inSecret(api, 'tls.crt')]);
  assert.deepEqual(
    [...new Set((await Promise.all(ports.map(shown))).map((one) => one.fingerprint256))],
    [new X509Certificate(inSecret(api, 'tls.crt')).fingerprint256],
  );
  for (let day = 0; day < 200; day += 1) {
    await clock.advance(DAY_MS);
    stored.add(inSecret(api, 'tls.crt'));
  }
  assert.ok(stored.size >= 3);
  const authority = new Set(trustedNow(api)).size;
  assert.equal(authority, certificatesIn(inSecret(api, 'ca.crt')).length);
  assert.ok(secretWrites(api) < 2 * stored.size + 2, `${secretWrites(api)} writes for ${stored.size} certificates`);
  for (const spoilt of ['', Buffer.from('not a certificate').toString('base64')]) {
    api.meddle(ValidatingWebhookConfiguration, CONFIGURATION, (object) => ({
      ...object,
      webhooks: object['webhooks'].map((one: any) => ({ ...one, clientConfig: { ...one.clientConfig, caBundle: spoilt } })),
    }));
    await clock.advance(LATE_MS);
    assert.deepEqual(trustedNow(api), certificatesIn(inSecret(api, 'ca.crt')));
  }
});

test('when somebody empties the Secret, each replica shows within two seconds what is believed from then on', async () => {
  const api = installed();
  const clock = virtualClock();
  await using stack = new AsyncDisposableStack();
  const ports = await two(api, clock, stack);
  await clock.advance(DAY_MS + LATE_MS / 2); // no look is due
  const before = inSecret(api, 'ca.crt');
  api.meddle(Secret, SECRET, (object) => ({ ...object, data: {} }));
  await clock.advance(2_000);
  assert.ok(![before, ''].includes(inSecret(api, 'ca.crt')), 'nobody has noticed');
  for (const leaf of await Promise.all(ports.map(shown))) assert.ok(isAccepted(leaf, trustedNow(api), clock.now()));
});

test('an announcement that somebody wipes is put back also while the Secret is missing', async () => {
  const api = installed();
  const clock = virtualClock();
  await using stack = new AsyncDisposableStack();
  const ports = await two(api, clock, stack);
  await clock.advance(LATE_MS);
  const trusted = trustedNow(api);
  api.meddle(Secret, SECRET, () => undefined);
  await clock.advance(60_000);
  api.meddle(ValidatingWebhookConfiguration, CONFIGURATION, (object) => ({ ...object, webhooks: [] }));
  await clock.advance(60_000);
  assert.deepEqual(trustedNow(api), trusted);
  for (const leaf of await Promise.all(ports.map(shown))) assert.ok(isAccepted(leaf, trustedNow(api), clock.now()));
});
