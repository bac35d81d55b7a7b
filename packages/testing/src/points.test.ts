import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOMENTS, fate } from './fate.ts';
import type { Fate } from './fate.ts';
import { pointsOf } from './points.ts';

/** A process in a world with this state and time; what is told of its points. */
function told(story: (of: Fate, world: { revision: number; now: number }) => void): { readonly points: readonly string[]; readonly same: number } {
  const sight = { revision: 1, now: 0 };
  const own = fate(undefined, undefined, () => ({ ...sight }));
  story(own, sight);
  const { points, same } = pointsOf(own.calls, MOMENTS);
  return { points: points.map(({ door, call, moment }) => `${moment} ${door} ${call}`), same };
}

test('dead after a call is dead before the next one, unless something came between', () => {
  const twice = (between: (w: { revision: number; now: number }) => void) =>
    told((own, w) => {
      for (let call = 0; call < 2; call++) {
        const made = own.next('write', 'PUT');
        w.revision++;
        made.heard();
        between(w);
      }
    }).points;
  const both = ['before write 0', 'after write 0', 'lost write 0'];
  assert.deepEqual(
    twice(() => undefined),
    [...both, 'after write 1', 'lost write 1'],
  );
  for (const between of [(w: { revision: number; now: number }) => void w.now++, (w: { revision: number; now: number }) => void w.revision++])
    assert.deepEqual(twice(between), [...both, 'before write 1', 'after write 1', 'lost write 1']);
});

test('what is under way is not what has been carried out', () => {
  const { points } = told((own) => {
    own.next('agent', 'upload').heard();
    own.next('agent', 'upload');
    own.next('agent', 'upload');
  });
  assert.ok(points.includes('before agent 2'));
});

test('a question is befallen once as long as it is answered the same, and by the death of its process once an instant', () => {
  const asked = (answers: readonly string[], names: readonly string[] = answers.map(() => 'state')) =>
    told((own, w) =>
      answers.forEach((answer, index) => {
        own.next('message', names[index]!, true).heard(answer);
        w.now += 10;
      }),
    );
  assert.deepEqual(asked(['a', 'a', 'a']), { points: ['before message 0', 'lost message 0'], same: 7 });
  assert.deepEqual(asked(['a', 'b']).points, ['before message 0', 'lost message 0', 'before message 1', 'lost message 1']);
  assert.deepEqual(asked(['a', 'a'], ['state', 'health']).points.length, 4);
  const atOnce = told((own) => ['state of 1', 'state of 2'].forEach((name) => own.next('message', name, true).heard('a')));
  assert.deepEqual(atOnce.points, ['before message 0', 'lost message 0', 'lost message 1']);
  const since = told((own, w) => {
    own.next('message', 'state', true).heard('a');
    w.revision++;
    own.next('message', 'state', true).heard('a');
  });
  assert.equal(since.points.length, 4, 'the API server holds something else');
});
