import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './tar.ts';

/** What lies in a folder, as entries under `at`, sorted. Modes are 0755 for what may be run and 0644 for all else: a checkout's umask does not show. */
export function folder(from: string, at: string, keep: (path: string) => boolean = () => true): Entry[] {
  const found: Entry[] = [];
  for (const one of readdirSync(from, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const [source, path] = [join(from, one.name), `${at}/${one.name}`];
    if (!keep(source)) continue;
    if (one.isDirectory()) found.push(...folder(source, path, keep));
    else if (one.isSymbolicLink()) found.push({ path, type: 'link', target: readlinkSync(source) });
    else found.push(file(source, path));
  }
  return found;
}

/** One file under the name `path`. */
export function file(source: string, path: string): Entry {
  return { path, type: 'file', mode: (statSync(source).mode & 0o111) === 0 ? 0o644 : 0o755, content: () => readFileSync(source) };
}

/** A text as a file. */
export function text(path: string, content: string, mode = 0o644): Entry {
  return { path, type: 'file', mode, content: Buffer.from(content) };
}
