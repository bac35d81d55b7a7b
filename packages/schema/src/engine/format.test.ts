import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasFormat } from './format.ts';

const GOOD: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2024-02-29T23:59:59Z', '2024-01-01T00:00:00.123456Z', '2024-01-01T00:00:00-07:00'],
  date: ['2024-02-29'],
  duration: ['1h30m', '0', '-5s', '3 days'],
  byte: ['', 'aGk=', 'YWJj'],
  ipv4: ['10.0.0.1'],
  ipv6: ['::1'],
  cidr: ['10.0.0.0/8', 'fd00::/64'],
  uri: ['https://ex.io/a', '/a'],
  email: ['a@b.c'],
  hostname: ['a.b-c'],
  mac: ['00:00:5e:00:53:01'],
  uuid: ['123e4567-e89b-12d3-a456-426614174000'],
};
const BAD: Readonly<Record<string, readonly string[]>> = {
  'date-time': ['2024-02-30T00:00:00Z', '2024-01-01', '2024-01-01T24:00:00Z', ''],
  date: ['2023-02-29', '2024-13-01'],
  duration: ['P1D', 'soon', ''],
  byte: ['a', 'a===', '%%'],
  ipv4: ['10.0.0', '::1'],
  ipv6: ['10.0.0.1'],
  cidr: ['10.0.0.0', '10.0.0.0/33'],
  uri: ['not a uri'],
  email: ['a', 'a@'],
  hostname: ['-a', 'a..b', 'a_b'],
  mac: ['00:00'],
  uuid: ['x'],
};

test('formats accept what Kubernetes accepts', () => {
  for (const [format, texts] of Object.entries(GOOD)) for (const text of texts) assert.ok(hasFormat(format, text), `${format} ${text}`);
});

test('formats refuse what Kubernetes refuses', () => {
  for (const [format, texts] of Object.entries(BAD)) for (const text of texts) assert.ok(!hasFormat(format, text), `${format} ${text}`);
});
