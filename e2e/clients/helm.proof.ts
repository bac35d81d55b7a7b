import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { needs, openTarget } from '../target.ts';
import { done, newGroup } from '../conformance/requests.ts';
import { until } from '../conformance/workloads.ts';
import { helm, MINORS, missingTools } from './tools.ts';

const target = await openTarget();
const folder = mkdtempSync(join(tmpdir(), 'binnacle-helm-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const skip = { skip: missingTools() || needs(target, 'controllers', 'node').skip };

for (const minor of MINORS) {
  test(`3. helm of ${minor}: a chart with a definition is installed and waited for, upgraded, rolled back, and taken away`, skip, async (t) => {
    await using ns = await target.namespace();
    const h = helm(minor, target.kubeconfig, folder);
    t.diagnostic((await h.ok(['version', '--short'])).trim());
    const group = newGroup();
    const chart = join(folder, minor);
    cpSync(join(import.meta.dirname, 'chart'), chart, { recursive: true });
    const file = join(chart, 'crds/things.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('GROUP', group));
    const values = (image: string, replicas: number) => [
      '--set',
      `image=${image},replicas=${replicas},group=${group},job=${target.images.succeeds}`,
      '-n',
      ns.name,
      '--wait',
      '--timeout',
      '240s',
    ];
    await h.ok(['install', 'r', chart, ...values(target.images.sleeper, 2)]);
    const path = `${ns.path('deployments', 'apps/v1')}/r`;
    // helm waits for pods; their Deployment hears of them as helm does.
    await until(target, path, 'two are ready', ({ status }) => status.readyReplicas === 2);
    const thing = `/apis/${group}/v1/namespaces/${ns.name}/things/r`;
    assert.equal((await done(target, 'GET', thing)).spec.size, 2);
    assert.equal((await done(target, 'GET', `${ns.path('jobs', 'batch/v1')}/r-ready`)).status.succeeded, 1, 'the hook has run');
    await h.ok(['upgrade', 'r', chart, ...values(target.images.sleeper2, 3)]);
    const upgraded = await until(target, path, 'three new ones are ready', ({ status }) => status.updatedReplicas === 3 && status.readyReplicas === 3);
    assert.equal(upgraded.spec.template.spec.containers[0].image, target.images.sleeper2);
    const failed = await h.refused([
      'upgrade',
      'r',
      chart,
      '--set',
      `image=${target.images.missing},replicas=3,group=${group},job=${target.images.succeeds}`,
      '-n',
      ns.name,
      '--wait',
      '--timeout',
      '3s',
    ]);
    assert.match(failed, /UPGRADE FAILED/);
    await h.ok(['rollback', 'r', '1', '-n', ns.name, '--wait', '--timeout', '240s']);
    const back = await done(target, 'GET', path);
    assert.deepEqual([back.spec.template.spec.containers[0].image, back.spec.replicas], [target.images.sleeper, 2]);
    assert.match(await h.ok(['history', 'r', '-n', ns.name]), /Rollback to 1/);
    assert.match(await h.ok(['list', '-n', ns.name]), /deployed/);
    await h.ok(['uninstall', 'r', '-n', ns.name, '--wait', '--timeout', '240s']);
    assert.equal((await target.ask('GET', path)).status, 404);
    assert.equal((await target.ask('GET', thing)).status, 404);
    const definition = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`;
    assert.equal((await target.ask('GET', definition)).status, 200, 'helm leaves definitions');
    await done(target, 'DELETE', definition);
  });
}
