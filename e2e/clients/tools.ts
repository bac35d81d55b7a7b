import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolPath } from '../../apps/binnacle/src/kubectl.ts';
import type { ToolFile } from '../../apps/binnacle/src/kubectl.ts';

/** The minors whose tools come from npm, the newest first: v35 holds helm 4, v32 helm 3.17. */
export const MINORS = ['v35', 'v32'] as const;
export type Minor = (typeof MINORS)[number];

/** A real program on a kubeconfig. It runs beside the test, since the API server may be in this very process. */
export interface Tool {
  readonly name: string;
  /** Runs it; what it printed. Fails when it does. */
  ok(args: readonly string[], options?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> }): Promise<string>;
  /** Runs it and expects it to end with this code, by default 1; all that it printed. */
  refused(args: readonly string[], options?: { readonly input?: string; readonly code?: number }): Promise<string>;
  /** Runs it until it is closed; `said` waits for what it prints. */
  start(args: readonly string[]): Running;
}

export interface Running extends AsyncDisposable {
  /** Resolves to what was printed so far as soon as that matches. @throws {Error} when it ends before. */
  said(pattern: RegExp): Promise<string>;
}

/** Why the tools cannot run here, for a test's `skip`; `false` when they can. */
export function missingTools(): string | false {
  return process.platform === 'linux' && process.arch === 'x64'
    ? false
    : `the tools from npm run on Linux x64 only, this is ${process.platform} ${process.arch}`;
}

export const kubectl = (minor: Minor, kubeconfig: string, folder: string): Tool => tool('kubectl/kubectl', minor, kubeconfig, folder);
export const helm = (minor: Minor, kubeconfig: string, folder: string): Tool => tool('helm/helm', minor, kubeconfig, folder);

/** `folder`: home of what the tool keeps: caches, and nothing of the user's own. */
function tool(file: ToolFile, minor: Minor, kubeconfig: string, folder: string): Tool {
  const path = toolPath(file, minor);
  const name = `${file.split('/')[0]} of ${minor}`;
  const begin = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(path, [...args], { env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig, ...env } });
  const run = async (args: readonly string[], input: string | undefined, env?: Readonly<Record<string, string>>) => {
    const child = begin(args, env);
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    return { code, output: output.join(''), errors: errors.join('') };
  };
  return {
    name,
    async ok(args, { input, env } = {}) {
      const { code, output, errors } = await run(args, input, env);
      assert.equal(code, 0, `${name}: ${args.join(' ')}: ${errors}${output}`);
      return output;
    },
    async refused(args, { input, code = 1 } = {}) {
      const ran = await run(args, input);
      assert.equal(ran.code, code, `${name}: ${args.join(' ')}: ${ran.errors}${ran.output}`);
      return ran.errors + ran.output;
    },
    start(args) {
      const child = begin(args);
      let text = '';
      const closed = once(child, 'close');
      const take = (chunk: string) => {
        text += chunk;
        child.emit('said');
      };
      child.stdout.setEncoding('utf8').on('data', take);
      child.stderr.setEncoding('utf8').on('data', take);
      return {
        async said(pattern) {
          while (!pattern.test(text)) {
            if (child.exitCode !== null) throw new Error(`${name}: ${args.join(' ')}: ${text}`);
            await Promise.race([once(child, 'said'), closed]);
          }
          return text;
        },
        async [Symbol.asyncDispose]() {
          child.kill();
          await closed;
        },
      };
    },
  };
}
