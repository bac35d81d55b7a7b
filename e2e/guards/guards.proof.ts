import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '@binnacle/client';
import { ValidatingWebhookConfiguration } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../../apps/binnacle/src/cluster.ts';
import type { OperatorName } from '../../apps/binnacle/src/operators.ts';
import { kubectl } from '../../apps/binnacle/test/kubectl.ts';

const folder = mkdtempSync(join(tmpdir(), 'binnacle-guards-'));
after(() => rmSync(folder, { recursive: true }));

const clock = systemClock();
const kubeconfig = join(folder, 'kubeconfig');
const start = (operators: readonly OperatorName[]) =>
  startLocalCluster({ port: 0, kubeconfig, state: join(folder, 'state'), operators, clock, log: silentLogger });

const part = (name: string, replicas: number) => ({ baseImage: `ghcr.io/linsoss/doris-${name}`, replicas, requests: { storage: '1Gi' } });
const CLUSTER = JSON.stringify({
  apiVersion: 'al-assad.github.io/v1beta1',
  kind: 'DorisCluster',
  metadata: { name: 'prod' },
  spec: { version: '2.0.3', fe: part('fe', 3), be: part('be', 2), cn: part('cn', 1) },
});
const READY = ['wait', '--for=condition=Ready', 'doriscluster/prod', '--timeout=240s'];

