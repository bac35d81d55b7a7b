import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '');
const folders = new Set(files.flatMap((file) => file.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))));
const places = [...files, ...folders];
const read = (file: string) => readFileSync(root + file, 'utf8');

/** Pages that people write. Reference pages are generated, and hold patterns that look like links. */
const pages = files.filter((file) => file.endsWith('.md') && !file.startsWith('docs/reference/') && !file.includes('/golden/'));

/** Where a heading is linked to: GitHub's rule. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .trim()
    .replaceAll(' ', '-');
const anchorsOf = (page: string): readonly string[] => [...read(page).matchAll(/^#+ (.*)$/gm)].map((match) => anchor(match[1]!));

/** What is named as a file or folder of this repository: under one of its roots, or a source file by the end of its path. */
const named = (page: string): readonly string[] =>
  [...read(page).matchAll(/`([\w.*/-]+)`/g)]
    .map((match) => match[1]!.replace(/\/$/, ''))
    .filter((name) => /^(packages|operators|apps|e2e|tools|docs|examples|deploy|bench|src)\//.test(name) || /^\w.*\.ts$/.test(name));

/** A name with a star means one or more. */
function isThere(name: string): boolean {
  const pattern = new RegExp(`(^|/)${name.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
  return places.some((place) => pattern.test(place));
}

test('links between pages lead to a file, and to a heading of it', () => {
  const dead: string[] = [];
  let count = 0;
  for (const page of pages) {
    for (const [, to, heading] of read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)/g)) {
      count += 1;
      const target = to === '' ? page : posix.join(posix.dirname(page), to!).replace(/\/$/, '');
      if (!places.includes(target)) dead.push(`${page}: ${to}`);
      else if (heading !== undefined && !anchorsOf(target).includes(heading)) dead.push(`${page}: ${to}#${heading}`);
    }
  }
  assert.ok(count > 30, `${count} links`);
  assert.deepEqual(dead, []);
});

test('files and folders that pages name are there', () => {
  const gone = pages.flatMap((page) =>
    named(page)
      .filter((name) => !isThere(name))
      .map((name) => `${page}: ${name}`),
  );
  assert.ok(pages.flatMap(named).length > 100);
  assert.deepEqual(gone, []);
});

/** Where a reader looks for an operator's examples. */
const EXAMPLES = [
  ['examples/doris', /^docs\/doris.*\.md$/],
  ['examples/hazelcast', /^docs\/(hazelcast.*|management-center)\.md$/],
] as const;

for (const [folder, where] of EXAMPLES) {
  test(`each file of ${folder} is named on a page of its operator`, () => {
    const text = pages
      .filter((page) => where.test(page))
      .map(read)
      .join('\n');
    const examples = files.filter((file) => file.startsWith(`${folder}/`));
    assert.ok(examples.length > 10);
    assert.deepEqual(
      examples.filter((file) => !text.includes(`\`${file}\``) && !text.includes(`\`${posix.basename(file)}\``)),
      [],
    );
  });
}

test('the changelog says nothing twice', () => {
  const lines = read('CHANGELOG.md')
    .split('\n')
    .filter((line) => line.startsWith('- '));
  assert.deepEqual(
    lines.filter((line, index) => lines.indexOf(line) !== index),
    [],
  );
});
