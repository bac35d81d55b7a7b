import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { application } from './application.ts';
import { writeImages } from './oci.ts';
import type { ImageParts } from './oci.ts';
import { text } from './folder.ts';
import { writeTar } from './tar.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function folder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'images-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test('tar reads what was written: names longer than a header holds, modes, links, no times and no owners', () => {
  using work = folder();
  const long = `${'deep/'.repeat(30)}file`;
  writeTar(join(work.path, 'a.tar'), [
    text('short', 'one\n', 0o755),
    text(long, 'two\n'),
    { path: 'link', type: 'link', target: long },
    { path: 'tmp', type: 'folder', mode: 0o1777 },
  ]);
  const listed = execFileSync('tar', ['--utc', '-tvf', 'a.tar'], { cwd: work.path, encoding: 'utf8' }).replace(/ +/g, ' ');
  assert.deepEqual(listed.trimEnd().split('\n'), [
    '-rwxr-xr-x 0/0 4 1970-01-01 00:00 short',
    `-rw-r--r-- 0/0 4 1970-01-01 00:00 ${long}`,
    `lrwxrwxrwx 0/0 0 1970-01-01 00:00 link -> ${long}`,
    'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp',
  ]);
  execFileSync('tar', ['-xf', 'a.tar'], { cwd: work.path });
  assert.equal(readFileSync(join(work.path, 'link'), 'utf8'), 'two\n');
});

test('an image is the same byte for byte whenever it is built, and another name or file is another image', () => {
  using work = folder();
  const layer = [text('b/two', '2'), text('a/one', '1')];
  const image: ImageParts = { name: 'docker.io/a/b:1', layers: [layer], start: { entrypoint: ['/a/one'], user: '1:1' } };
  const build = (name: string, ...images: readonly ImageParts[]) => [
    ...writeImages(join(work.path, name), images),
    readFileSync(join(work.path, name)).toString('base64'),
  ];
  const first = build('first', image);
  assert.deepEqual(build('second', { ...image, layers: [layer.toReversed()] }), first);
  assert.notEqual(build('third', { ...image, layers: [[...layer, text('c', '3')]] })[0], first[0]);
  const listed = execFileSync('tar', ['-tf', 'first'], { cwd: work.path, encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual([listed.length, listed.slice(0, 2)], [5, ['oci-layout', 'index.json']]);
});

test('images that share a layer hold it once', () => {
  using work = folder();
  const shared = [text('a', 'shared')];
  const image = (name: string): ImageParts => ({ name, layers: [shared, [text('b', name)]], start: { entrypoint: ['/a'], user: '1:1' } });
  writeImages(join(work.path, 'both'), [image('one'), image('two')]);
  const blobs = execFileSync('tar', ['-tf', 'both'], { cwd: work.path, encoding: 'utf8' }).match(/blobs\/sha256\//g);
  assert.equal(blobs?.length, 3 + 4, 'three layers, two manifests, two configurations');
});

test('the operators’ image holds the command line with all that it imports, and nothing for people who develop it', () => {
  const paths = application(ROOT).map(({ path }) => path);
  for (const wanted of [
    'app/apps/binnacle/src/main.js',
    'app/node_modules/@binnacle/runtime',
    'app/node_modules/undici/package.json',
    'app/operators/doris/src/index.ts',
  ])
    assert.ok(paths.includes(wanted), wanted);
  assert.deepEqual(
    paths.filter((path) => /\.test\.ts$|^app\/[a-z]+\/[a-z]+\/test\/|typescript|oxlint|kubectl-v35/.test(path)),
    [],
  );
});

test('the command line runs from its image where Node strips no types', () => {
  using work = folder();
  writeTar(join(work.path, 'app.tar'), application(ROOT));
  execFileSync('tar', ['-xf', 'app.tar'], { cwd: work.path });
  const args = ['--no-strip-types', join(work.path, 'app/apps/binnacle/src/main.js'), 'manifests', 'crds', 'hazelcast'];
  const env = { ...process.env, XDG_CACHE_HOME: '/dev/null/nowhere' };
  assert.match(execFileSync(process.execPath, args, { encoding: 'utf8', env }), /^ {2}name: hazelcasts\.hazelcast\.com$/m);
});
