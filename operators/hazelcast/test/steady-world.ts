import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { isReady } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import { fate, world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { STATUS_INTERVAL_MS } from '../src/hazelcast/members/see.ts';
import { TYPES } from '../src/protocol/messages.ts';
import { asked } from './message-door.ts';
import { hazelcast } from './subject.ts';

/** Clusters of two members, and how long they are watched once they are well; ms of virtual time. */
export interface Steady {
  readonly clusters: number;
  readonly forMs: number;
}

/** What an operator did meanwhile: questions about its state to each member, types of messages, connections, writes to Kubernetes but for its Lease. */
export interface Sent {
  readonly requests: readonly number[];
  readonly types: ReadonlySet<number>;
  readonly connections: number;
  readonly writes: readonly string[];
}

export const namesOf = (clusters: number) => Array.from({ length: clusters }, (_, index) => `c${index}`);

export async function bringUp(w: World, names: readonly string[], clusterSize: number): Promise<void> {
  for (const name of names)
    await w.api.apply(Hazelcast, { metadata: { namespace: 'default', name }, spec: { version: '5.5.0', clusterSize } }, { fieldManager: 'user' });
  for (const name of names) await w.until(Hazelcast, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
}

/** Brings clusters up and lets time pass over them. */
async function watched({ clusters, forMs }: Steady): Promise<Sent> {
  const types = new Set<number>();
  const requests = new Map<string, number>();
  let connections = 0;
  const door = asked((type, host) => {
    types.add(type);
    if (type === TYPES.getTimedMemberState) requests.set(host, (requests.get(host) ?? 0) + 1);
  });
  const counted = (inner: Network): Network => ({
    connect(to, signal) {
      connections++;
      return inner.connect(to, signal);
    },
  });
  const subject: Subject = { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: counted(door(parts.network, fate())) }) };
  await using w = await world([subject]);
  const operator = w.start(subject);
  await bringUp(w, namesOf(clusters), 2);
  await w.clock.advance(2 * STATUS_INTERVAL_MS);
  const before = operator.door.writes.length;
  types.clear();
  requests.clear();
  connections = 0;
  await w.clock.advance(forMs);
  return { requests: [...requests.values()], types, connections, writes: operator.door.writes.slice(before).filter((one) => !one.includes('/leases')) };
}

// A thread of its own: node:test follows every promise of the thread that its tests are in, which costs more than the clusters do.
if (!isMainThread) parentPort?.postMessage(await watched(workerData as Steady)); // sound: steady.proof.ts starts it
