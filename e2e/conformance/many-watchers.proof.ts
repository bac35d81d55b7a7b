import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTarget } from '../target.ts';
import { done } from './requests.ts';
import { fill } from './workloads.ts';

const target = await openTarget();
const [WATCHERS, CHANGES] = [500, 1000];

test(`28. ${WATCHERS} watchers all hear ${CHANGES} changes, in the same order, nothing left out`, async (t) => {
  await using ns = await target.namespace();
  const { metadata } = await done(target, 'GET', ns.path('configmaps'));
  await using open = new AsyncDisposableStack();
  const path = `${ns.path('configmaps')}?watch=true&resourceVersion=${metadata.resourceVersion}&fieldSelector=metadata.name%21%3Dkube-root-ca.crt`;
  const watches = await Promise.all(Array.from({ length: WATCHERS }, async () => open.use(await target.watch(path))));
  const began = performance.now();
  const writing = fill(target, ns, CHANGES);
  const heard = await Promise.all(
    watches.map(async (watch) => {
      const versions: string[] = [];
      while (versions.length < CHANGES) versions.push((await watch.next())!.object.metadata.resourceVersion);
      return versions.join(' ');
    }),
  );
  await writing;
  t.diagnostic(`${Math.round((WATCHERS * CHANGES) / ((performance.now() - began) / 1000))} deliveries a second`);
  const [first] = heard;
  assert.ok(heard.every((one) => one === first));
  const versions = first!.split(' ').map(Number);
  assert.deepEqual(
    versions,
    [...new Set(versions)].toSorted((a, b) => a - b),
  );
});
