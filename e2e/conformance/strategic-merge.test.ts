import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH, things, verdict } from './requests.ts';

const target = await openTarget();
let ns: TestNamespace;
before(async () => {
  ns = await target.namespace();
});

let made = 0;

/** A new Deployment with a pod spec, patched strategically: the pod's spec after it. */
async function pod(spec: object, patch: object): Promise<any> {
  const name = `d${(made += 1)}`;
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'a', image: 'a' }], ...spec } };
  await done(target, 'POST', ns.path('deployments', 'apps/v1'), {
    metadata: { name },
    spec: { paused: true, selector: { matchLabels: { app: name } }, template },
  });
  const path = `${ns.path('deployments', 'apps/v1')}/${name}`;
  return (await done(target, 'PATCH', path, { spec: { template: { spec: patch } } }, PATCH.strategic)).spec.template.spec;
}

const brief = (containers: readonly any[]) => containers.map(({ name, image }) => `${name}=${image}`);
const AB = {
  containers: [
    { name: 'a', image: 'a' },
    { name: 'b', image: 'b' },
  ],
};

test('46. containers are merged by name; new ones come first', async () => {
  assert.deepEqual(
    brief(
      (
        await pod(AB, {
          containers: [
            { name: 'b', image: 'x' },
            { name: 'c', image: 'c' },
          ],
        })
      ).containers,
    ),
    ['c=c', 'a=a', 'b=x'].toSorted(),
  );
});

test('46. $patch: delete takes an item away, also one that is not there; replace puts the list in place of the old one', async () => {
  assert.deepEqual(brief((await pod(AB, { containers: [{ $patch: 'delete', name: 'b' }] })).containers), ['a=a']);
  assert.deepEqual(brief((await pod(AB, { containers: [{ $patch: 'delete', name: 'zz' }] })).containers), ['a=a', 'b=b']);
  assert.deepEqual(brief((await pod(AB, { containers: [{ $patch: 'replace' }, { name: 'c', image: 'c' }] })).containers), ['c=c']);
});

test('46. $setElementOrder orders a merged list', async () => {
  const patch = { '$setElementOrder/containers': [{ name: 'b' }, { name: 'c' }, { name: 'a' }], containers: [{ name: 'c', image: 'c' }] };
  assert.deepEqual(brief((await pod(AB, patch)).containers), ['b=b', 'c=c', 'a=a']);
});

test('46. null takes a field away; lists without a key are replaced whole', async () => {
  const spec = { containers: [{ name: 'a', image: 'a', args: ['1', '2'], command: ['c'] }], nodeSelector: { x: '1', y: '2' } };
  const patched = await pod(spec, { containers: [{ name: 'a', args: ['3'], command: null }], nodeSelector: { x: null, z: '3' } });
  assert.deepEqual([patched.containers[0].args, patched.containers[0].command, patched.nodeSelector], [['3'], undefined, { y: '2', z: '3' }]);
  const tolerations = [{ key: 'a', operator: 'Exists' }];
  assert.deepEqual((await pod({ tolerations }, { tolerations: [{ key: 'b', operator: 'Exists' }] })).tolerations, [{ key: 'b', operator: 'Exists' }]);
});

test('46. environment, mounts and pull secrets are merged by their keys', async () => {
  const container = { name: 'a', image: 'a', env: [{ name: 'X', value: '1' }], volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  const volumes = [{ name: 'v', emptyDir: {} }];
  const patch = {
    containers: [
      {
        name: 'a',
        env: [
          { name: 'X', value: '2' },
          { name: 'Y', value: '3' },
        ],
        volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
      },
    ],
    imagePullSecrets: [{ name: 's2' }],
  };
  const patched = await pod({ containers: [container], volumes, imagePullSecrets: [{ name: 's1' }] }, patch);
  const [a] = patched.containers;
  assert.deepEqual(
    new Map(a.env.map(({ name, value }: any) => [name, value])),
    new Map([
      ['X', '2'],
      ['Y', '3'],
    ]),
  );
  assert.deepEqual(a.volumeMounts, [{ name: 'v', mountPath: '/v', readOnly: true }]);
  assert.deepEqual(new Set(patched.imagePullSecrets.map(({ name }: any) => name)), new Set(['s1', 's2']));
});

test('46. $retainKeys: a volume that changes its source keeps nothing of the old one', async () => {
  const volumes = [{ name: 'v', emptyDir: {} }];
  const kept = await pod({ volumes }, { volumes: [{ $retainKeys: ['name', 'configMap'], name: 'v', configMap: { name: 'c' } }] });
  assert.deepEqual(kept.volumes, [{ name: 'v', configMap: { name: 'c', defaultMode: 420 } }]);
});

test('46. a map can be replaced or deleted by its directive', async () => {
  assert.deepEqual((await pod({ nodeSelector: { x: '1' } }, { nodeSelector: { $patch: 'replace', y: '2' } })).nodeSelector, { y: '2' });
  assert.equal((await pod({ nodeSelector: { x: '1' } }, { nodeSelector: { $patch: 'delete' } })).nodeSelector, undefined);
});

test('46. ports of a Service are merged by port alone: two of one number become one', async () => {
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 81 },
  ];
  await done(target, 'POST', ns.path('services'), { metadata: { name: 's' }, spec: { clusterIP: 'None', ports } });
  const path = `${ns.path('services')}/s`;
  const merged = await done(
    target,
    'PATCH',
    path,
    {
      spec: {
        ports: [
          { name: 'c', port: 82 },
          { name: 'bb', port: 81 },
        ],
      },
    },
    PATCH.strategic,
  );
  assert.deepEqual(
    new Map(merged.spec.ports.map(({ port, name }: any) => [port, name])),
    new Map([
      [80, 'a'],
      [81, 'bb'],
      [82, 'c'],
    ]),
  );
});

