import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';
import type { LocalCluster } from '../src/cluster.ts';
import { kubectl } from './kubectl.ts';
import type { Kubectl } from './kubectl.ts';

const BASIC = { doris: 'doris/basic.yaml', hazelcast: 'hazelcast/basic.yaml' };
const text = (file: string) => readFileSync(new URL(`../../../examples/${file}`, import.meta.url), 'utf8');

let folder: string;
let cluster: LocalCluster;
let k: Kubectl;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-kubectl-'));
  const kubeconfig = join(folder, 'kubeconfig');
  cluster = await startLocalCluster({ port: 0, kubeconfig, state: undefined, operators: ['doris', 'hazelcast'], clock: systemClock(), log: silentLogger });
  k = kubectl(kubeconfig);
  await k.ok(['apply', '-f', '-'], text(BASIC.doris));
  await k.ok(['apply', '-f', '-'], text(BASIC.hazelcast));
  await k.ok(['wait', '--for=condition=Ready', 'doriscluster/basic', 'hazelcast/hazelcast', '--timeout=60s']);
});

after(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('kubectl get shows both clusters, their sets, pods and services in columns', async () => {
  const shown = await k.ok(['get', 'doriscluster,hazelcast,sts,pods,svc']);
  for (const name of [
    'doriscluster.al-assad.github.io/basic',
    'hazelcast.hazelcast.com/hazelcast',
    'statefulset.apps/basic-be',
    'pod/hazelcast-2',
    'service/basic-fe-peer',
  ]) {
    assert.ok(shown.includes(name), `${name} in:\n${shown}`);
  }
  assert.match(shown, /hazelcast\.hazelcast\.com\/hazelcast\s+Running\s+True\s+3\/3/);
});

test('-o yaml has the spec as it was written, and a status', async () => {
  const yaml = await k.ok(['get', 'hazelcast', 'hazelcast', '-o', 'yaml']);
  assert.match(yaml, /clusterSize: 3/);
  assert.match(yaml, /readyMembers: 3\/3/);
});

test('describe tells what happened', async () => {
  const told = await k.ok(['describe', 'doriscluster', 'basic']);
  assert.match(told, /Events:/);
  assert.match(told, /BackEndJoined/);
});

test('explain knows each field', async () => {
  const explained = await k.ok(['explain', 'hazelcast.spec.exposeExternally']);
  assert.match(explained, /FIELD: exposeExternally/);
  assert.match(explained, /enum: Smart, Unisocket/);
});

test('logs of a member are there', async () => {
  assert.match(await k.ok(['logs', 'hazelcast-0', '-c', 'hazelcast']), /is STARTED/);
});

test('a typo is refused, with the path of the field', async () => {
  const refused = await k.refused(['apply', '-f', '-'], text(BASIC.hazelcast).replace('clusterSize', 'clusterSzie'));
  assert.match(refused, /unknown field "spec\.clusterSzie"/);
  const wrong = await k.refused(['apply', '-f', '-'], text(BASIC.doris).replace('replicas: 1', 'replicas: one'));
  assert.match(wrong, /spec\.fe\.replicas/);
});

test('scale and edit change the size of Hazelcast, up and down', async () => {
  await k.ok(['scale', 'hazelcast/hazelcast', '--replicas=4']);
  await k.ok(['wait', '--for=jsonpath={.status.hazelcastClusterStatus.readyMembers}=4/4', 'hazelcast/hazelcast', '--timeout=60s']);
  await k.ok(['edit', 'hazelcast', 'hazelcast'], undefined, { KUBE_EDITOR: editor('s/clusterSize: 4/clusterSize: 3/') });
  await k.ok(['wait', '--for=jsonpath={.status.hazelcastClusterStatus.readyMembers}=3/3', 'hazelcast/hazelcast', '--timeout=60s']);
});

test('edit changes the number of back ends, up and down', async () => {
  await k.ok(['edit', 'doriscluster', 'basic'], undefined, { KUBE_EDITOR: editor('/^  be:/,/^  [a-z]*:$/ s/replicas: 1/replicas: 3/') });
  await k.ok(['wait', '--for=create', 'pod/basic-be-2', '--timeout=60s']);
  await k.ok(['wait', '--for=condition=Ready', 'doriscluster/basic', '--timeout=60s']);
  assert.match(await k.ok(['get', 'doriscluster', 'basic', '-o', 'jsonpath={.status.be.readyMembers}']), /basic-be-2\.default/);
  await k.ok(['edit', 'doriscluster', 'basic'], undefined, { KUBE_EDITOR: editor('/^  be:/,/^  [a-z]*:$/ s/replicas: 3/replicas: 2/') });
  await k.ok(['wait', '--for=delete', 'pod/basic-be-2', '--timeout=60s']);
});

/** An editor that does what sed does. */
function editor(script: string): string {
  const path = join(folder, 'editor');
  writeFileSync(path, `#!/bin/sh\nsed -i '${script}' "$1"\n`, { mode: 0o755 });
  return path;
}

test('deleted and created again it comes back', async () => {
  await k.ok(['delete', 'hazelcast', 'hazelcast']);
  await k.ok(['wait', '--for=delete', 'pod/hazelcast-0', '--timeout=60s']);
  await k.ok(['apply', '-f', '-'], text(BASIC.hazelcast));
  await k.ok(['wait', '--for=condition=Ready', 'hazelcast/hazelcast', '--timeout=60s']);
});

test('what kubectl gets as a list it applies again, and a kind that is misspelt is called so', async () => {
  await k.ok(['create', 'configmap', 'listed', '--from-literal=key=value']);
  const list = await k.ok(['get', 'configmaps', '-l', 'app!=none', '-o', 'yaml']);
  assert.match(list, /^kind: List$/m);
  await k.ok(['delete', 'configmap', 'listed']);
  assert.match(await k.ok(['apply', '-f', '-'], list), /configmap\/listed created/);
  for (const apiVersion of ['hazelcast.com/v1alpha1', 'apps/v1']) {
    const misspelt = `apiVersion: ${apiVersion}\nkind: Hazelcats\nmetadata: { name: x }\n`;
    assert.match(await k.refused(['apply', '-f', '-'], misspelt), new RegExp(`no matches for kind "Hazelcats" in version "${apiVersion}"`));
  }
});
