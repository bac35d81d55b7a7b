import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logger } from './logger.ts';

test('a line says when, as people and Events write it, how grave it is, what of, and no secret', () => {
  const lines: string[] = [];
  const log = logger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  log.child({ controller: 'web' }).warn({ reason: 'Rolling', account: { password: 'hunter2' } }, '1 of 2 pods are ready');
  log.debug({}, 'nobody asked');
  assert.equal(lines.length, 1);
  const { time, ...rest } = JSON.parse(lines[0]!) as Readonly<Record<string, unknown>>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { level: 'warn', controller: 'web', reason: 'Rolling', account: { password: '[redacted]' }, message: '1 of 2 pods are ready' });
});
