import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { virtualClock } from '../../test/clock.ts';
import { noMetrics } from '../metrics/metrics.ts';
import { LANES, queue } from './queue.ts';

test('a key that is added three times is worked on once', async () => {
  const work = queue(virtualClock(), 'web', noMetrics);
  for (let times = 0; times < 3; times++) work.add('prod/web', 'child');
  assert.equal(await work.take(), 'prod/web');
  assert.equal(work.depth, 0);
});

test('a key that changes while it is worked on is worked on again, and not before', async () => {
  const work = queue(virtualClock(), 'web', noMetrics);
  work.add('a', 'child');
  await work.take();
  work.add('a', 'child');
  assert.equal(work.depth, 0);
  work.finish('a');
  assert.equal(await work.take(), 'a');
});

test('what changes before the work on a key has read anything is done with that work, and what changes later is not', async () => {
  const work = queue(virtualClock(), 'web', noMetrics);
  work.add('a', 'child');
  await work.take();
  work.add('a', 'user');
  work.reads('a');
  work.finish('a');
  assert.equal(work.depth, 0);
  work.add('a', 'child');
  await work.take();
  work.reads('a');
  work.add('a', 'user');
  work.finish('a');
  assert.equal(work.depth, 1);
});

test("a user's change goes before changes of children, and those before objects that were only listed", async () => {
  const work = queue(virtualClock(), 'web', noMetrics);
  work.add('listed', 'resync');
  work.add('child', 'child');
  work.add('edited', 'user');
  work.add('both', 'resync');
  work.add('both', 'user');
  assert.deepEqual([await work.take(), await work.take(), await work.take(), await work.take()], ['edited', 'both', 'child', 'listed']);
});

test('an endless stream of user changes does not starve listed objects', async () => {
  const work = queue(virtualClock(), 'web', noMetrics);
  work.add('listed', 'resync');
  for (let take = 0; take < 16; take++) {
    work.add(`edit-${take}`, 'user');
    const key = (await work.take())!;
    work.finish(key);
    if (key === 'listed') return;
  }
  assert.fail('the listed object was never served');
});

test('a failing key comes back after 5 ms, then ever later up to 5 min, and at once when it was forgotten', async () => {
  const clock = virtualClock();
  const work = queue(clock, 'web', noMetrics);
  const waits: number[] = [];
  for (let failure = 0; failure < 20; failure++) {
    const since = clock.monotonic();
    work.retry('a');
    const taken = work.take();
    await clock.until(() => work.working === 1);
    assert.equal(await taken, 'a');
    waits.push(clock.monotonic() - since);
    work.finish('a');
  }
  assert.ok(waits[0]! >= 2.5 && waits[0]! <= 5, `${waits[0]}`);
  assert.ok(waits.at(-1)! >= 150_000 && waits.at(-1)! <= 300_000, `${waits.at(-1)}`);
  work.forget('a');
  const since = clock.monotonic();
  work.retry('a');
  await clock.until(() => work.depth === 1);
  assert.ok(clock.monotonic() - since <= 5);
});

test('the server is left alone for as long as it asks', async () => {
  const clock = virtualClock();
  const work = queue(clock, 'web', noMetrics);
  work.retry('a', 7_000);
  await clock.advance(6_999);
  assert.equal(work.depth, 0);
  await clock.advance(1);
  assert.equal(work.depth, 1);
});

test('of two wishes for later the earlier wins, and a pass before makes both void', async () => {
  const clock = virtualClock();
  const work = queue(clock, 'web', noMetrics);
  work.addAfter('a', 10_000);
  work.addAfter('a', 5_000);
  work.addAfter('a', 20_000);
  await clock.advance(5_000);
  assert.equal(await work.take(), 'a');
  work.finish('a');
  await clock.advance(60_000);
  assert.equal(work.depth, 0);
  work.addAfter('a', 5_000);
  work.add('a', 'user');
  work.finish((await work.take())!);
  await clock.advance(60_000);
  assert.equal(work.depth, 0);
});

test('a closed queue lets its takers go and takes nothing in', async () => {
  const clock = virtualClock();
  const work = queue(clock, 'web', noMetrics);
  const waiting = work.take();
  work.addAfter('later', 10);
  work.close();
  work.add('a', 'user');
  await clock.advance(1_000);
  assert.equal(await waiting, undefined);
  assert.equal(await work.take(), undefined);
  assert.equal(work.depth, 0);
});

const lane = fc.constantFrom(...LANES);

test('however much more urgent work comes in, what waits is served within the turns of its lane', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('child' as const, 'resync' as const),
      fc.nat(5),
      fc.array(lane, { minLength: 100, maxLength: 100 }),
      async (its, ahead, others) => {
        const work = queue(virtualClock(), 'web', noMetrics);
        for (let other = 0; other < ahead; other++) work.add(`ahead-${other}`, its);
        work.add('patient', its);
        for (const [index, other] of others.entries()) {
          work.add(`edit-${index}`, 'user');
          work.add(`other-${index}`, other);
          const key = (await work.take())!;
          work.finish(key);
          if (key === 'patient') return assert.ok(index < (ahead + 1) * 16, `served after ${index} others`);
        }
        assert.fail('it was never served');
      },
    ),
  ));

const step = fc.oneof(
  fc.record({ do: fc.constant('add' as const), key: fc.nat(4), lane }),
  fc.record({ do: fc.constantFrom('retry' as const, 'reads' as const, 'finish' as const), key: fc.nat(4) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('later' as const), key: fc.nat(4), ms: fc.nat(50) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat(100) }),
);

test('whatever happens, no key is worked on twice at a time and each one that was added is read afterwards', () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = virtualClock();
      const work = queue(clock, 'web', noMetrics);
      const held = new Set<string>();
      const owed = new Set<string>();
      const take = async (): Promise<void> => {
        const key = (await work.take())!;
        assert.ok(!held.has(key), `${key} is worked on twice`);
        held.add(key);
        owed.delete(key);
      };
      for (const one of steps) {
        const key = 'key' in one ? `k${one.key}` : '';
        if (one.do === 'pass') await clock.advance(one.ms);
        else if (one.do === 'take') {
          if (work.depth > 0) await take();
        } else if (one.do === 'reads') {
          work.reads(key);
          if (held.has(key)) owed.delete(key);
        } else if (one.do === 'finish') {
          held.delete(key);
          work.finish(key);
        } else {
          owed.add(key);
          if (one.do === 'add') work.add(key, one.lane);
          else if (one.do === 'later') work.addAfter(key, one.ms);
          else work.retry(key);
        }
      }
      for (const key of held) work.finish(key);
      held.clear();
      await clock.advance(400_000);
      while (work.depth > 0) await take();
      assert.deepEqual([...owed], []);
    }),
    { numRuns: 200 },
  ));
