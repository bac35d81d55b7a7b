import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from './virtual-clock.ts';

test('an hour of timers passes at once, in order', async () => {
  const clock = virtualClock();
  const seen: string[] = [];
  clock.timer(3_600_000, () => seen.push('hour'));
  clock.timer(60_000, () => seen.push('minute'));
  clock.timer(60_000, () => seen.push('the same minute, later'));
  await clock.advance(3_600_000);
  assert.deepEqual(seen, ['minute', 'the same minute, later', 'hour']);
});

test('time stands still while something can still happen', async () => {
  const clock = virtualClock();
  const start = clock.now();
  let happened = 0;
  const chain = (left: number): void => {
    if (left > 0) setImmediate(() => chain(left - 1));
    else happened = clock.now();
  };
  chain(5);
  clock.timer(1_000, () => undefined);
  await clock.until(() => happened > 0);
  assert.equal(happened, start);
});

test('a disposed timer never runs, an aborted sleep rejects with the reason', async () => {
  const clock = virtualClock();
  const handle = clock.timer(10, () => assert.fail('ran'));
  handle[Symbol.dispose]();
  const abort = new AbortController();
  const slept = clock.sleep(10, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(slept, /enough/);
  await clock.advance(20);
});

test('what never comes true fails with what is there instead', async () => {
  const clock = virtualClock();
  await assert.rejects(
    clock.until(() => false, { withinMs: 1_000, describe: () => 'pod web-0 is Pending' }),
    /within 1 s of virtual time: pod web-0 is Pending/,
  );
});

test('the same seed replays the same chance', () => {
  const [a, b, other] = [virtualClock({ seed: 7 }), virtualClock({ seed: 7 }), virtualClock({ seed: 8 })];
  const draw = (clock: { random(): number }) => [clock.random(), clock.random(), clock.random()];
  const first = draw(a);
  assert.deepEqual(first, draw(b));
  assert.notDeepEqual(first, draw(other));
});

test('time stands still however many turns somebody still asks for', async () => {
  const clock = virtualClock();
  let turns = 0;
  const working = (async () => {
    for (; turns < 100; turns++) await clock.turn();
  })();
  await clock.settle();
  assert.equal(turns, 100);
  await working;
});
