import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brief, failed, timed } from './report.ts';

test('what is wrong fits at the end of a log: its beginning, what it came from, and what else went wrong on the way out', () => {
  const page = Array.from({ length: 40 }, (_, line) => `${line} ${'x'.repeat(2000)}`).join('\n');
  const told = brief(new Error(page, { cause: new Error('the server ended by itself') }));
  assert.ok(told.length < 6000 && told.startsWith('Error: 0 xxx'), told);
  assert.match(told, /and \d+ more lines\n {2}caused by the server ended by itself$/);
  const both = brief(new SuppressedError(new Error('leadership is lost'), new Error('not Ready')));
  assert.match(both, /^Error: not Ready[^]*and then, at its end: Error: leadership is lost/);
});

test('a part that throws is a line of the table and tells where it was thrown', async () => {
  const { rows, wrong } = await timed('', 'v1', 'stories', () => Promise.reject(new Error('no pod')));
  assert.deepEqual(rows[0]?.slice(0, 4), ['v1', 'stories', '', 'FAILED']);
  assert.match(wrong.join(), /^v1: stories: Error: no pod\n +at .*report\.test\.ts/);
  assert.deepEqual(failed('v1', 'all', 0, 'ended by SIGKILL').wrong, ['v1: all: ended by SIGKILL']);
});
