import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parse } from 'yaml';
import { emit, emitSorted } from '../src/hazelcast/config/emit.ts';
import { BASE_DIR } from '../src/hazelcast/config/member.ts';
import { configYaml } from '../src/hazelcast/steps/config.ts';
import { minorOf } from '../src/api/check/version.ts';
import { DEFAULT_MINOR, MINORS, VERSIONS, anyCluster, leaves, present } from './any-spec.ts';

/** What is used of ajv. It is CommonJS, and draft 6 of JSON Schema is a file beside it. */
type Validate = ((document: unknown) => boolean) & { readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null };
interface Ajv {
  addMetaSchema(schema: unknown): void;
  compile(schema: unknown): Validate;
}
const load = createRequire(import.meta.url);
const { Ajv } = load('ajv') as { readonly Ajv: new (options: object) => Ajv };

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addMetaSchema(load('ajv/dist/refs/json-schema-draft-06.json'));

/** In entries of some sections members ignore what they do not know, which is no better than refusing it. */
function closed(key: string, schema: unknown): unknown {
  const open = key === 'additionalProperties' && typeof schema === 'object' && schema !== null && 'properties' in schema && !('additionalProperties' in schema);
  return open ? { ...schema, additionalProperties: false } : schema;
}

/** What members of a minor hold their configuration against when they start, out of Hazelcast's own jar: one that finds a fault does not start. */
const schemas = new Map<number, Validate>(
  MINORS.map((minor) => {
    const file = readFileSync(new URL(`schema/hazelcast-config-5.${minor}.json.gz`, import.meta.url));
    return [minor, ajv.compile(JSON.parse(gunzipSync(file).toString('utf8'), closed))] as const;
  }),
);

/** What a member of this minor of 5 has against it. */
function refusals(yaml: string, minor: number): readonly string[] {
  const validate = schemas.get(minor)!;
  return validate(parse(yaml)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('members start with what follows from any spec that is accepted, whatever fields it has', () => {
  const seen = new Set<string>();
  const versions = new Set<string>();
  fc.assert(
    fc.property(anyCluster(), (hz) => {
      for (const path of present(hz.spec)) seen.add(path);
      versions.add(hz.spec.version);
      const yaml = configYaml(hz, BASE_DIR, undefined);
      // What a tag that is no version holds nobody knows.
      const minor = minorOf(hz.spec.version)?.minor ?? DEFAULT_MINOR;
      assert.deepEqual(refusals(yaml, minor), [], `${hz.spec.version}: ${yaml}`);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual([...versions].toSorted(), VERSIONS.toSorted(), 'versions of which nothing was tried');
  assert.deepEqual(
    [...leaves()].filter((path) => !seen.has(path)),
    [],
    'fields of which nothing was tried',
  );
});

test('a section that members do not know is noticed by this very test', () => {
  for (const minor of MINORS)
    assert.deepEqual(refusals('hazelcast: { jet: { enabled: maybe }, typo: {} }', minor), [
      '/hazelcast must NOT have additional properties',
      '/hazelcast/jet/enabled must be boolean',
    ]);
  const namespaces = 'hazelcast: { user-code-namespaces: { enabled: true } }';
  assert.deepEqual([refusals(namespaces, 3).length, refusals(namespaces, 4).length], [1, 0], 'each minor has a schema of its own');
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
