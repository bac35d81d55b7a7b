import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { fate, world } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import { STATUS_INTERVAL_MS } from '../src/cluster/doris.ts';
import { DorisCluster } from '../src/index.ts';
import { sized } from './cluster-world.ts';
import { listening } from './statement-door.ts';
import { doris } from './subject.ts';

const CLUSTERS = 100;
/** Virtual hours; `STEADY_HOURS=24` for the whole day, which takes a quarter of a real hour and more. */
const HOURS = Number(process.env['STEADY_HOURS'] ?? 1);
const STEADY_MS = HOURS * 3_600_000;

test(`${CLUSTERS} clusters steady for ${HOURS} virtual hours: no write to Kubernetes, no statement that changes anything, one round of reads an interval`, async (t) => {
  const sent = { reads: 0, rounds: 0, changes: [] as string[] };
  const door = listening((sql) => {
    sent.reads += 1;
    if (sql === 'SHOW BACKENDS') sent.rounds += 1;
    if (!sql.startsWith('SHOW ')) sent.changes.push(sql);
  });
  const subject: Subject = { ...doris, create: (parts) => doris.create({ ...parts, network: door(parts.network, fate()) }) };
  await using w = await world([subject]);
  const operator = w.start(subject);
  const names = Array.from({ length: CLUSTERS }, (_, index) => `c${index}`);
  for (const name of names) await w.api.apply(DorisCluster, { metadata: { namespace: 'default', name }, spec: sized(1, 1) } as never, { fieldManager: 'user' });
  for (const name of names) await w.until(DorisCluster, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  Object.assign(sent, { reads: 0, rounds: 0, changes: [] });
  const before = operator.door.writes.length;
  await w.clock.advance(STEADY_MS);
  const writes = operator.door.writes.slice(before).filter((one) => !one.includes('/leases'));
  t.diagnostic(`${sent.rounds} rounds of ${(sent.reads / sent.rounds).toFixed(2)} reads, ${writes.length} writes to Kubernetes`);
  assert.deepEqual(writes, []);
  assert.deepEqual(sent.changes, []);
  assert.ok(sent.rounds <= (CLUSTERS * STEADY_MS) / (0.9 * STATUS_INTERVAL_MS), `${sent.rounds} rounds`);
  assert.ok(sent.rounds >= (CLUSTERS * STEADY_MS) / (1.1 * STATUS_INTERVAL_MS) - CLUSTERS, `${sent.rounds} rounds`);
  assert.ok(sent.reads <= 3 * sent.rounds, `${sent.reads} reads in ${sent.rounds} rounds`);
});