test(
  'what would cost the quorum or the last copy of data is refused with the way out; all else goes, and everything does while the operator is down',
  { timeout: 600_000 },
  async () => {
    const k = kubectl(kubeconfig);
    {
      await using cluster = await start(['doris']);
      await k.ok(['apply', '-f', '-'], CLUSTER);
      await k.ok(READY);
      const announced = async () => ((await cluster.api.get(ValidatingWebhookConfiguration, { name: 'doris-operator' })).webhooks ?? []).length > 1;
      while (!(await announced())) await clock.sleep(20);

      // What is deleted stays away.
      await k.ok(['cordon', 'sandbox']);
      await k.ok(['delete', 'pod', 'prod-fe-2', 'prod-be-1', 'prod-cn-0', '--timeout=240s']);
      const refused = await k.refused(['delete', 'pod', 'prod-fe-1']);
      assert.match(refused, /doris-pod-deletion\.guard\.binnacle\.dev" denied the request: DorisCluster prod: prod-fe-2 is not serving already/);
      assert.match(refused, /only 1 of 3 front ends with a vote, and 2 are needed.*kubectl annotate pod prod-fe-1 al-assad\.github\.io\/allow-disruption=true/);
      // There is no tablet that the next back end could have the last copy of.
      await k.ok(['wait', '--for=jsonpath={.status.lastCopies.away[0]}=prod-be-1', 'doriscluster/prod', '--timeout=240s']);
      await k.ok(['delete', 'pod', 'prod-be-0', '--dry-run=server']);
      await k.ok(['delete', 'pod', 'prod-fe-2', 'prod-be-1']);

      assert.match(await k.refused(['scale', 'sts', 'prod-be', '--replicas=1']), /is scaled by spec\.be\.replicas of DorisCluster prod/);
      assert.match(await k.refused(['patch', 'sts', 'prod-fe', '-p', '{"spec":{"replicas":1}}']), /is scaled by spec\.fe\.replicas/);
      await k.ok(['scale', 'sts', 'prod-cn', '--replicas=0']);
      assert.match(await k.refused(['delete', 'sts', 'prod-fe']), /runs all front ends of DorisCluster prod: delete that, or this with --cascade=orphan/);
      assert.match(await k.refused(['delete', 'pvc', 'fe-meta-prod-fe-0']), /holds data of prod-fe-0/);
      assert.match(await k.refused(['delete', 'secret', 'prod-opr-account']), /is in Doris' metadata as well/);

      await k.ok(['annotate', 'pod', 'prod-be-0', 'al-assad.github.io/allow-disruption=true']);
      await k.ok(['delete', 'pod', 'prod-be-0', '--timeout=240s']);
      await k.ok(['label', 'namespace', 'default', 'binnacle.dev/hooks=off']);
      await k.ok(['delete', 'pod', 'prod-fe-1', '--timeout=240s']);
      await k.ok(['label', 'namespace', 'default', 'binnacle.dev/hooks-']);

      await k.ok(['uncordon', 'sandbox']);
      await k.ok(['wait', '--for=condition=Ready', 'pod/prod-fe-1', 'pod/prod-fe-2', 'pod/prod-be-0', 'pod/prod-be-1', '--timeout=240s']);
      await k.ok(READY);
      // One node, so whoever has left cannot come back: all others must stay.
      const stuck = await k.refused(['drain', 'sandbox', '--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=6s']);
      assert.match(stuck, /Wait until all (front|back) ends serve/);
      const pods = await k.ok(['get', 'pods', '-o', 'name']);
      const running = (await k.ok(['get', 'pods', '--field-selector=status.phase=Running', '-o', 'name'])).trim().split('\n');
      assert.equal(running.filter((name) => name.includes('-fe-')).length, 2, pods);
      assert.equal(running.filter((name) => name.includes('-be-')).length, 1, pods);
      await k.ok(['uncordon', 'sandbox']);
    }
    {
      // The webhook is announced still, and nobody answers.
      await using _ = await start([]);
      await k.ok(['delete', 'pod', 'prod-fe-0', 'prod-fe-1', '--wait=false']);
      await k.ok(['create', 'configmap', 'other']);
      await k.ok(['scale', 'sts', 'prod-be', '--replicas=0']);
      await k.ok(['delete', 'sts', 'prod-fe']);
    }
  },
);

test('a cluster that is deleted, and a namespace with one in it, go without anybody being asked', { timeout: 600_000 }, async () => {
  const k = kubectl(kubeconfig);
  await using _ = await start(['doris']);
  await k.ok(['create', 'namespace', 'short']);
  await k.ok(['apply', '-n', 'short', '-f', '-'], CLUSTER);
  await k.ok(['wait', '-n', 'short', '--for=jsonpath={.status.readyReplicas}=3', 'sts/prod-fe', '--timeout=240s']);
  await k.ok(['delete', 'namespace', 'short', '--timeout=240s']);
  await k.ok(['delete', 'doriscluster', 'prod', '--timeout=240s']);
  await k.ok(['wait', '--for=delete', 'pod', '--all', '--timeout=240s']);
});

const DATA = JSON.stringify({
  apiVersion: 'al-assad.github.io/v1beta1',
  kind: 'DorisCluster',
  metadata: { name: 'data' },
  spec: { version: '2.0.3', fe: part('fe', 1), be: part('be', 3) },
});
const TABLE = JSON.stringify({
  apiVersion: 'al-assad.github.io/v1beta1',
  kind: 'DorisInitializer',
  metadata: { name: 'data' },
  spec: {
    cluster: 'data',
    initSqlScript: "CREATE DATABASE demo; CREATE TABLE demo.t (k INT) DISTRIBUTED BY HASH(k) BUCKETS 6 PROPERTIES ('replication_num' = '2')",
  },
});

test(
  'two nodes that share a tablet are never away at once: a deletion is refused with the count, a drain takes one of them and no more',
  { timeout: 600_000 },
  async () => {
    const k = kubectl(kubeconfig);
    await using cluster = await start(['doris']);
    await k.ok(['create', 'namespace', 'shared']);
    const inShared = (...args: readonly string[]) => [...args, '-n', 'shared'];
    const ready = inShared('wait', '--for=condition=Ready', 'doriscluster/data', '--timeout=240s');
    await k.ok(inShared('apply', '-f', '-'), DATA);
    await k.ok(ready);
    await k.ok(inShared('apply', '-f', '-'), TABLE);
    await k.ok(inShared('wait', '--for=condition=Ready', 'dorisinitializer/data', '--timeout=240s'));
    const announced = async () => ((await cluster.api.get(ValidatingWebhookConfiguration, { name: 'doris-operator' })).webhooks ?? []).length > 1;
    while (!(await announced())) await clock.sleep(20);
    const running = async () =>
      (await k.ok(inShared('get', 'pods', '-o', 'name', '--field-selector=status.phase=Running'))).split('\n').filter((name) => name.includes('-be-')).length;

    await k.ok(['cordon', 'sandbox']);
    await k.ok(inShared('delete', 'pod', 'data-be-2', '--timeout=240s'));
    await k.ok(inShared('wait', '--for=jsonpath={.status.lastCopies.away[0]}=data-be-2', 'doriscluster/data', '--timeout=240s'));
    for (const pod of ['data-be-0', 'data-be-1']) {
      assert.match(await k.refused(inShared('delete', 'pod', pod)), new RegExp(`data-be-2 is not serving, and ${pod} holds the last copy of 2 tablets`));
    }
    await k.ok(['uncordon', 'sandbox']);
    await k.ok(inShared('wait', '--for=condition=Ready', 'pod/data-be-2', '--timeout=240s'));
    await k.ok(ready);

    await k.refused([
      'drain',
      'sandbox',
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--force',
      '--timeout=8s',
      '--pod-selector=app.kubernetes.io/component=be',
    ]);
    assert.equal(await running(), 2);
    await k.ok(['uncordon', 'sandbox']);
    await k.ok(ready);
    assert.equal(await running(), 3);
  },
);
