import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those it is in, unless they are there. Node's own recursion never ends where a folder is there and will have none in it, such as /proc.
 * @throws {Error} of the system: with its code.
 */
export function makeFolder(path: string, mode?: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  mkdirSync(path, mode);
}
