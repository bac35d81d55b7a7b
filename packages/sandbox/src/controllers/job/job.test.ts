import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Job, Pod } from '@binnacle/client/kinds';
import type { TestCluster } from '../../../test/cluster.ts';
import { testCluster } from '../../../test/cluster.ts';
import type { Image } from '../../program.ts';

/** Takes ten seconds to end when it is told to, and fails then. */
const slow: Image = {
  image: /^slow:/,
  async program(container) {
    if (!container.signal.aborted) await new Promise<void>((resolve) => container.signal.addEventListener('abort', () => resolve(), { once: true }));
    await container.clock.sleep(10_000);
    return 1;
  },
};

const job = (spec: object) => ({ spec: { ...spec, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'slow:1' }] } } } });
const runs = (cluster: TestCluster) => cluster.until(Job, 'job', ({ status }) => status?.ready === 1);

async function deleteItsPod(cluster: TestCluster): Promise<string> {
  const [pod] = await cluster.list(Pod);
  await cluster.delete(Pod, pod!.metadata.name);
  return pod!.metadata.name;
}

test('a pod that somebody deletes has failed at once, and another one takes its place', async () => {
  await using cluster = await testCluster([slow]);
  await cluster.create(Job, 'job', job({}));
  await runs(cluster);
  const name = await deleteItsPod(cluster);
  await cluster.until(Job, 'job', ({ status }) => status?.failed === 1);
  assert.ok(
    (await cluster.list(Pod)).some(({ metadata }) => metadata.name === name),
    'it had ended before it was counted',
  );
});

test('podReplacementPolicy Failed: another pod takes the place only of one that has ended', async () => {
  await using cluster = await testCluster([slow]);
  await cluster.create(Job, 'job', job({ podReplacementPolicy: 'Failed' }));
  await runs(cluster);
  const name = await deleteItsPod(cluster);
  let most = 0;
  await cluster.clock.until(async () => {
    const pods = (await cluster.list(Pod)).filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded');
    most = Math.max(most, pods.length);
    return pods.some(({ metadata }) => metadata.name !== name);
  });
  assert.equal(most, 1);
});

test('suspended, a Job has no start: the time of its deadline begins anew when it is resumed', async () => {
  await using cluster = await testCluster([slow]);
  await cluster.create(Job, 'job', job({ activeDeadlineSeconds: 100 }));
  const first = await runs(cluster);
  await cluster.clock.advance(60_000);
  await cluster.merge(Job, 'job', { spec: { suspend: true } });
  await cluster.until(Job, 'job', ({ status }) => status?.startTime === undefined);
  await cluster.clock.advance(60_000);
  await cluster.merge(Job, 'job', { spec: { suspend: false } });
  const again = await runs(cluster);
  assert.ok(again.status!.startTime! > first.status!.startTime!);
  await cluster.clock.advance(60_000);
  assert.equal((await cluster.get(Job, 'job'))?.status?.ready, 1);
});

test('a Job that is managed by somebody else is left to them', async () => {
  await using cluster = await testCluster([slow]);
  await cluster.create(Job, 'job', job({ managedBy: 'example.com/other' }));
  await cluster.clock.advance(60_000);
  assert.deepEqual(await cluster.list(Pod), []);
});
