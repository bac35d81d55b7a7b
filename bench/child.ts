import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../apps/binnacle/src/main.js', import.meta.url));
/** Clock ticks a second in /proc, as Linux has it everywhere. */
const TICKS = 100;

/** A `binnacle` command in a process of its own, so that its memory and processor time are its own. Linux alone: read from /proc. */
export interface Child extends AsyncDisposable {
  /** `performance.now()` when it was started; ms. */
  readonly startedMs: number;
  /** Resident memory now; MB. */
  rssMB(): number;
  /** Processor time so far, user and system; s. */
  cpuSeconds(): number;
}

/** Starts `binnacle …args`; resolves when a line of its output matches `ready`. @throws {Error} when it ends before. */
export async function start(args: readonly string[], ready: RegExp): Promise<Child> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      if (said.length < 50) said.push(chunk);
      if (ready.test(chunk)) resolve();
    });
  }
  const ended = once(child, 'exit').then(() => reject(new Error(`binnacle ${args.join(' ')} ended:\n${said.join('')}`)));
  await promise;
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    startedMs,
    rssMB: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(proc('status'))?.[1]) / 1_000,
    cpuSeconds() {
      const fields = proc('stat')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
