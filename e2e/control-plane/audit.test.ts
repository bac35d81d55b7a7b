import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { auditReader } from './audit.ts';

test('a watch that the server has ended is taken up again; one that begins anew or beside it is asked for', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'audit.log');
  const line = (stage: string, query: string) =>
    `${JSON.stringify({ stage, verb: 'watch', requestURI: `/api/v1/pods?watch=true&${query}`, requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z', user: { username: 'u' } })}\n`;
  const taken = (text: string) => (appendFileSync(log, text), reader.read().map(({ isTakenUp }) => isTakenUp));
  writeFileSync(log, '');
  const reader = auditReader(log);
  assert.deepEqual(taken(line('ResponseStarted', 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan')), [false]);
  assert.deepEqual(taken(line('ResponseStarted', 'resourceVersion=7')), [false], 'the first has not ended');
  assert.deepEqual(taken(line('ResponseComplete', 'sendInitialEvents=true')), []);
  assert.deepEqual(taken(line('ResponseStarted', 'fieldSelector=metadata.name%3Da&resourceVersion=8')), [false], 'of something else');
  assert.deepEqual(taken(line('ResponseStarted', 'resourceVersion=8&timeoutSeconds=300')), [true]);
  assert.deepEqual(taken(line('ResponseComplete', '') + line('ResponseStarted', 'sendInitialEvents=true&resourceVersion=0')), [false], 'reads all again');
  const half = line('ResponseStarted', 'resourceVersion=9');
  assert.deepEqual(taken(half.slice(0, 20)), []);
  assert.deepEqual(taken(half.slice(20)), [true], 'a line that was half written');
});
