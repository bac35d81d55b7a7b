import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DeclarationError, admit, builtinSchema, crd, k, lint, resource, sentence, validate } from '@binnacle/schema';
import { z } from 'zod';
import { folder, goldenFiles } from './golden.ts';
import { Thing } from './thing.ts';

const thing = (spec: unknown) => ({ apiVersion: 'ex.io/v1', kind: 'Thing', metadata: { name: 'a', namespace: 'n' }, spec });
const errors = (spec: unknown, before?: unknown) => admit(Thing, thing(spec), before === undefined ? undefined : thing(before)).errors.map(sentence);

test('CRD and reference page of a kind are the golden ones', () => {
  for (const [name, content] of Object.entries(goldenFiles()))
    assert.equal(content, readFileSync(new URL(name, folder), 'utf8'), `${name} is stale: node packages/schema/test/golden.ts`);
});

test('a CRD is what the API server’s own schema of CRDs takes', () => {
  assert.deepEqual(validate(builtinSchema('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')!, crd(Thing)), []);
});

test('a new object gets its defaults, and what it misspells is named', () => {
  const { object, errors: none, unknown } = admit(Thing, thing({ image: 'x', siez: 4 }));
  assert.deepEqual(object.spec, { image: 'x', size: 3, memory: '1Gi', port: 80, env: [], storage: { size: '8Gi' } });
  assert.deepEqual([none, unknown], [[], ['spec.siez']]);
});

test('schema, CEL and check each refuse in their turn', () => {
  assert.deepEqual(errors({ image: 'x', size: 12, memory: 'lots' }).slice(0, 2), [
    'spec.size: Invalid value: 12: spec.size in body should be less than or equal to 9',
    `spec.memory: Invalid value: "lots": spec.memory in body should match '${String(Thing.schema.properties!['spec']!.properties!['memory']!.pattern)}'`,
  ]);
  assert.deepEqual(errors({ image: 'none' }), ['spec: Invalid value: "object": image is needed to run']);
  assert.deepEqual(errors({ image: 'x', port: 81 }, { image: 'x' }), ['spec.port: Invalid value: 81: field is immutable']);
  assert.deepEqual(errors({ image: 'x', size: 0 }, { image: 'x', size: 6 }), ['spec.size: Forbidden: scale down in two steps']);
  assert.deepEqual(errors({ image: 'x', size: 0 }, { image: 'x', size: 5 }), []);
});

test('admission holds for any rubbish', () => {
  for (const rubbish of [null, 1, 'x', [], {}, { spec: null }, { spec: [] }, { spec: { env: {} }, metadata: 1 }])
    assert.ok(Array.isArray(admit(Thing, rubbish).errors));
  assert.deepEqual(admit(Thing, {}).errors.map(sentence).slice(0, 1), ['spec: Required value']);
});

test('a kind whose spec needs nothing may be created without one', () => {
  const Bare = resource({
    group: 'ex.io',
    version: 'v1',
    kind: 'Bare',
    plural: 'bares',
    description: 'Bare.',
    spec: z.object({ a: k.int32().default(1) }),
    status: z.object({}),
  });
  assert.deepEqual(admit(Bare, {}).object.spec, { a: 1 });
});

test('a rule that cannot work stops the program that declares it', () => {
  const declare = (rule: string) => () =>
    resource({
      group: 'ex.io',
      version: 'v1',
      kind: 'Bad',
      plural: 'bads',
      description: '',
      spec: z.object({ a: z.int() }),
      status: z.object({}),
      rules: [{ rule }],
    });
  assert.throws(declare('self.b > 1'), (error) => error instanceof DeclarationError && error.message.includes('no such key: b'));
  declare('self.a > 1')();
});

test('a declaration is shared by all and changed by none', () => {
  assert.throws(() => ((Thing.schema as { type: string }).type = 'array'), TypeError);
  assert.ok(Object.isFrozen(Thing.schema.properties!['spec']!.properties!['env']!.default));
});

test('a rule that the API server would find too dear is refused where the kind is declared', () => {
  const dear = k.rule(z.array(z.string()), { rule: 'self.all(n, self.exists_one(m, m == n))' });
  const declare = () =>
    resource({ group: 'ex.io', version: 'v1', kind: 'Dear', plural: 'dears', description: 'Dear.', spec: z.object({ names: dear }), status: z.object({}) });
  assert.throws(
    declare,
    (error) => error instanceof DeclarationError && error.message.includes('estimated rule cost exceeds budget by factor of more than 100x'),
  );
});

test('lint finds what users would trip over, and leaves borrowed types alone', () => {
  assert.deepEqual(lint(Thing), []);
  const Poor = resource({
    group: 'ex.io',
    version: 'v1',
    kind: 'Poor',
    plural: 'poors',
    description: 'Poor.',
    spec: z.object({
      bare: z.string().optional(),
      inner: z
        .object({ x: k.int32().default(1).describe('X.') })
        .optional()
        .describe('Inner.'),
      names: k.rule(z.array(z.string()), { rule: "self.all(n, n != '')" }).describe('Names.'),
      affinity: k.podPart('Affinity').optional().describe('Affinity.'),
    }),
    status: z.object({}),
  });
  assert.deepEqual(
    lint(Poor).map(({ rule, path }) => `${rule} ${path}`),
    ['description spec.bare', 'innerDefaults spec.inner', 'unboundedInRule spec.names'],
  );
});
