import { definition } from '@binnacle/schema';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../refusal.ts';
import { strategicMerge } from './strategic.ts';
import type { JsonObject } from './json.ts';

const resolve = definition;
const merge = (kind: string, doc: JsonObject, patch: JsonObject) => strategicMerge(doc, patch, resolve(`io.k8s.api.${kind}`), resolve);
const service = (doc: JsonObject, patch: JsonObject) => merge('core.v1.Service', { spec: doc }, { spec: patch })['spec'];
const pod = (doc: JsonObject, patch: JsonObject) => merge('core.v1.Pod', { spec: doc }, { spec: patch })['spec'];
const refusal = (code: number, message: RegExp) => (error: unknown) => error instanceof Refusal && error.status.code === code && message.test(error.message);

test('new list elements go before those that only the server has', () => {
  const ports = [{ port: 80 }, { port: 81 }];
  assert.deepEqual(service({ ports }, { ports: [{ port: 82 }] }), { ports: [{ port: 82 }, { port: 80 }, { port: 81 }] });
  assert.deepEqual(merge('core.v1.Pod', { metadata: { finalizers: ['1'] } }, { metadata: { finalizers: ['2'] } }), { metadata: { finalizers: ['2', '1'] } });
});

test('elements merge by their key, and null removes', () => {
  const containers = [
    { name: 'a', image: 'x', env: [{ name: 'K', value: '1' }] },
    { name: 'b', image: 'y' },
  ];
  assert.deepEqual(pod({ containers }, { containers: [{ name: 'a', image: null, env: [{ name: 'L', value: '2' }] }] }), {
    containers: [
      {
        name: 'a',
        env: [
          { name: 'L', value: '2' },
          { name: 'K', value: '1' },
        ],
      },
      { name: 'b', image: 'y' },
    ],
  });
});

test('$patch deletes and replaces elements and maps', () => {
  const containers = [{ name: 'a' }, { name: 'b' }];
  assert.deepEqual(
    pod(
      { containers },
      {
        containers: [
          { name: 'a', $patch: 'delete' },
          { name: 'none', $patch: 'delete' },
        ],
      },
    ),
    { containers: [{ name: 'b' }] },
  );
  assert.deepEqual(pod({ containers }, { containers: [{ $patch: 'replace' }, { name: 'c' }] }), { containers: [{ name: 'c' }] });
  assert.deepEqual(pod({ securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'replace', fsGroup: 2 } }), { securityContext: { fsGroup: 2 } });
  assert.deepEqual(pod({ securityContext: { runAsUser: 1 } }, { securityContext: { $patch: 'delete' } }), { securityContext: {} });
});

test('$setElementOrder orders, also without a list beside it', () => {
  const ports = [{ port: 80 }, { port: 81 }];
  const order = [{ port: 81 }, { port: 82 }, { port: 80 }];
  assert.deepEqual(service({ ports }, { '$setElementOrder/ports': order, ports: [{ port: 82 }] }), { ports: order });
  assert.deepEqual(service({ ports }, { '$setElementOrder/ports': [{ port: 81 }, { port: 80 }] }), { ports: [{ port: 81 }, { port: 80 }] });
  const wrong = { '$setElementOrder/ports': [{ port: 80 }], ports: [{ port: 82 }] };
  assert.throws(() => service({ ports }, wrong), refusal(500, /The order in patch list/));
});

test('$deleteFromPrimitiveList and $retainKeys', () => {
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } };
  assert.deepEqual(merge('core.v1.Pod', { metadata: { finalizers: ['a', 'b'] } }, patch), { metadata: { finalizers: ['b'] } });
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } };
  const recreate = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
  assert.deepEqual(merge('apps.v1.Deployment', { spec: { strategy } }, recreate), { spec: { strategy: { type: 'Recreate' } } });
  const stray = { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } };
  assert.throws(() => merge('apps.v1.Deployment', { spec: { strategy } }, stray), refusal(400, /retainKeys/));
});

test('lists without a merge strategy and replaced selectors are taken whole', () => {
  const doc = { spec: { volumeClaimTemplates: [{ metadata: { name: 'a' } }] } };
  const patch = { spec: { volumeClaimTemplates: [{ metadata: { name: 'b' } }] } };
  assert.deepEqual(merge('apps.v1.StatefulSet', doc, patch), patch);
  const selector = { spec: { selector: { matchLabels: { b: '2' } } } };
  assert.deepEqual(merge('policy.v1.PodDisruptionBudget', { spec: { selector: { matchLabels: { a: '1' } } } }, selector), selector);
});

test('an element without its key and an unknown directive are server errors', () => {
  const containers = [{ name: 'a' }];
  assert.throws(() => pod({ containers }, { containers: [{ image: 'q' }] }), refusal(500, /^map: map\[image:q\] does not contain declared merge key: name$/));
  assert.throws(() => pod({ containers }, { containers: [{ name: 'a', $patch: 'foo' }] }), refusal(500, /^unknown patch type: foo in map: map\[/));
});

test('orders for what is not there leave no trace', () => {
  assert.deepEqual(
    pod(
      {},
      {
        containers: [
          { name: 'a', $patch: 'delete' },
          { name: 'b', '$setElementOrder/env': [] },
        ],
      },
    ),
    { containers: [{ name: 'b' }] },
  );
});
