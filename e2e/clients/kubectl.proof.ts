import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually } from '../eventually.ts';
import { things } from '../conformance/requests.ts';
import { needs, openTarget } from '../target.ts';
import { kubectl, MINORS, missingTools } from './tools.ts';
import type { Minor, Tool } from './tools.ts';

const target = await openTarget();
const folder = mkdtempSync(join(tmpdir(), 'binnacle-tools-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const skip = { skip: missingTools() || needs(target, 'controllers', 'node').skip };

const MANIFEST = (image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: "${image}", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1"}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;

/** kubectl in a namespace of its own. */
async function inNamespace(minor: Minor, work: (k: Tool, apply: (image?: string) => Promise<string>) => Promise<void>): Promise<void> {
  await using ns = await target.namespace();
  const raw = kubectl(minor, target.kubeconfig, folder);
  const within = (args: readonly string[]) => ['-n', ns.name, ...args];
  const k: Tool = {
    name: raw.name,
    ok: (args, options) => raw.ok(within(args), options),
    refused: (args, options) => raw.refused(within(args), options),
    start: (args) => raw.start(within(args)),
  };
  await work(k, (image = target.images.sleeper) => k.ok(['apply', '-f', '-'], { input: MANIFEST(image) }));
}

for (const minor of MINORS) {
  test(`2. kubectl of ${minor}: applied, shown in every form, described and explained`, skip, () =>
    inNamespace(minor, async (k, apply) => {
      assert.match(await apply(), /deployment\.apps\/web created/);
      assert.match(await apply(), /deployment\.apps\/web unchanged/);
      await k.ok(['wait', '--for=condition=Available', 'deployment/web', '--timeout=240s']);
      await k.ok(['wait', '--for=jsonpath={.status.readyReplicas}=2', 'deployment/web', '--timeout=240s']);
      assert.match(await k.ok(['get', 'deploy,rs,pods,svc,cm']), /deployment\.apps\/web +2\/2/);
      assert.match(await k.ok(['get', 'all', '-o', 'wide']), /CONTAINERS +IMAGES/);
      assert.match(await k.ok(['get', 'deploy', 'web', '-o', 'yaml']), /kubectl\.kubernetes\.io\/last-applied-configuration/);
      assert.equal(JSON.parse(await k.ok(['get', 'deploy', 'web', '-o', 'json'])).spec.replicas, 2);
      assert.equal(await k.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}']), '2');
      assert.equal((await k.ok(['get', 'cm', 'settings', '-o', 'name'])).trim(), 'configmap/settings');
      assert.equal((await k.ok(['get', 'cm', 'settings', '-o', 'go-template={{.data.a}}'])).trim(), '1');
      assert.match(await k.ok(['get', 'pods', '-o', 'custom-columns=N:.metadata.name,P:.status.phase', '--sort-by=.metadata.name']), /web-.* +Running/);
      assert.match(await k.ok(['get', 'pods', '-l', 'app=web', '--field-selector', 'status.phase=Running', '--no-headers', '--show-labels']), /app=web/);
      await using watching = k.start(['get', 'pods', '-w']);
      await watching.said(/web-/);
      for (const what of ['deploy/web', 'svc/web', 'pods', 'cm/settings'])
        assert.match(await k.ok(['describe', what.split('/')[0]!, ...what.split('/').slice(1)]), /Name: /);
      // Events are written by the way.
      await eventually('its events are shown', async () => (await k.ok(['describe', 'deploy', 'web'])).includes('ScalingReplicaSet'));
      assert.match(await k.ok(['explain', 'deployment.spec.strategy.rollingUpdate']), /maxSurge/);
      assert.match(await k.ok(['explain', 'pod.spec', '--recursive']), /tolerations/);
      assert.match(await k.ok(['api-resources']), /statefulsets +sts +apps\/v1 +true +StatefulSet/);
      assert.match(await k.ok(['api-versions']), /apiextensions\.k8s\.io\/v1/);
      assert.match(await k.ok(['version']), /Server Version: v1\./);
    }),
  );

  test(`2. kubectl of ${minor}: labels, annotations, three patches, an edit, a difference, server-side apply`, skip, () =>
    inNamespace(minor, async (k, apply) => {
      await apply();
      await k.ok(['label', 'cm', 'settings', 'tier=one']);
      assert.match(await k.refused(['label', 'cm', 'settings', 'tier=two']), /'tier' already has a value/);
      await k.ok(['label', 'cm', 'settings', 'tier=two', '--overwrite']);
      await k.ok(['annotate', 'cm', 'settings', 'note=x']);
      await k.ok(['patch', 'cm', 'settings', '--type=merge', '-p', '{"data":{"b":"2"}}']);
      await k.ok(['patch', 'cm', 'settings', '--type=json', '-p', '[{"op":"replace","path":"/data/a","value":"3"}]']);
      await k.ok(['patch', 'deploy', 'web', '-p', '{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"X","value":"1"}]}]}}}}']);
      const editor = join(folder, 'editor');
      writeFileSync(editor, '#!/bin/sh\nsed -i "s/b: \\"2\\"/b: edited/" "$1"\n', { mode: 0o755 });
      await k.ok(['edit', 'cm', 'settings'], { env: { KUBE_EDITOR: editor } });
      const settings = JSON.parse(await k.ok(['get', 'cm', 'settings', '-o', 'json']));
      assert.deepEqual(settings.data, { a: '3', b: 'edited' });
      assert.deepEqual([settings.metadata.labels.tier, settings.metadata.annotations.note], ['two', 'x']);
      const changed = MANIFEST(target.images.sleeper).replace('replicas: 2', 'replicas: 3');
      assert.match(await k.refused(['diff', '-f', '-'], { input: changed }), /^\+ +replicas: 3$/m);
      const server = ['apply', '--server-side', '-f', '-'];
      const conflict = await k.refused(server, { input: changed.replace('a: "1"', 'a: "9"') });
      assert.match(conflict, /conflict with "kubectl-patch"/);
      assert.match(await k.ok([...server, '--force-conflicts'], { input: changed }), /configmap\/settings serverside-applied/);
      assert.match(await k.ok(server, { input: changed }), /deployment\.apps\/web serverside-applied/);
      const managers = JSON.parse(await k.ok(['get', 'deploy', 'web', '-o', 'json', '--show-managed-fields'])).metadata.managedFields;
      assert.ok(managers.some((m: any) => m.manager === 'kubectl' && m.operation === 'Apply'));
      assert.ok(!managers.some((m: any) => m.manager === 'kubectl-client-side-apply'));
      assert.match(await k.refused(['apply', '-f', '-'], { input: changed.replace('replicas:', 'replcas:') }), /unknown field "spec\.replcas"/);
      await k.ok(['create', 'secret', 'generic', 's', '--from-literal=a=b', '--dry-run=server']);
      await k.ok(['replace', '-f', '-'], { input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: "5"}\n' });
    }),
  );

  test(`2. kubectl of ${minor}: scale, rollout status, restart, history, undo and pause`, skip, () =>
    inNamespace(minor, async (k, apply) => {
      await apply();
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      await k.ok(['scale', 'deploy/web', '--replicas=3']);
      await k.ok(['wait', '--for=jsonpath={.status.readyReplicas}=3', 'deployment/web', '--timeout=240s']);
      assert.match(await k.refused(['scale', 'deploy/web', '--replicas=1', '--current-replicas=7']), /Expected replicas to be 7, was 3/i);
      await k.ok(['set', 'image', 'deploy/web', `c=${target.images.sleeper2}`]);
      assert.match(await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']), /successfully rolled out/);
      assert.match(await k.ok(['rollout', 'history', 'deploy/web']), /^2 /m);
      await k.ok(['rollout', 'undo', 'deploy/web']);
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      assert.equal(await k.ok(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}']), target.images.sleeper);
      await k.ok(['rollout', 'restart', 'deploy/web']);
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      await k.ok(['rollout', 'pause', 'deploy/web']);
      await k.ok(['rollout', 'resume', 'deploy/web']);
      await k.ok(['autoscale', 'deploy/web', '--min=1', '--max=4', '--cpu-percent=80']);
    }),
  );

  test(`2. kubectl of ${minor}: logs, a command in a pod, and a stranger’s rights`, skip, () =>
    inNamespace(minor, async (k, apply) => {
      await apply();
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      assert.match(await k.ok(['logs', 'deploy/web']), /started/);
      assert.match(await k.ok(['logs', '-l', 'app=web', '--prefix', '--timestamps', '--tail=1']), /^\[pod\/web-[^\]]+\] 2\d{3}-.*started/m);
      assert.match(await k.ok(['logs', 'deploy/web', '--since=1h']), /started/);
      assert.match(await k.ok(['exec', 'deploy/web', '--', 'hostname']), /^web-/);
      assert.match(await k.refused(['exec', 'deploy/web', '--', 'nonsense'], { code: 127 }), /exit code 127/);
      assert.equal((await k.ok(['auth', 'can-i', 'create', 'pods'])).trim(), 'yes');
      assert.match(await k.refused(['auth', 'can-i', 'create', 'pods', '--as=nobody']), /no/);
      assert.match(await k.ok(['auth', 'can-i', '--list']), /\*\.\*/);
      await k.ok(['create', 'serviceaccount', 'robot']);
      assert.match(await k.ok(['create', 'token', 'robot']), /^ey/);
      assert.match(await k.ok(['auth', 'whoami']), /system:masters/);
    }),
  );

  test(`2. kubectl of ${minor}: a node is drained within its budgets and taken back; without a metrics server nobody is on top`, skip, () =>
    inNamespace(minor, async (k, apply) => {
      await apply();
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      await k.ok(['create', 'pdb', 'web', '--selector=app=web', '--min-available=1']);
      await k.ok(['wait', '--for=jsonpath={.status.disruptionsAllowed}=1', 'pdb/web', '--timeout=240s']);
      const node = await k.ok(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].spec.nodeName}']);
      // Of two pods one may go; there is no other node for its successor, so the second one stays.
      const drain = ['drain', node, '--pod-selector=app=web', '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=8s'];
      try {
        assert.match(await k.refused(drain), /Cannot evict pod as it would violate the pod's disruption budget/);
        assert.match(await k.ok(['get', 'node', node]), /SchedulingDisabled/);
      } finally {
        await k.ok(['uncordon', node]);
      }
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      assert.match(await k.refused(['top', 'pods']), /Metrics API not available/);
    }),
  );

  test(`2. kubectl of ${minor}: deletion in the background, in the foreground, with orphans, at once, and of a selection`, skip, () =>
    inNamespace(minor, async (k, apply) => {
      const pods = async () => (await k.ok(['get', 'pods', '-o', 'name'])).split('\n').filter((line) => line !== '').length;
      const sets = async () => (await k.ok(['get', 'rs', '-o', 'name'])).trim();
      for (const cascade of ['background', 'foreground']) {
        await apply();
        await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
        await k.ok(['delete', 'deploy', 'web', `--cascade=${cascade}`]);
        await eventually(`${cascade}: nothing is left`, async () => (await pods()) === 0 && (await sets()) === '');
      }
      await apply();
      await k.ok(['rollout', 'status', 'deploy/web', '--timeout=240s']);
      await k.ok(['delete', 'deploy', 'web', '--cascade=orphan']);
      assert.deepEqual([await pods(), (await sets()).split('\n').length], [2, 1]);
      await k.ok(['delete', 'rs', '-l', 'app=web']);
      await k.ok(['wait', '--for=delete', 'pod', '-l', 'app=web', '--timeout=240s']);
      await k.ok(['run', 'lone', `--image=${target.images.sleeper}`]);
      await k.ok(['wait', '--for=condition=Ready', 'pod/lone', '--timeout=240s']);
      await k.ok(['delete', 'pod', 'lone', '--grace-period=0', '--force']);
      assert.match(await k.refused(['get', 'pod', 'lone']), /pods "lone" not found/);
      assert.match(await k.refused(['delete', 'cm', 'nothing']), /not found/);
      await k.ok(['delete', 'cm', 'nothing', '--ignore-not-found']);
      await k.ok(['delete', 'all', '--all']);
    }),
  );

  test(`2. kubectl of ${minor}: a custom kind like any other`, skip, async () => {
    const properties = { spec: { type: 'object', properties: { size: { type: 'integer', description: 'How many.' } } } };
    const subresources = { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.spec.size' } };
    const additionalPrinterColumns = [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }];
    await using custom = await things(target, { properties, version: { subresources, additionalPrinterColumns } });
    await inNamespace(minor, async (k) => {
      const kind = `things.${custom.group}`;
      await k.ok(['apply', '-f', '-'], { input: `apiVersion: ${custom.group}/v1\nkind: Thing\nmetadata: {name: t}\nspec: {size: 3}\n` });
      assert.match(await k.ok(['get', kind]), /NAME +SIZE\nt +3/);
      await k.ok(['scale', kind, 't', '--replicas=5']);
      await k.ok(['patch', kind, 't', '--type=merge', '-p', '{"metadata":{"labels":{"x":"y"}}}']);
      assert.match(await k.ok(['explain', `${kind}.spec`]), /How many\./);
      assert.match(await k.ok(['describe', kind, 't']), /Size: +5/);
      await k.ok(['wait', '--for=jsonpath={.spec.size}=5', `${kind}/t`, '--timeout=240s']);
      await k.ok(['delete', kind, 't']);
    });
  });
}
