import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.includes('.gen.') && file !== 'packages/client/src/kinds/index.ts');
const read = (file: string) => readFileSync(root + file, 'utf8');

/** What each folder may import of ours; tests may import more. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/client': [],
  'packages/schema': ['client'],
  'packages/runtime': ['client', 'schema'],
  'packages/sandbox': ['client', 'schema', 'runtime'],
  'packages/testing': ['client', 'schema', 'runtime', 'sandbox'],
  'operators/doris': ['client', 'schema', 'runtime'],
  'operators/hazelcast': ['client', 'schema', 'runtime'],
};

test('imports run one way: client, schema, runtime, operators, apps', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const folder = file.split('/').slice(0, 2).join('/');
    const allowed = MAY_IMPORT[folder];
    if (allowed === undefined || file.endsWith('.test.ts') || file.includes('/test/')) continue;
    for (const match of read(file).matchAll(/from '@binnacle\/([a-z]+)/g)) {
      if (!allowed.includes(match[1]!)) wrong.push(`${file} imports @binnacle/${match[1]}`);
    }
    for (const match of read(file).matchAll(/from '((?:\.\.\/)+[^']+)'/g)) {
      const target = new URL(match[1]!, `file:///${file}`).pathname.slice(1);
      if (!target.startsWith(`${folder}/`)) wrong.push(`${file} reaches into ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('nothing says that it is unfinished', () => {
  const words = new RegExp(['TO', 'DO|FIX', 'ME|X', 'XX'].join(''));
  assert.deepEqual(
    files.filter((file) => words.test(read(file))),
    [],
  );
});

test('no file is longer than a reader bears', () => {
  const long = files
    .map((file) => ({ file, lines: read(file).split('\n').length }))
    .filter(({ file, lines }) => lines > (file.endsWith('.test.ts') ? 600 : 450));
  assert.deepEqual(long, []);
});

test('no test is skipped, alone or to be written', () => {
  assert.deepEqual(
    files.filter((file) => /\b(test|it|describe|suite)\.(skip|only|todo)\b/.test(read(file))),
    [],
  );
});

test('each conformance case begins with its number', () => {
  const cases = files.filter((file) => file.startsWith('e2e/conformance/') && file.endsWith('.test.ts'));
  const nameless = cases.flatMap((file) =>
    [...read(file).matchAll(/^test\(\s*(['"`])(.*?)\1/gm)].filter((match) => !/^\d+\. \S/.test(match[2]!)).map((match) => `${file}: ${match[2]}`),
  );
  assert.ok(cases.length > 0);
  assert.deepEqual(nameless, []);
});
