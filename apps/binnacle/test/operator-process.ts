import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

/** `binnacle operator …` in a process of its own. Disposing kills it. */
export interface OperatorProcess extends AsyncDisposable {
  /** What it logged and wrote on standard error so far. */
  said(): string;
  signal(name: 'SIGTERM' | 'SIGINT'): void;
  /** Its exit code, `null` when a signal ended it, once it has ended. */
  readonly ended: Promise<number | null>;
  /** Asks again and again until it holds. Fails with what the process said. */
  eventually(what: string, holds: () => Promise<boolean>): Promise<void>;
}

/** Starts it. */
export function operatorProcess(args: readonly string[]): OperatorProcess {
  const child = spawn(process.execPath, [MAIN, 'operator', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const pieces: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const said = (): string => pieces.join('');
  return {
    said,
    ended,
    signal: (name) => void child.kill(name),
    async eventually(what, holds) {
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) if (await holds()) return;
      assert.fail(`never ${what}:\n${said()}`);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What its health port answers; status 0: it does not listen yet. */
export async function answer(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return response === undefined ? { status: 0, text: '' } : { status: response.status, text: await response.text() };
}
