import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, goProgram, missingGo } from '../go.ts';

const MODULE = join(import.meta.dirname, 'client-go');
const FLAGS = ['-buildvcs=false', '-mod=readonly', '-ldflags=-s -w'];

/** Why the program cannot be had here, and what to do about it; `undefined` when it can. */
export function missingClientGo(): string | undefined {
  return existsSync(pathOf()) ? undefined : missingGo('the program on client-go');
}

/** A running case. Its standard input ends when it is told to end. */
export interface GoCase extends AsyncDisposable {
  /** Resolves as soon as it has printed this line. @throws {Error} when it ends before. */
  said(line: string): Promise<void>;
  /** Ends its standard input and waits until it has ended, well. */
  end(): Promise<void>;
  /** Kills it: it can say and give back nothing. */
  kill(): Promise<void>;
}

/** Starts a case of `client-go/main.go` in a namespace; `env` beside its kubeconfig. */
export async function goCase(name: string, kubeconfig: string, namespace: string, env: Readonly<Record<string, string>> = {}): Promise<GoCase> {
  const takes = 'about 3 minutes of processor time';
  const path = await goProgram({ name: 'the program on client-go', module: MODULE, flags: FLAGS, path: pathOf(), takes });
  const child = spawn(path, [name, namespace], { env: { KUBECONFIG: kubeconfig, HOME: '/nonexistent', ...env } });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    child.emit('said');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  return {
    async said(line) {
      while (!output.split('\n').includes(line)) {
        const over = await Promise.race([once(child, 'said').then(() => false), closed.then(() => true)]);
        if (over) assert.fail(`client-go ${name} ended and had not said ${line}: ${output}${errors}`);
      }
    },
    async end() {
      child.stdin.end();
      const [code] = await closed;
      assert.equal(code, 0, errors);
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

/** Named after all that goes into it, as the binaries of Kubernetes are. */
function pathOf(): string {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, process.arch, process.platform]));
  for (const file of globSync(['*.go', 'go.*'], { cwd: MODULE }).toSorted()) hash.update(file).update(readFileSync(join(MODULE, file)));
  return join(cacheFolder(), `client-go-${hash.digest('hex').slice(0, 16)}`, 'client-go');
}
