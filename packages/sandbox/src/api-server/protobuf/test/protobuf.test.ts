import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../../refusal.ts';
import { decodeProtobuf } from '../protobuf.ts';
import file from '../table.gen.json' with { type: 'json' };
import type { Table } from '../table.ts';
import { createEncoder } from './encode.ts';
import recorded from './kubectl-bodies.gen.json' with { type: 'json' };
import { anyObject } from './objects.ts';

// Sound: tools/protobuf.ts wrote the file from a Table.
const table = file as unknown as Table;
const terse = createEncoder(table, { explicit: false });
const explicit = createEncoder(table, { explicit: true });
const bodies = recorded.map(({ body }) => Buffer.from(body, 'base64'));

describe('what kubectl 1.35 sends is what it prints with --dry-run=client -o json', () => {
  for (const { command, body, json } of recorded) test(command, () => assert.deepEqual(decodeProtobuf(Buffer.from(body, 'base64')), json));
});

describe('any object survives the way through protobuf', () => {
  for (const kind of Object.keys(table.kinds)) {
    test(kind, () => {
      fc.assert(
        fc.property(anyObject(table, kind), (object) => assert.deepEqual(decodeProtobuf(terse(object)), object)),
        { numRuns: 15 },
      );
    });
  }
});

test('zeros that Go writes unasked leave no trace, those behind a pointer stay', () => {
  const spec = { replicas: 0, selector: {}, template: { spec: { containers: [{ name: 'a', securityContext: { privileged: false, runAsUser: 0 } }] } } };
  const decoded: any = decodeProtobuf(explicit({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }));
  assert.deepEqual(decoded.metadata, { name: 'web' });
  assert.deepEqual(decoded.spec, {
    replicas: 0,
    selector: {},
    // Structs without omitempty: Go's JSON has them too.
    template: { metadata: {}, spec: { containers: [{ name: 'a', resources: {}, securityContext: { privileged: false, runAsUser: 0 } }] } },
    strategy: {},
  });
});

test('a time of zero is none; one in a pointer that says 1970 is 1970', () => {
  const body = (time: Buffer) =>
    Buffer.concat([
      Buffer.from('k8s\0'),
      part(1, Buffer.concat([part(1, Buffer.from('v1')), part(2, Buffer.from('Namespace'))])),
      part(2, part(1, part(8, time))),
    ]);
  assert.deepEqual(decodeProtobuf(body(Buffer.alloc(0))), { apiVersion: 'v1', kind: 'Namespace', metadata: {} });
  assert.deepEqual(decodeProtobuf(body(Buffer.from([8, 0, 16, 0]))), {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { creationTimestamp: '1970-01-01T00:00:00Z' },
  });
});

test('DeleteOptions come in any group version', () => {
  const options = { propagationPolicy: 'Foreground', gracePeriodSeconds: 0 };
  for (const apiVersion of ['v1', 'apps/v1', 'meta.k8s.io/v1', 'ex.io/v1']) {
    const body = createEncoder({ ...table, kinds: { [`${apiVersion} DeleteOptions`]: 'meta.v1.DeleteOptions' } }, { explicit: false });
    assert.deepEqual(decodeProtobuf(body({ apiVersion, kind: 'DeleteOptions', ...options })), { apiVersion, kind: 'DeleteOptions', ...options });
  }
});

test('bodies that cannot be read are refused in words', () => {
  const envelope = (apiVersion: string, kind: string, raw: Buffer) =>
    Buffer.concat([Buffer.from('k8s\0'), part(1, Buffer.concat([part(1, Buffer.from(apiVersion)), part(2, Buffer.from(kind))])), part(2, raw)]);
  const refused: readonly (readonly [Buffer, number, RegExp])[] = [
    [Buffer.from('{}'), 400, /prefix/],
    [Buffer.from('k8s\0'), 400, /kind and version/],
    [bodies[0]!.subarray(0, -9), 400, /unexpected end/],
    [envelope('v1', 'Pot', Buffer.alloc(0)), 400, /no kind "Pot" is registered for version "v1"/],
    [envelope('apps/v1beta9', 'Deployment', Buffer.alloc(0)), 400, /no kind "Deployment"/],
    [envelope('apps.ex.io/v1', 'Deployment', Buffer.alloc(0)), 415, /accepted media types include: application\/json, application\/yaml$/],
    [envelope('v1', 'toString', Buffer.alloc(0)), 400, /no kind/],
    [envelope('v1', 'ConfigMap', Buffer.from([8, 1])), 400, /metadata is no message/],
    [envelope('v1', 'ConfigMap', Buffer.from([0x0b])), 400, /wire type 3/],
    [envelope('v1', 'ConfigMap', part(1, part(1, Buffer.from([0xff])))), 400, /not UTF-8/],
    [envelope('apps/v1', 'ControllerRevision', part(2, part(1, Buffer.from('{')))), 400, /JSON inside/],
    [envelope('v1', 'Namespace', part(1, part(8, Buffer.from([8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])))), 400, /a time of/],
    [envelope('v1', 'ResourceQuota', part(2, part(1, part(2, part(1, Buffer.from('much')))))), 400, /"much" is no quantity/],
  ];
  for (const [body, code, message] of refused) {
    assert.throws(
      () => decodeProtobuf(body),
      (error) => error instanceof Refusal && error.status.code === code && message.test(error.message),
    );
  }
});

test('nesting has an end', () => {
  let schema: Buffer = Buffer.alloc(0);
  for (let i = 0; i < 5000; i += 1) schema = part(29, part(2, schema));
  const definition = part(2, part(7, part(4, part(1, schema))));
  const body = Buffer.concat([
    Buffer.from('k8s\0'),
    part(1, Buffer.concat([part(1, Buffer.from('apiextensions.k8s.io/v1')), part(2, Buffer.from('CustomResourceDefinition'))])),
    part(2, definition),
  ]);
  assert.throws(() => decodeProtobuf(body), Refusal);
});

test('whatever comes in, nothing but refusals goes out', () => {
  const answered = (body: Uint8Array) => {
    try {
      decodeProtobuf(body);
    } catch (error) {
      assert.ok(error instanceof Refusal && (error.status.code === 400 || error.status.code === 415), String(error));
    }
  };
  const noise = fc.uint8Array({ maxLength: 64 });
  fc.assert(fc.property(noise, answered), { numRuns: 200 });
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(table.kinds)), noise, (kind, raw) => answered(around(kind, raw))),
    { numRuns: 2000 },
  );
  const edits = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...bodies), edits, (body, changes) => {
      const changed = Uint8Array.from(body);
      for (const [at, byte] of changes) changed[at % changed.length] = byte;
      answered(changed);
    }),
    { numRuns: 2000 },
  );
});

function around(groupVersionKind: string, raw: Uint8Array): Buffer {
  const [apiVersion, kind] = groupVersionKind.split(' ') as [string, string];
  return Buffer.concat([
    Buffer.from('k8s\0'),
    part(1, Buffer.concat([part(1, Buffer.from(apiVersion)), part(2, Buffer.from(kind))])),
    part(2, Buffer.from(raw)),
  ]);
}

/** A field that is text or a message. */
function part(number: number, value: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = value.length; ; rest >>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) break;
  }
  const key = (number << 3) | 2;
  return Buffer.concat([Buffer.from(key < 0x80 ? [key, ...length] : [(key & 0x7f) | 0x80, key >> 7, ...length]), value]);
}
