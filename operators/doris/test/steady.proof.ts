import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { STATUS_INTERVAL_MS } from '../src/cluster/doris.ts';
import type { Sent, Steady } from './steady-world.ts';

const CLUSTERS = Number(process.env['STEADY_CLUSTERS'] ?? 100);
/** Virtual hours; `STEADY_HOURS=24` for the whole day. */
const HOURS = Number(process.env['STEADY_HOURS'] ?? 1);
const STEADY_MS = HOURS * 3_600_000;

test(`${CLUSTERS} clusters steady for ${HOURS} virtual hours: no write to Kubernetes, no statement that changes anything, one round of reads an interval`, async (t) => {
  const steady: Steady = { clusters: CLUSTERS, forMs: STEADY_MS };
  const worker = new Worker(new URL('steady-world.ts', import.meta.url), { workerData: steady });
  const [sent] = (await once(worker, 'message')) as [Sent]; // an error of the worker is thrown here; sound: the type that it posts
  await worker.terminate();
  t.diagnostic(`${sent.rounds} rounds of ${(sent.reads / sent.rounds).toFixed(2)} reads, ${sent.writes.length} writes to Kubernetes`);
  assert.deepEqual(sent.writes, []);
  assert.deepEqual(sent.changes, []);
  assert.ok(sent.rounds <= (CLUSTERS * STEADY_MS) / (0.9 * STATUS_INTERVAL_MS), `${sent.rounds} rounds`);
  assert.ok(sent.rounds >= (CLUSTERS * STEADY_MS) / (1.1 * STATUS_INTERVAL_MS) - CLUSTERS, `${sent.rounds} rounds`);
  assert.ok(sent.reads <= 3 * sent.rounds, `${sent.reads} reads in ${sent.rounds} rounds`);
});
