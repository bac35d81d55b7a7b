import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'hazelcast-client';

/** A user's own client, which never stops writing: Hazelcast's for Node, smart, told to repeat what got no answer. */
export interface Writer {
  /** Entries that the cluster has said it holds. */
  readonly acknowledged: number;
  /** Stops and reads everything back. Fails when an entry that was acknowledged is not there or says something else. Returns how many there are. */
  stop(): Promise<number>;
}

const PAUSE_MS = 2;
/** Values that fill more than a packet, so that moving partitions takes its time. */
const VALUE = 'x'.repeat(2_000);
const AT_ONCE = 50;

/** Connects to members by address and writes new entries until it is stopped. */
export async function writer(ips: readonly string[], clusterName = 'dev'): Promise<Writer> {
  const client = await Client.newHazelcastClient({
    clusterName,
    network: { clusterMembers: ips.map((ip) => `${ip}:5701`), redoOperation: true, connectionTimeout: 3_000 },
    connectionStrategy: { connectionRetry: { clusterConnectTimeoutMillis: 120_000, maxBackoffMillis: 500, initialBackoffMillis: 100 } },
    properties: { 'hazelcast.logging.level': 'OFF', 'hazelcast.client.invocation.timeout.millis': 120_000 },
  });
  const map = await client.getMap<number, string>('entries');
  let acknowledged = 0;
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      await map.set(acknowledged, `${acknowledged} ${VALUE}`);
      acknowledged += 1;
      await sleep(PAUSE_MS);
    }
  })();
  writing.catch(() => undefined);
  return {
    get acknowledged() {
      return acknowledged;
    },
    async stop() {
      stopped = true;
      try {
        await writing;
        const lost: number[] = [];
        for (let from = 0; from < acknowledged; from += AT_ONCE) {
          const keys = Array.from({ length: Math.min(AT_ONCE, acknowledged - from) }, (_, index) => from + index);
          const values = await Promise.all(keys.map((key) => map.get(key)));
          lost.push(...keys.filter((key, index) => values[index] !== `${key} ${VALUE}`));
        }
        assert.deepEqual(lost, [], `${lost.length} of ${acknowledged} entries are lost`);
        return acknowledged;
      } finally {
        await client.shutdown();
      }
    },
  };
}
