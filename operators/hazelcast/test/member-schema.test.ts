import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { emit, emitSorted } from '../src/hazelcast/config/emit.ts';
import { BASE_DIR } from '../src/hazelcast/config/member.ts';
import { configYaml } from '../src/hazelcast/steps/config.ts';
import { anyCluster, leaves, present } from './any-spec.ts';

/** What is used of ajv. It is CommonJS, and draft 6 of JSON Schema is a file beside it. */
type Validate = ((document: unknown) => boolean) & { readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null };
interface Ajv {
  addMetaSchema(schema: unknown): void;
  compile(schema: unknown): Validate;
}
const load = createRequire(import.meta.url);
const { Ajv } = load('ajv') as { readonly Ajv: new (options: object) => Ajv };

/** What members of 5.5 hold their configuration against when they start, out of Hazelcast's own jar: one that finds a fault does not start. */
const SCHEMA: unknown = JSON.parse(readFileSync(new URL('schema/hazelcast-config-5.5.json', import.meta.url), 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json'));
const validate = ajv.compile(SCHEMA);

/** What a member has against it. */
function refusals(yaml: string): readonly string[] {
  return validate(parse(yaml)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('members start with what follows from any spec that is accepted, whatever fields it has', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyCluster(), (hz) => {
      for (const path of present(hz.spec)) seen.add(path);
      const yaml = configYaml(hz, BASE_DIR, undefined);
      assert.deepEqual(refusals(yaml), [], yaml);
    }),
    { numRuns: 200 },
  );
  assert.deepEqual(
    [...leaves()].filter((path) => !seen.has(path)),
    [],
    'fields of which nothing was tried',
  );
});

test('a section that members do not know is noticed by this very test', () => {
  assert.deepEqual(refusals('hazelcast: { jet: { enabled: maybe }, typo: {} }'), [
    '/hazelcast must NOT have additional properties',
    '/hazelcast/jet/enabled must be boolean',
  ]);
});

test('any text can be read back, and has no character with which a member’s reader stops', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[ \n\t:#-]*$/));
  fc.assert(
    fc.property(fc.dictionary(text, text, { noNullPrototype: true }), (texts) => {
      for (const yaml of [emit({ texts }), emitSorted({ texts })]) {
        assert.deepEqual(parse(yaml), { texts });
        assert.match(yaml, /^[\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u);
      }
    }),
  );
  assert.equal(emit({ a: 'one\n  two' }), 'a: "one\\n  two"\n');
});
