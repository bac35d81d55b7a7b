import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import type { Volumes } from './node/index.ts';

/**
 * Volumes that outlive the process: a JSON file each, written whole at every change, so that a kill in the middle leaves the file as it was before or after.
 * For the small files that simulated programs keep, not for data in bulk.
 */
export function fileVolumes(folder: string): Volumes {
  makeFolder(folder);
  const open = new Map<string, Map<string, string>>();
  const pathOf = (name: string) => join(folder, `${encodeURIComponent(name)}.json`);
  return {
    open(name) {
      const found = open.get(name) ?? new FileMap(pathOf(name));
      open.set(name, found);
      return found;
    },
    drop(name) {
      open.delete(name);
      rmSync(pathOf(name), { force: true });
    },
  };
}

/** A map that is written to its file at each change. */
class FileMap extends Map<string, string> {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
    if (!existsSync(path)) return;
    for (const [file, text] of Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)) super.set(file, text);
  }

  override set(file: string, text: string): this {
    if (this.get(file) === text) return this;
    super.set(file, text);
    this.#save();
    return this;
  }

  override delete(file: string): boolean {
    const deleted = super.delete(file);
    if (deleted) this.#save();
    return deleted;
  }

  override clear(): void {
    super.clear();
    this.#save();
  }

  #save(): void {
    const unfinished = `${this.#path}.new`;
    writeFileSync(unfinished, JSON.stringify(Object.fromEntries(this)), { mode: 0o600 });
    renameSync(unfinished, this.#path);
  }
}
