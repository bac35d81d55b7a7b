import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Namespace, Pod } from '@binnacle/client/kinds';
import { testCluster } from '../../test/cluster.ts';
import type { Image } from '../program.ts';

const slow: Image = {
  image: /^slow:/,
  async program(container) {
    if (!container.signal.aborted) await new Promise<void>((resolve) => container.signal.addEventListener('abort', () => resolve(), { once: true }));
    await container.clock.sleep(10_000);
    return 0;
  },
};

test('pods of a namespace end before anything goes that they may need until then', async () => {
  await using cluster = await testCluster([slow]);
  await cluster.create(ConfigMap, 'needed', {});
  await cluster.create(Pod, 'p', { spec: { containers: [{ name: 'main', image: 'slow:1' }] } });
  await cluster.until(Pod, 'p', ({ status }) => status?.phase === 'Running');
  await cluster.api.delete(Namespace, { name: 'ns' });
  let seen = 0;
  await cluster.clock.until(async () => {
    const [pods, maps] = [await cluster.list(Pod), await cluster.list(ConfigMap)];
    if (pods.length === 0) return true;
    seen += 1;
    assert.ok(
      maps.some(({ metadata }) => metadata.name === 'needed'),
      'gone before the pod was',
    );
    return false;
  });
  assert.ok(seen > 0, 'the pod was never seen to end');
  await cluster.clock.until(async () => !(await cluster.api.list(Namespace)).items.some(({ metadata }) => metadata.name === 'ns'));
});
