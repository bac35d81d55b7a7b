import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { operatorLayers } from './operator.ts';

/** Lays the content of the operators' image into a new folder: for the Dockerfile, so that both ways of building hold the same files. */
const to = process.argv[2];
if (to === undefined) throw new Error('usage: node e2e/cluster/images/unpack.ts FOLDER');
for (const entry of operatorLayers(fileURLToPath(new URL('../../../', import.meta.url))).flat()) {
  const path = join(to, entry.path);
  mkdirSync(entry.type === 'folder' ? path : dirname(path), { recursive: true });
  if (entry.type === 'link') symlinkSync(entry.target, path);
  else if (entry.type === 'file') writeFileSync(path, typeof entry.content === 'function' ? entry.content() : entry.content);
  if (entry.type !== 'link') chmodSync(path, entry.mode);
}
