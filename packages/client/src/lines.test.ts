import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collect } from '../test/collect.ts';
import { LINE_LIMIT_BYTES, lines } from './lines.ts';

test('the same lines come out however the network cuts them, also in the middle of a character (regression 8)', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }).filter((line) => !line.includes('\n'))),
      fc.array(fc.nat({ max: 40 }), { maxLength: 12 }),
      async (written, cuts) => {
        const bytes = Buffer.from(written.map((line) => `${line}\n`).join(''));
        assert.deepEqual(await collect(lines(cutAt(bytes, cuts), 'lost')), written);
      },
    ),
    { numRuns: 200 },
  ));

test('an object of a megabyte arrives as one line (regression 9)', async () => {
  const line = 'é'.repeat(600_000);
  const bytes = Buffer.from(`${line}\nnext\n`);
  const chunks = Array.from({ length: Math.ceil(bytes.length / 16_383) }, (_, n) => n * 16_383);
  assert.deepEqual(await collect(lines(cutAt(bytes, chunks), 'lost')), [line, 'next']);
});

test('a last line without its end is lost for events, whole for logs (regression 7)', async () => {
  const body = () => cutAt(Buffer.from('one\ntw'), []);
  const read: string[] = [];
  await assert.rejects(
    async () => {
      for await (const line of lines(body(), 'lost')) read.push(line);
    },
    { reason: 'Unreachable', code: 0 },
  );
  assert.deepEqual(read, ['one']);
  assert.deepEqual(await collect(lines(body(), 'whole')), ['one', 'tw']);
});

test('a line without end does not fill the memory', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    const chunk = new Uint8Array(1024 * 1024).fill(0x61);
    for (let n = 0; n < 2 * (LINE_LIMIT_BYTES / chunk.length); n += 1) yield chunk;
  }
  await assert.rejects(collect(lines(endless(), 'whole')), { reason: 'Unreadable' });
});

/** `cuts` are places to cut at, in any order, wrapped around the length. */
async function* cutAt(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of places) {
    yield bytes.subarray(from, to);
    from = to;
  }
}
