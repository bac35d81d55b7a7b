import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { systemClock } from '@binnacle/client';

const GRACE_MS = 3000;
const TAIL = 3000;

/** One server of the control plane, as a process. Closing it ends it: asked first, killed after some seconds. */
export interface ServerProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Rejects when it ends before it is told to, with the end of its log. */
  readonly failed: Promise<never>;
}

/**
 * Starts a server. It also ends when this process does, however that happens: its standard input is a pipe that we hold and never write to.
 * @throws {Error} when the program cannot be started.
 */
export async function startServer(binary: string, name: string, args: readonly string[], log: string): Promise<ServerProcess> {
  const output = openSync(log, 'a');
  const child: ChildProcess = spawn(binary, [name, ...args], {
    // In a group of its own, so that Ctrl-C reaches us alone and we end it in order.
    detached: true,
    stdio: ['pipe', output, output],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', END_WITH_STDIN: '1' },
  });
  closeSync(output);
  await once(child, 'spawn');
  let told = false;
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const failed = ended.then(({ code, signal }) => {
    if (told) return new Promise<never>(() => undefined);
    throw new Error(`${name} ended by itself (${code ?? signal}):\n${tailOf(log)}`);
  });
  // Somebody may look later, or never.
  failed.catch(() => undefined);
  return {
    name,
    pid: child.pid!,
    failed,
    async [Symbol.asyncDispose]() {
      told = true;
      child.kill('SIGTERM');
      using _late = systemClock().timer(GRACE_MS, () => child.kill('SIGKILL'));
      await ended;
      child.stdin?.destroy();
    },
  };
}

/** The end of a server's log, for the error that tells of its end. */
export function tailOf(log: string): string {
  return readFileSync(log, 'utf8').slice(-TAIL);
}
