import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod, StatefulSet } from '@binnacle/client/kinds';
import * as fc from 'fast-check';
import { silentLogger } from '../src/logger.ts';
import { controller } from '../src/controller.ts';
import { operator } from '../src/operator/operator.ts';
import { rbacOf } from '../src/operator/rbac.ts';
import { validatingWebhooks, webhookManifests } from '../src/webhook/configuration.ts';
import { allow, filler, guard, later, refuse } from '../src/webhook/hook.ts';
import type { Hook, Verdict } from '../src/webhook/hook.ts';
import { hookReviewer } from '../src/webhook/hook-review.ts';
import type { Knowledge } from '../src/webhook/hook-review.ts';
import { jsonPatch } from '../src/webhook/json-patch.ts';
import { Widget } from './widget.ts';

const AT = { reach: { service: 'test-webhook' }, namespace: 'system', port: 9443, bundle: 'trust' } as const;
const NOTHING: Knowledge = { has: () => true, cache: { get: () => undefined, list: () => [], ownedBy: () => [], find: () => [] } };

const eviction = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    kind: { group: 'policy', version: 'v1', kind: 'Eviction' },
    namespace: 'prod',
    name: 'db-0',
    operation: 'CREATE',
    userInfo: { username: 'drain' },
    object: { metadata: { name: 'db-0' } },
  },
};
const evictions = (review: () => Verdict): Hook =>
  guard({ name: 'last-copy', kind: Pod, subresource: 'eviction', on: ['CREATE'], reads: [StatefulSet], review });
const answered = (hook: Hook, knowledge = NOTHING) => hookReviewer(hook, knowledge, silentLogger)(eviction).response;

test('a guard refuses in words, and says whether waiting helps', () => {
  assert.deepEqual(answered(evictions(() => allow)), { uid: 'u', allowed: true });
  const no = answered(evictions(() => refuse('the last copy of demo.t is on it')));
  assert.deepEqual([no.allowed, no.status?.code, no.status?.message], [false, 403, 'the last copy of demo.t is on it']);
  assert.equal(answered(evictions(() => later('copies are being made'))).status?.code, 429, 'kubectl drain tries again');
});

test('a guard that cannot tell lets the write through with a warning: it threw, or its cache is not filled', () => {
  const bug = answered(
    evictions(() => {
      throw new TypeError('oops');
    }),
  );
  assert.deepEqual([bug.allowed, bug.warnings], [true, ['last-copy: it failed: nobody has looked at it']]);
  const early = answered(
    evictions(() => refuse('no')),
    { ...NOTHING, has: () => false },
  );
  assert.deepEqual([early.allowed, early.warnings?.length], [true, 1]);
});

test('a guard looks only at kinds that it declares, which its operator may read', () => {
  const curious = guard({
    name: 'curious',
    kind: Pod,
    on: ['DELETE'],
    review: (_write, view) => (view.list(StatefulSet).length > 0 ? allow : refuse('none')),
  });
  assert.equal(answered(curious).allowed, true, 'it throws, so it does not count');
  const honest = operator({ name: 'test', controllers: [controller(Widget, { steps: [] })], hooks: [evictions(() => allow)] });
  const rules = rbacOf(honest, { namespace: 'system', serviceAccount: 'test' }).flatMap(
    (object) => (object['rules'] as readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[] | undefined) ?? [],
  );
  assert.ok(rules.some(({ resources, verbs }) => resources.includes('statefulsets') && verbs.join() === 'get,list,watch'));
});

test('a guard is asked nowhere where it could keep a cluster from healing: failing open, not in kube-system, not where a namespace says off', () => {
  const [webhook] = validatingWebhooks([], [evictions(() => allow)], AT);
  assert.equal(webhook?.failurePolicy, 'Ignore');
  assert.deepEqual(webhook?.namespaceSelector?.matchExpressions, [
    { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'system'] },
    { key: 'binnacle.dev/hooks', operator: 'NotIn', values: ['off'] },
  ]);
  assert.deepEqual(webhook?.rules?.[0]?.resources, ['pods/eviction']);
  assert.equal(webhook?.clientConfig.service?.path, '/guards/last-copy');
});

test('an operator with a filler may announce one; without, it has no right to', () => {
  const fill = filler({ name: 'colour', kind: Widget, on: ['CREATE'], fill: ({ object }) => ({ ...object!, spec: { ...object!.spec, colour: 'blue' } }) });
  const kindsOf = (hooks: readonly Hook[]) =>
    webhookManifests(operator({ name: 'test', controllers: [], hooks }), { namespace: 'system', serviceAccount: 'test' }).map(({ kind }) => kind);
  assert.ok(kindsOf([fill]).includes('MutatingWebhookConfiguration'));
  assert.ok(!kindsOf([]).includes('MutatingWebhookConfiguration'));
  const object = { metadata: { name: 'w' }, spec: { size: 1 } };
  const { patchType, patch } = hookReviewer(fill, NOTHING, silentLogger)({ ...eviction, request: { ...eviction.request, object } }).response;
  assert.equal(patchType, 'JSONPatch');
  assert.deepEqual(JSON.parse(Buffer.from(patch ?? '', 'base64').toString()), [{ op: 'add', path: '/spec/colour', value: 'blue' }]);
  assert.throws(() => operator({ name: 'test', controllers: [], hooks: [fill, fill] }), /two hooks named colour/);
});

/** What a patch makes of an object, written the plain way. */
function patched(before: unknown, patch: ReturnType<typeof jsonPatch>): unknown {
  let root = structuredClone(before) as Record<string, unknown>;
  for (const { op, path, value } of patch) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    if (last === undefined) {
      root = value as typeof root;
      continue;
    }
    const parent = keys.reduce((at, key) => at[key] as Record<string, unknown>, root);
    if (op === 'remove') delete parent[last];
    else parent[last] = value;
  }
  return root;
}

test('the patch of what a filler changed makes exactly that of the object, whatever the names of its fields', () => {
  const key = fc.constantFrom('a', 'a/b', '~', 'c~1');
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.constant(null),
      fc.array(fc.integer(), { maxLength: 2 }),
      fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const object = fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true });
  fc.assert(fc.property(object, object, (before, after) => assert.deepEqual(patched(before, jsonPatch(before, after)), after)));
});
