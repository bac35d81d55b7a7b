/** Writes the golden files of this package: `node packages/schema/test/golden.ts`. Their diff is what gets reviewed. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crd, referencePage } from '@binnacle/schema';
import { Thing } from './thing.ts';

/** File name → content. */
export function goldenFiles(): Readonly<Record<string, string>> {
  return { 'thing.crd.json': `${JSON.stringify(crd(Thing), null, 2)}\n`, 'thing.md': referencePage(Thing) };
}

/** Where they are. */
export const folder = new URL('golden/', import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, content] of Object.entries(goldenFiles())) writeFileSync(new URL(name, folder), content);
