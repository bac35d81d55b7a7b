import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duplicateKeys } from './duplicate-keys.ts';

const duplicates = (json: string) => duplicateKeys(json, JSON.parse(json) as unknown);

test('a key that is written twice is named by its path, however it is written', () => {
  assert.deepEqual(duplicates('{"spec":{"ports":[{"name":"a"},{"name":"b","port":1,"na\\u006de":"c"}]},"spec":null}'), ['spec.ports[1].name', 'spec']);
  assert.deepEqual(duplicates('{"a":1,"a":{"b":1,"b":2,"b":3}}'), ['a', 'a.b', 'a.b']);
});

test('what JSON.stringify writes has no doubled keys, whatever its texts hold', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => assert.deepEqual(duplicates(JSON.stringify(value)), [])));
  assert.deepEqual(duplicates('{"a":"\\\\","b":"\\\\\\":\\"","c:":":{}"}'), []);
});
