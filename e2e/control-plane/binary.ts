import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, goProgram, missingGo } from '../go.ts';

/** Versions of Kubernetes that this module builds, the newest first: six minors apart, so that what both accept is what most clusters accept. */
export const VERSIONS = ['1.36', '1.30'] as const;
export type Version = (typeof VERSIONS)[number];

interface Source {
  readonly release: string;
  /** Names of the module file and its sums; `go build -modfile` picks one. */
  readonly modfile: string;
  readonly sums: string;
}
const SOURCES: Readonly<Record<Version, Source>> = {
  '1.36': { release: 'v1.36.3', modfile: 'go.mod', sums: 'go.sum' },
  '1.30': { release: 'v1.30.14', modfile: 'go-1.30.mod', sums: 'go-1.30.sum' },
};

const MODULE = join(import.meta.dirname, 'kubernetes');
const PROGRAM = ['main.go', 'parent.go'];

/** The release that a version stands for, e.g. `v1.36.3`. */
export function releaseOf(version: Version): string {
  return SOURCES[version].release;
}

/** Why nothing can be built here, and what to do about it; `undefined` when it can, or is built already. */
export function missingForBinary(version: Version): string | undefined {
  return existsSync(pathOf(version)) ? undefined : missingGo('Kubernetes');
}

/**
 * Path of the servers of this version in one binary, built when it is not in the cache: once for each state of the module's files.
 * `say` hears what takes long.
 * @throws {Error} with the compiler's words when it does not build.
 */
export async function kubernetesBinary(version: Version, say?: (line: string) => void): Promise<string> {
  const name = `Kubernetes ${releaseOf(version)}`;
  return await goProgram({ name, module: MODULE, flags: flags(version), path: pathOf(version), takes: 'about 12 minutes of processor time' }, say);
}

/** Named after all that goes into it: whatever changes is another file. */
function pathOf(version: Version): string {
  const { release, modfile, sums } = SOURCES[version];
  const hash = createHash('sha256').update(JSON.stringify([release, flags(version), process.arch, process.platform]));
  for (const file of [...PROGRAM, modfile, sums]) hash.update(readFileSync(join(MODULE, file)));
  return join(cacheFolder(), `kubernetes-${release}-${hash.digest('hex').slice(0, 16)}`, 'kubernetes');
}

function flags(version: Version): readonly string[] {
  const { release, modfile } = SOURCES[version];
  const [major, minor] = version.split('.');
  const says = Object.entries({ gitVersion: release, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' });
  const stamped = says.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`).join(' ');
  return [`-modfile=${modfile}`, '-buildvcs=false', '-mod=readonly', `-ldflags=-s -w ${stamped}`];
}
