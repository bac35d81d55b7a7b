import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@binnacle/client';

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
/** Old enough for a module that asks for a newer Go to be refused with our words, not the tool's. */
const OLDEST_GO = 26;
const LOCK_EVERY_MS = 500;

/** Folder of what is built once and used by all checkouts of this machine. */
export function cacheFolder(): string {
  return process.env['BINNACLE_E2E_CACHE'] ?? join(homedir(), '.cache', 'binnacle', 'e2e');
}

/** The release that a version stands for, e.g. `v1.36.3`. */
export function releaseOf(version: Version): string {
  return SOURCES[version].release;
}

/** Why nothing can be built here, and what to do about it; `undefined` when it can, or is built already. */
export function missingForBinary(version: Version): string | undefined {
  if (existsSync(pathOf(version))) return undefined;
  let said: string;
  try {
    said = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim();
  } catch {
    return `Go is not installed: Kubernetes is built from its source. Install Go 1.${OLDEST_GO} or newer and put it on PATH`;
  }
  const minor = Number(/^go1\.(\d+)/.exec(said)?.[1]);
  return minor >= OLDEST_GO ? undefined : `${said} is too old to build Kubernetes: install Go 1.${OLDEST_GO} or newer`;
}

/**
 * Path of the servers of this version in one binary, built when it is not in the cache: about 12 minutes of processor time, once for each state of the
 * module's files. Callers that come meanwhile wait for the one that builds. `say` hears what takes long.
 * @throws {Error} with the compiler's words when it does not build.
 */
export async function kubernetesBinary(version: Version, say: (line: string) => void = () => undefined): Promise<string> {
  const path = pathOf(version);
  if (existsSync(path)) return path;
  const missing = missingForBinary(version);
  if (missing !== undefined) throw new Error(missing);
  mkdirSync(join(path, '..'), { recursive: true });
  await using _lock = await lock(`${path}.lock`, () => say(`another process builds Kubernetes ${releaseOf(version)}: waiting for it`));
  if (existsSync(path)) return path;
  say(`building Kubernetes ${releaseOf(version)}, once for this machine: about 12 minutes of processor time`);
  const unfinished = `${path}.${process.pid}`;
  await build(version, unfinished);
  renameSync(unfinished, path);
  return path;
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

async function build(version: Version, output: string): Promise<void> {
  // A process group of its own would outlive an interrupted run; in ours the terminal's signal reaches it.
  const go = spawn('go', ['build', ...flags(version), '-o', output, '.'], {
    cwd: MODULE,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  go.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const [code] = (await once(go, 'close')) as [number | null];
  if (code === 0) return;
  rmSync(output, { force: true });
  throw new Error(`Kubernetes ${releaseOf(version)} does not build:\n${said}`);
}

/** A lock file that names its holder: what a process left behind that was killed is taken over. */
async function lock(path: string, waiting: () => void): Promise<AsyncDisposable> {
  const clock = systemClock();
  let told = false;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return { [Symbol.asyncDispose]: async () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (abandoned(path)) {
      // Two may see the same dead holder: only one of them can move its file away.
      const moved = `${path}.${process.pid}`;
      try {
        renameSync(path, moved);
      } catch {
        continue;
      }
      rmSync(moved, { force: true });
      continue;
    }
    if (!told) waiting();
    told = true;
    await clock.sleep(LOCK_EVERY_MS);
  }
}

function abandoned(path: string): boolean {
  let holder: number;
  try {
    holder = Number(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
  return holder > 0 && !isAlive(holder);
}

/** Whether a process of this number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
