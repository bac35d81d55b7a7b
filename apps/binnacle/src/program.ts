import { Command } from 'commander';
import { demoCommand } from './commands/demo.ts';
import { kubectlCommand } from './commands/kubectl.ts';
import { manifestsCommand } from './commands/manifests.ts';
import { operatorCommand } from './commands/operator.ts';
import { sandboxCommand } from './commands/sandbox.ts';

/** The command line. A wrong flag or command is refused with the nearest right one; every flag has an environment variable. */
export function binnacle(): Command {
  return new Command('binnacle')
    .description('Runs stateful data clusters on Kubernetes: Doris and Hazelcast operators, and a sandbox cluster to try them in.')
    .version('0.1.0')
    .showSuggestionAfterError()
    .showHelpAfterError('(add --help for what there is)')
    .configureHelp({ sortOptions: true, showGlobalOptions: false })
    .enablePositionalOptions()
    .addCommand(demoCommand())
    .addCommand(sandboxCommand())
    .addCommand(operatorCommand())
    .addCommand(manifestsCommand())
    .addCommand(kubectlCommand());
}
