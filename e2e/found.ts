import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Programs of Debian's packages may be in folders that are root's. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].filter((folder) => folder !== '');

/** Whether a program can be started by its name. */
export function found(program: string): boolean {
  return FOLDERS.some((folder) => runs(join(folder, program)));
}

/** What of these is not here, a line each with the Debian package that brings it. */
export function missingPrograms(programs: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(programs)
    .filter(([program]) => !found(program))
    .map(([program, packageName]) => `${program} (Debian package ${packageName})`);
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
