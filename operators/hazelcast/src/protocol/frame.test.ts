import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FLAGS, FrameError, encodeFrames, frameReader } from './frame.ts';
import type { Frames } from './frame.ts';
import { readMessage, request, response, write } from './message.ts';
import { authentication, errorBody, readError, readLogin } from './messages.ts';

const frame = fc.record(
  {
    // Flags nobody knows are to be kept, not refused: newer members may set them.
    flags: fc.nat(0xffff).map((flags) => flags & ~FLAGS.last),
    content: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);
const message: fc.Arbitrary<Frames> = fc.array(frame, { minLength: 1, maxLength: 6 });

test('messages come out as they went in, however the network chops them', () =>
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (messages, sizes) => {
      const bytes = Buffer.concat(messages.map(encodeFrames));
      const reader = frameReader();
      const read: Frames[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        read.push(...reader.push(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(read, messages);
    }),
  ));

test('what is no frame is refused, not waited for', () => {
  assert.throws(() => frameReader().push(Buffer.from('HTTP/1.1 400 Bad Request')), FrameError);
  const huge = Buffer.alloc(6);
  huge.writeInt32LE(2 ** 30, 0);
  assert.throws(() => frameReader().push(huge), FrameError);
  assert.throws(() => frameReader().push(Buffer.alloc(6)), FrameError);
});

test('any bytes at all end in messages or in FrameError', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const frames of frameReader().push(bytes)) readMessage(frames);
      } catch (error) {
        assert.ok(error instanceof FrameError || error instanceof RangeError, String(error));
      }
    }),
  ));

test('a login is laid out as real members read it', () => {
  const [head, name, user, password, type] = request(authentication('00112233-4455-6677-8899-aabbccddeeff', 'dev'), 7);
  // Length 34: header to 16, UUID (flag, most significant half, least significant half, each little-endian) to 33, serialization version.
  assert.equal(head?.content.toString('hex'), '000100000700000000000000ffffffff0077665544332211 00ffeeddccbbaa998801'.replaceAll(' ', ''));
  assert.equal(head?.flags, 0xc000);
  assert.deepEqual([name?.content.toString(), type?.content.toString()], ['dev', 'GOO']);
  assert.deepEqual([user?.flags, password?.flags], [FLAGS.null, FLAGS.null]);
});

const uuid = fc.uuid();

test('a login is understood, whatever newer members append to it', () =>
  fc.assert(
    fc.property(uuid, uuid, fc.boolean(), message, (member, cluster, enterprise, appended) => {
      const frames = response(
        {
          type: 1,
          fixed: [
            { type: 'byte', value: 0 },
            { type: 'uuid', value: member },
            { type: 'byte', value: 1 },
            { type: 'int', value: 271 },
            { type: 'uuid', value: cluster },
            { type: 'boolean', value: enterprise },
            { type: 'long', value: 99n },
          ],
          variable: [...write.text(null), ...write.text('5.5.0'), ...appended],
        },
        3,
      );
      const read = readMessage(frameReader().push(encodeFrames(frames))[0] ?? []);
      assert.equal(read.correlation, 3);
      assert.deepEqual(readLogin(read), { memberUuid: member, clusterId: cluster, partitionCount: 271, enterprise });
    }),
  ));

test('a login that was refused says why', () => {
  const frames = response({ type: 1, fixed: [{ type: 'byte', value: 1 }] }, 1);
  assert.deepEqual(readLogin(readMessage(frames)), { denied: 'wrong cluster name, or credentials are wanted' });
});

test('an error of a member is told with its number, its class and its text', () => {
  const read = readMessage(frameReader().push(encodeFrames(response(errorBody(61, 'java.lang.UnsupportedOperationException', 'no'), 5)))[0] ?? []);
  assert.deepEqual([read.type, readError(read)], [0, { code: 61, className: 'java.lang.UnsupportedOperationException', text: 'no' }]);
});

test('a list of structures is read past fields nobody knows', () => {
  const item = (text: string, more: Frames) => write.structure([{ type: 'int', value: 1 }], [...write.text(text), ...more]);
  const frames = response({ type: 9, variable: write.list([item('a', []), item('b', [...write.text('new'), ...write.list([write.text('x')])])]) }, 1);
  const read = readMessage(frames);
  const texts: (string | null)[] = [];
  read.begin();
  while (!read.end()) {
    read.begin();
    read.frame();
    texts.push(read.text());
    read.leave();
  }
  assert.deepEqual(texts, ['a', 'b']);
});
