import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnreachable } from '@binnacle/client';
import type { Request, Transport } from '@binnacle/client';
import { faulty } from './faults.ts';
import { virtualClock } from './virtual-clock.ts';

/** A server that does everything it is asked. */
function willing(): { readonly transport: Transport; readonly done: string[] } {
  const done: string[] = [];
  const transport: Transport = {
    async send(request) {
      done.push(`${request.method} ${request.path}`);
      return await Promise.resolve({
        status: 200,
        headers: {},
        body: (async function* () {
          yield await Promise.resolve(Buffer.from('{}'));
        })(),
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { transport, done };
}

const write: Request = { method: 'POST', path: '/api/v1/namespaces/default/configmaps', body: '{}' };
const { signal } = new AbortController();

test('a lost answer was carried out, a lost request was not', async () => {
  const server = willing();
  const clock = virtualClock();
  await assert.rejects(faulty(server.transport, clock, { lost: 1, untilMs: 1_000 }).send(write, signal), isUnreachable);
  assert.deepEqual(server.done, []);
  await assert.rejects(faulty(server.transport, clock, { answerLost: 1, untilMs: 1_000 }).send(write, signal), isUnreachable);
  assert.equal(server.done.length, 1);
});

test('a conflict strikes writes and never reads', async () => {
  const line = faulty(willing().transport, virtualClock(), { conflict: 1, untilMs: 1_000 });
  assert.equal((await line.send(write, signal)).status, 409);
  assert.equal((await line.send({ method: 'GET', path: '/api/v1/pods' }, signal)).status, 200);
});

test('the same seed draws the same faults, and none after the end of the plan', async () => {
  const draw = async (seed: number) => {
    const clock = virtualClock({ seed });
    const line = faulty(willing().transport, clock, { unavailable: 0.3, untilMs: 1_000 });
    const codes: number[] = [];
    for (let call = 0; call < 50; call++) codes.push((await line.send(write, signal)).status);
    const before = line.faults();
    await clock.advance(1_000);
    for (let call = 0; call < 50; call++) await line.send(write, signal);
    assert.equal(line.faults(), before);
    return codes;
  };
  const first = await draw(1);
  assert.ok(first.includes(503));
  assert.deepEqual(await draw(1), first);
  assert.notDeepEqual(await draw(2), first);
});
