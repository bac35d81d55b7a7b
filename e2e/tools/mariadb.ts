import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@binnacle/testing';
import { eventually } from '../eventually.ts';

/** A real server of the MySQL protocol, on loopback, with nothing in it but the users that a test makes. Ends with the process that started it. */
export interface MariaDb extends AsyncDisposable {
  readonly port: number;
  /** Runs SQL as the server's root, over its socket. */
  sql(text: string): string;
  /** SIGSTOP, and until no thread of it runs any more: one that does still answers. */
  hang(): Promise<void>;
  /** Goes on after it hung. */
  goOn(): void;
  /** SIGKILL, and until the process, and its port, are gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port after a SIGKILL, with its data. */
  restart(): Promise<void>;
}

/** Makes a server with an empty database and waits until it answers. */
export async function mariadb(options: readonly string[] = []): Promise<MariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'mariadb-'));
  chmodSync(folder, 0o755);
  const [data, socket] = [join(folder, 'data'), join(folder, 'socket')];
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  execFileSync('mariadb-install-db', ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user], {
    stdio: 'pipe',
  });
  const port = await freePort();
  const sql = (text: string) =>
    execFileSync('mariadb', ['--no-defaults', `--socket=${socket}`, '--user=root', '--default-character-set=utf8mb4', '-N', '-B', '-e', text], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const start = async () => {
    const address = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${socket}`, `--pid-file=${join(folder, 'pid')}`];
    const small = ['--skip-name-resolve', '--innodb-buffer-pool-size=8M', '--innodb-flush-log-at-trx-commit=0'];
    const server = spawn('setpriv', ['--pdeathsig', 'KILL', 'mariadbd', '--no-defaults', `--datadir=${data}`, ...address, ...small, ...user, ...options], {
      stdio: 'ignore',
    });
    await eventually('MariaDB answers', () => sql('SELECT 1').trim() === '1', 60_000);
    return server;
  };
  let server = await start();
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    port,
    sql,
    async hang() {
      server.kill('SIGSTOP');
      await eventually('every thread of MariaDB stands still', () => threadStates(server.pid!).every((state) => state === 'T'));
    },
    goOn: () => void server.kill('SIGCONT'),
    kill,
    async restart() {
      await kill();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The letters of proc(5) for what each thread does. */
function threadStates(pid: number): readonly string[] {
  const threads = `/proc/${pid}/task`;
  return readdirSync(threads).map((thread) => /^State:\s+(\S)/m.exec(readFileSync(join(threads, thread, 'status'), 'utf8'))?.[1] ?? '');
}
