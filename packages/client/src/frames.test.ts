import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { closeFrame, frame, FRAME_BYTES_MOST, frameReader, OPCODE } from './frames.ts';

/** What a server sends: as ours, without the mask. */
function unmasked(sent: Buffer): Buffer {
  const short = sent[1]! & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  const mask = sent.subarray(head, head + 4);
  const payload = Buffer.from(sent.subarray(head + 4));
  for (let at = 0; at < payload.byteLength; at += 1) payload[at]! ^= mask[at % 4]!;
  const start = Buffer.from(sent.subarray(0, head));
  start[1] = short;
  return Buffer.concat([start, payload]);
}

test('frames arrive whole and in order, wherever the network cuts them', () => {
  const payloads = fc.array(fc.constantFrom(0, 1, 125, 126, 4000, 65_535, 65_536), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(payloads, fc.integer({ min: 100, max: 9000 }), (sizes, cut) => {
      const sent = sizes.map((size, index) => Buffer.alloc(size, index + 1));
      const wire = Buffer.concat(sent.map((payload) => unmasked(frame(OPCODE.binary, payload))));
      const read = frameReader();
      const frames = [];
      for (let at = 0; at < wire.byteLength; at += cut) frames.push(...read(wire.subarray(at, at + cut)));
      assert.equal(frames.length, sent.length);
      for (const [index, { opcode, last, payload }] of frames.entries()) assert.ok(opcode === OPCODE.binary && last && payload.equals(sent[index]!));
    }),
    { numRuns: 20 },
  );
});

test('what we send is masked, so that it never looks like a request to a proxy', () => {
  const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');
  assert.equal(frame(OPCODE.binary, request).includes(request), false);
  assert.equal(unmasked(closeFrame()).toString('hex'), '880203e8');
});

test('a frame too large to hold, a masked one and one of an extension are refused before they are read', () => {
  const huge = Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  huge.writeBigUInt64BE(BigInt(FRAME_BYTES_MOST + 1), 2);
  assert.throws(() => frameReader()(huge), /4194305 bytes; 4194304 are taken/);
  assert.throws(() => frameReader()(frame(OPCODE.binary, Buffer.of(1))), /masked by a server/);
  assert.throws(() => frameReader()(Buffer.from([0xc2, 0])), /extension/);
});
