import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@binnacle/client';

/** Old enough for a module that asks for a newer Go to be refused with our words, not the tool's. */
const OLDEST_GO = 26;
const LOCK_EVERY_MS = 500;

/** Folder of what is built once and used by all checkouts of this machine. */
export function cacheFolder(): string {
  return process.env['BINNACLE_E2E_CACHE'] ?? join(homedir(), '.cache', 'binnacle', 'e2e');
}

/** Why nothing can be built from Go here, and what to do about it; `undefined` when it can. `what`: what would be built, for the message. */
export function missingGo(what: string): string | undefined {
  let said: string;
  try {
    said = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return `Go is not installed: ${what} is built from its source. Install Go 1.${OLDEST_GO} or newer and put it on PATH`;
  }
  const minor = Number(/^go1\.(\d+)/.exec(said)?.[1]);
  return minor >= OLDEST_GO ? undefined : `${said} is too old to build ${what}: install Go 1.${OLDEST_GO} or newer`;
}

/** A program of a Go module, and where it is once it is built. */
export interface GoProgram {
  /** In words, for messages. */
  readonly name: string;
  /** Folder of the module. */
  readonly module: string;
  readonly flags: readonly string[];
  /** Must be named after all that goes into it: whatever changes is another file. */
  readonly path: string;
  /** What a build costs, for whoever waits. */
  readonly takes: string;
}

/**
 * Path of the program, built when it is not there. Callers that come meanwhile wait for the one that builds. `say` hears what takes long.
 * @throws {Error} when Go is missing, or with the compiler's words when it does not build.
 */
export async function goProgram({ name, module, flags, path, takes }: GoProgram, say: (line: string) => void = () => undefined): Promise<string> {
  if (existsSync(path)) return path;
  const missing = missingGo(name);
  if (missing !== undefined) throw new Error(missing);
  mkdirSync(join(path, '..'), { recursive: true });
  await using _lock = await lock(`${path}.lock`, () => say(`another process builds ${name}: waiting for it`));
  if (existsSync(path)) return path;
  say(`building ${name}, once for this machine: ${takes}`);
  const unfinished = `${path}.${process.pid}`;
  // A process group of its own would outlive an interrupted run; in ours the terminal's signal reaches it.
  const go = spawn('go', ['build', ...flags, '-o', unfinished, '.'], {
    cwd: module,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  go.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const [code] = (await once(go, 'close')) as [number | null];
  if (code !== 0) {
    rmSync(unfinished, { force: true });
    throw new Error(`${name} does not build:\n${said}`);
  }
  renameSync(unfinished, path);
  return path;
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