test('46. lists of plain values that are merged: finalizers are added and taken away one by one', async () => {
  const path = `${ns.path('configmaps')}/f`;
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'f', finalizers: ['ex.io/1'] } });
  const two = await done(target, 'PATCH', path, { metadata: { finalizers: ['ex.io/2'] } }, PATCH.strategic);
  assert.deepEqual(new Set(two.metadata.finalizers), new Set(['ex.io/1', 'ex.io/2']));
  const one = await done(target, 'PATCH', path, { metadata: { '$deleteFromPrimitiveList/finalizers': ['ex.io/1'] } }, PATCH.strategic);
  assert.deepEqual(one.metadata.finalizers, ['ex.io/2']);
  await done(target, 'PATCH', path, { metadata: { finalizers: null } }, PATCH.merge);
});

test('46. owner references are merged by uid', async () => {
  const reference = (uid: string) => ({ apiVersion: 'none.example.com/v1', kind: 'Nothing', name: 'n', uid });
  const path = `${ns.path('configmaps')}/o`;
  await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'o', ownerReferences: [reference('u1'), reference('u2')] } });
  const patch = { metadata: { ownerReferences: [{ $patch: 'delete', uid: 'u1' }] } };
  const left = await done(target, 'PATCH', path, patch, PATCH.strategic);
  assert.deepEqual(
    left.metadata.ownerReferences.map(({ uid }: any) => uid),
    ['u2'],
  );
});

test('46. the selector of a PodDisruptionBudget is replaced, not merged', async () => {
  const path = `${ns.path('poddisruptionbudgets', 'policy/v1')}/p`;
  const body = { metadata: { name: 'p' }, spec: { minAvailable: 1, selector: { matchLabels: { a: '1' } } } };
  await done(target, 'POST', ns.path('poddisruptionbudgets', 'policy/v1'), body);
  const patched = await done(target, 'PATCH', path, { spec: { selector: { matchLabels: { b: '2' } } } }, PATCH.strategic);
  assert.deepEqual(patched.spec.selector, { matchLabels: { b: '2' } });
});

test('46. an item without its key and an unknown directive are errors of the server', async () => {
  const path = `${ns.path('deployments', 'apps/v1')}/d1`;
  const patch = async (spec: object) => await target.ask('PATCH', path, { body: { spec: { template: { spec } } }, headers: PATCH.strategic });
  const keyless = await patch({ containers: [{ image: 'q' }] });
  assert.deepEqual([keyless.status, keyless.json.message.includes('map: map[image:q] does not contain declared merge key: name')], [500, true]);
  const odd = await patch({ containers: [{ $patch: 'foo', name: 'a' }] });
  assert.equal(odd.status, 500);
});

test('47. a custom resource takes no strategic merge patch', async () => {
  await using custom = await things(target, { properties: {} });
  await done(target, 'POST', custom.path(ns.name), { apiVersion: `${custom.group}/v1`, kind: 'Thing', metadata: { name: 'a' } });
  const refused = await target.ask('PATCH', `${custom.path(ns.name)}/a`, { body: {}, headers: PATCH.strategic });
  assert.deepEqual(verdict(refused), [415, 'UnsupportedMediaType']);
  for (const type of ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']) {
    assert.ok(refused.json.message.includes(type), refused.json.message);
  }
});
