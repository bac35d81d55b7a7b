import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** Code of a page, by the heading above it and its language. */
function blocks(page: string, heading: string, language: string): readonly string[] {
  const section = page.split(/^#+ /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);
}

test('what docs/runtime.md writes in a folder of its own type-checks, prints what a cluster needs, and its tests pass', { timeout: 300_000 }, async () => {
  const page = readFileSync(join(root, 'docs/runtime.md'), 'utf8');
  const [web] = blocks(page, 'Writing an operator', 'ts');
  const [main, story] = blocks(page, 'In a folder of your own', 'ts');
  const [settings] = blocks(page, 'In a folder of your own', 'json');
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-own-folder-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const files = { 'package.json': '{ "type": "module" }', 'web.ts': web, 'main.ts': main, 'web.test.ts': story, 'tsconfig.json': settings };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text ?? assert.fail(`the page has no ${name}`));
    // A test that runs within a test would report to it.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const node = (...args: readonly string[]) => run(process.execPath, args, { cwd: folder, env, maxBuffer: 1 << 24 });
    await node(join(root, 'node_modules/typescript/bin/tsc'));
    const { items } = JSON.parse((await node('main.ts', 'manifests')).stdout) as { readonly items: readonly { readonly kind: string }[] };
    assert.ok(['CustomResourceDefinition', 'ServiceAccount', 'ClusterRole'].every((kind) => items.some((item) => item.kind === kind)));
    assert.match((await node('--test', '--test-reporter=tap')).stdout, /^# pass 2$/m);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
