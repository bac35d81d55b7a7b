import { systemClock } from '@binnacle/client';
import { logger } from '@binnacle/runtime';
import { Command } from 'commander';
import { untilStopped } from '../interrupt.ts';
import { dropGarbageOfStart } from '../memory.js';
import type { OperatorName } from '../operator-names.ts';
import { kubeconfigOut, logOption, nodeOption, operatorsOption, portOption, stateOption } from '../options.ts';

interface SandboxOptions {
  readonly port: number;
  readonly kubeconfig: string;
  readonly state?: string;
  readonly operators: readonly OperatorName[];
  readonly node: boolean;
  readonly logLevel: string;
}

/** A cluster in the foreground. */
export function sandboxCommand(): Command {
  return new Command('sandbox')
    .description('run a Kubernetes-compatible cluster in this process until Ctrl-C')
    .addOption(portOption())
    .addOption(kubeconfigOut())
    .addOption(stateOption())
    .addOption(operatorsOption())
    .addOption(nodeOption())
    .addOption(logOption())
    .action(async (options: SandboxOptions) => {
      // Only when it is wanted: an operator's process holds no sandbox.
      const { startLocalCluster } = await import('../cluster.ts');
      using stopped = untilStopped();
      await using cluster = await startLocalCluster({ ...options, state: options.state, clock: systemClock(), log: logger({ level: options.logLevel }) });
      dropGarbageOfStart();
      process.stdout.write(
        `cluster at ${cluster.url}, operators: ${options.operators.join(', ') || 'none'}\nKUBECONFIG=${options.kubeconfig}\nCtrl-C ends it.\n`,
      );
      await stopped.promise;
    });
}
