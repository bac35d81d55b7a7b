/** Writes every generated file; with `--check` it writes nothing and fails when one is stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manifests } from '../apps/binnacle/src/commands/manifests.ts';
import { entries } from '../apps/binnacle/src/operators.ts';
import { goldenFiles as dorisGolden } from '../operators/doris/test/golden.ts';
import { goldenFiles as hazelcastGolden } from '../operators/hazelcast/test/golden.ts';
import { referencePage } from '../packages/schema/src/index.ts';

const files = new Map<string, string>();
for (const entry of entries()) {
  files.set(`deploy/crds/${entry.name}.yaml`, manifests('crds', [entry]));
  files.set(`deploy/rbac/${entry.name}.yaml`, manifests('rbac', [entry]));
  for (const resource of entry.resources) files.set(`docs/reference/${resource.kind.toLowerCase()}.md`, referencePage(resource));
}
for (const [path, content] of Object.entries(dorisGolden())) files.set(`operators/doris/test/golden/${path}`, content);
for (const [path, content] of Object.entries(hazelcastGolden())) files.set(`operators/hazelcast/test/golden/${path}`, content);

const root = fileURLToPath(new URL('..', import.meta.url));
const stale = [...files].filter(([path, content]) => current(path) !== content).map(([path]) => path);
if (process.argv.includes('--check')) {
  if (stale.length > 0) throw new Error(`stale, run \`make generate\`:\n  ${stale.join('\n  ')}`);
} else {
  for (const path of stale) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, files.get(path)!);
    process.stdout.write(`${path}\n`);
  }
}

function current(path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8');
  } catch {
    return undefined;
  }
}
