import { hostname } from 'node:os';
import { connect, discoverCluster, portForwardNetwork, systemClock, tcpNetwork, undiciTransport } from '@binnacle/client';
import { logger, runOperator } from '@binnacle/runtime';
import { Argument, Command, Option } from 'commander';
import { SYSTEM_NAMESPACE } from '../install.ts';
import { untilStopped } from '../interrupt.ts';
import { entries, OPERATOR_NAMES } from '../operators.ts';
import type { OperatorName } from '../operators.ts';
import { logOption, operatorName } from '../options.ts';

const REACH = ['dns', 'port-forward'] as const;
/** How pods are reached: by the cluster's names and addresses, or through the API server. */
type Reach = (typeof REACH)[number];

interface OperatorOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespaces: string;
  readonly leaderElection: boolean;
  readonly leaderNamespace: string;
  readonly reach?: Reach;
  readonly logLevel: string;
}

/** One operator against any cluster. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description('run an operator against any cluster: inside it, or from outside with a kubeconfig')
    .addArgument(new Argument('<name>', `which: ${OPERATOR_NAMES.join(' or ')}`).argParser(operatorName))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig to use (default: in-cluster, else ~/.kube/config)').env('KUBECONFIG'))
    .addOption(new Option('--context <name>', 'context in the kubeconfig (default: its current one)').env('BINNACLE_CONTEXT'))
    .addOption(new Option('--namespaces <names>', 'namespaces to look after, comma-separated, or all').env('BINNACLE_NAMESPACES').default('all'))
    .addOption(
      new Option('--leader-election', 'run only while holding the Lease, so that a second replica can stand by').env('BINNACLE_LEADER_ELECTION').default(false),
    )
    .addOption(new Option('--leader-namespace <name>', 'namespace of the Lease').env('BINNACLE_LEADER_NAMESPACE').default(SYSTEM_NAMESPACE))
    .addOption(
      new Option('--reach <how>', "how pods are reached: by the cluster's dns, or from outside by port-forward through the API server")
        .env('BINNACLE_REACH')
        .choices(REACH)
        .default(undefined, 'port-forward with a kubeconfig, dns in the cluster'),
    )
    .addOption(logOption().default('info'))
    .action(runOne);
}

async function runOne(name: OperatorName, options: OperatorOptions): Promise<void> {
  const clock = systemClock();
  const log = logger({ level: options.logLevel });
  using stopped = untilStopped();
  const cluster = discoverCluster({
    env: process.env,
    ...(options.kubeconfig === undefined ? {} : { path: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  await using api = connect({ clock, userAgent: `binnacle-${name}`, transport: undiciTransport(cluster, { clock }) });
  const [entry] = entries([name]);
  const reach = options.reach ?? usualReach(options, process.env);
  log.info({ server: cluster.server, reach }, 'pods are reached by');
  await using forwarded = portForwardNetwork(cluster, api, { clock });
  const operator = entry!.create({ network: reach === 'dns' ? tcpNetwork() : forwarded, clock, log });
  await runOperator(operator, {
    api,
    clock,
    log,
    namespaces: options.namespaces === 'all' ? 'all' : options.namespaces.split(',').map((namespace) => namespace.trim()),
    leaderElection: options.leaderElection ? { namespace: options.leaderNamespace, identity: `${hostname()}-${process.pid}` } : false,
    signal: stopped.signal,
  });
}

/** A cluster's names mean something only within it; who comes with a kubeconfig is outside, as far as one can tell. */
function usualReach({ kubeconfig, context }: OperatorOptions, env: Readonly<Record<string, string | undefined>>): Reach {
  const outside = kubeconfig !== undefined || context !== undefined || !env['KUBERNETES_SERVICE_HOST'];
  return outside ? 'port-forward' : 'dns';
}
