import { parentPort, workerData } from 'node:worker_threads';
import { isReady } from '@binnacle/client';
import { fate, world } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import { STATUS_INTERVAL_MS } from '../src/cluster/doris.ts';
import { DorisCluster } from '../src/index.ts';
import { sized } from './cluster-world.ts';
import { listening } from './statement-door.ts';
import { doris } from './subject.ts';

/** Clusters, and how long they are watched once they are well; ms of virtual time. */
export interface Steady {
  readonly clusters: number;
  readonly forMs: number;
}

/** What an operator sent meanwhile: statements that read, rounds of them, statements that change something, writes to Kubernetes but for its Lease. */
export interface Sent {
  readonly reads: number;
  readonly rounds: number;
  readonly changes: readonly string[];
  readonly writes: readonly string[];
}

/** Brings clusters up and lets time pass over them. */
async function watched({ clusters, forMs }: Steady): Promise<Sent> {
  let reads = 0;
  let rounds = 0;
  const changes: string[] = [];
  const door = listening((sql) => {
    reads += 1;
    if (sql === 'SHOW BACKENDS') rounds += 1;
    if (!sql.startsWith('SHOW ')) changes.push(sql);
  });
  const subject: Subject = { ...doris, create: (parts) => doris.create({ ...parts, network: door(parts.network, fate()) }) };
  await using w = await world([subject]);
  const operator = w.start(subject);
  const names = Array.from({ length: clusters }, (_, index) => `c${index}`);
  for (const name of names) await w.api.apply(DorisCluster, { metadata: { namespace: 'default', name }, spec: sized(1, 1) }, { fieldManager: 'user' });
  for (const name of names) await w.until(DorisCluster, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  reads = 0;
  rounds = 0;
  changes.length = 0;
  const before = operator.door.writes.length;
  await w.clock.advance(forMs);
  return { reads, rounds, changes, writes: operator.door.writes.slice(before).filter((one) => !one.includes('/leases')) };
}

// A thread of its own: node:test follows every promise of the thread that its tests are in, which costs more than the clusters do.
parentPort?.postMessage(await watched(workerData as Steady)); // sound: steady.proof.ts starts it
