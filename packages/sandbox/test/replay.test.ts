import { EndpointSlice, PersistentVolumeClaim, Pod, Service, StatefulSet } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCluster } from './cluster.ts';

const KINDS = [StatefulSet, Pod, PersistentVolumeClaim, EndpointSlice, Service] as const;

/** A set comes up, is rolled, scaled in and deleted: every change of it and of what belongs to it, as the server told it. */
async function story(): Promise<readonly string[]> {
  await using cluster = await testCluster();
  const { api, clock } = cluster;
  const lines: string[] = [];
  const stop = new AbortController();
  const following = KINDS.map(async (kind) => {
    const { resourceVersion } = await api.list(kind);
    for await (const event of api.watch(kind, { resourceVersion, signal: stop.signal }))
      if (event.type !== 'BOOKMARK') lines.push(`${clock.now()} ${event.type} ${JSON.stringify(event.object)}`);
  });
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }];
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'main', image: 'web:1' }] } };
  await cluster.create(Service, 'db', { spec: { clusterIP: 'None', selector: { app: 'x' }, ports: [{ port: 8080 }] } });
  await cluster.create(StatefulSet, 'db', {
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'x' } }, template, volumeClaimTemplates },
  });
  await cluster.until(StatefulSet, 'db', ({ status }) => status?.readyReplicas === 3);
  await cluster.merge(StatefulSet, 'db', { spec: { template: { metadata: { labels: { v: '2' } } } } });
  await cluster.until(StatefulSet, 'db', ({ status }) => status?.updatedReplicas === 3 && status.currentRevision === status.updateRevision);
  await cluster.merge(StatefulSet, 'db', { spec: { replicas: 1 } });
  await cluster.until(StatefulSet, 'db', ({ status }) => status?.replicas === 1);
  await cluster.delete(StatefulSet, 'db');
  await cluster.clock.advance(120_000);
  stop.abort();
  await Promise.allSettled(following);
  return lines;
}

test('78. the same seed tells the same story, to the byte', async () => {
  const first = await story();
  assert.ok(first.length > 50, `${first.length} events`);
  for (let again = 0; again < 2; again += 1) assert.deepEqual(await story(), first);
});
