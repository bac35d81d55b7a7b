import { hostname } from 'node:os';
import { connect, discoverCluster, portForwardNetwork, systemClock, tcpNetwork, undiciTransport } from '@binnacle/client';
import { OPERATOR_PARTS, healthServer, logger, partOf, prometheus, runOperator } from '@binnacle/runtime';
import type { Manager, OperatorPart, Prometheus, WebhookOptions } from '@binnacle/runtime';
import { Argument, Command, Option } from 'commander';
import { PORTS } from '../deployment.ts';
import { webhookServiceOf } from '../install.ts';
import { untilStopped } from '../interrupt.ts';
import type { Entry } from '../entries/entry.ts';
import { loadEntry } from '../entries/load.ts';
import { dropGarbageOfStart, unoptimized } from '../memory.js';
import { OPERATOR_NAMES } from '../operator-names.ts';
import type { OperatorName } from '../operator-names.ts';
import { logOption, namespaces, operatorName, port, systemNamespaceOption } from '../options.ts';
import { platformOf } from '../platform.ts';

const REACH = ['dns', 'port-forward'] as const;
/** How pods are reached: by the cluster's names and addresses, or through the API server. */
type Reach = (typeof REACH)[number];

interface OperatorOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly only?: OperatorPart;
  readonly namespaces: 'all' | readonly string[];
  readonly leaderElection: boolean;
  readonly systemNamespace: string;
  readonly reach?: Reach;
  readonly healthPort?: number;
  readonly webhook?: string;
  readonly webhookPort: number;
  readonly listen?: string;
  readonly logLevel: string;
}

/** One operator against any cluster. */
export function operatorCommand(): Command {
  return new Command('operator')
    .description('run an operator against any cluster: inside it, or from outside with a kubeconfig')
    .addArgument(new Argument('<name>', `which: ${OPERATOR_NAMES.join(' or ')}`).argParser(operatorName))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig to use (default: in-cluster, else ~/.kube/config)').env('KUBECONFIG'))
    .addOption(new Option('--context <name>', 'context in the kubeconfig (default: its current one)').env('BINNACLE_CONTEXT'))
    .addOption(
      new Option('--only <part>', 'do a part of its work, where another process does the other: reconcile, or judge writes')
        .env('BINNACLE_ONLY')
        .choices(OPERATOR_PARTS)
        .default(undefined, 'both'),
    )
    .addOption(
      new Option('--namespaces <names>', 'namespaces to look after, comma-separated, or all').env('BINNACLE_NAMESPACES').argParser(namespaces).default('all'),
    )
    .addOption(
      new Option('--leader-election', 'run only while holding the Lease, so that a second replica can stand by').env('BINNACLE_LEADER_ELECTION').default(false),
    )
    .addOption(systemNamespaceOption('namespace of the operator itself: of its Lease and of what its webhook needs'))
    .addOption(
      new Option('--reach <how>', "how pods are reached: by the cluster's dns, or from outside by port-forward through the API server")
        .env('BINNACLE_REACH')
        .choices(REACH)
        .default(undefined, 'port-forward with a kubeconfig, dns in the cluster'),
    )
    .addOption(
      new Option('--health-port <number>', 'port of /metrics, /healthz and /readyz; 0: they are not served')
        .env('BINNACLE_HEALTH_PORT')
        .argParser(port)
        .default(undefined, `${PORTS.health} in the cluster, else 0`),
    )
    .addOption(
      new Option('--webhook <how>', 'how the API server reaches the admission webhook: service, by its Service; off, not at all; or a name of this machine')
        .env('BINNACLE_WEBHOOK')
        .default(undefined, 'service in the cluster, else off'),
    )
    .addOption(
      new Option('--webhook-port <number>', 'port of the webhook; 0: any that is free').env('BINNACLE_WEBHOOK_PORT').argParser(port).default(PORTS.webhook),
    )
    .addOption(
      new Option('--listen <address>', 'address that these ports are opened on')
        .env('BINNACLE_LISTEN')
        .default(undefined, '0.0.0.0 in the cluster, else 127.0.0.1'),
    )
    .addOption(logOption().default('info'))
    .action(runOne);
}

async function runOne(name: OperatorName, options: OperatorOptions): Promise<void> {
  const clock = systemClock();
  const log = logger({ level: options.logLevel });
  using stopped = untilStopped();
  stopped.signal.addEventListener('abort', () => log.info({}, 'stops when passes under way have ended; a second signal ends it at once'), { once: true });
  const inside = isInside(options, process.env);
  const how = howReached(options, inside);
  const cluster = discoverCluster({
    env: process.env,
    ...(options.kubeconfig === undefined ? {} : { path: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
  await using api = connect({ clock, userAgent: `binnacle-${name}`, transport: undiciTransport(cluster, { clock }) });
  const entry = await unoptimized(() => loadEntry(name));
  const reach = options.reach ?? (inside ? 'dns' : 'port-forward');
  const listen = options.listen ?? (inside ? '0.0.0.0' : '127.0.0.1');
  log.info({ operator: name, server: cluster.server, namespaces: options.namespaces, reach }, 'starts');
  await using forwarded = portForwardNetwork(cluster, api, { clock });
  const metrics = prometheus({ process: true });
  let manager: Manager | undefined;
  await using _health = await healthOf(options.healthPort ?? (inside ? PORTS.health : 0), listen, metrics.registry, () => manager?.ready === true);
  const platform = await platformOf(api, clock, log, stopped.signal);
  const whole = entry.create({ network: reach === 'dns' ? tcpNetwork() : forwarded, internet: tcpNetwork(), clock, log, ...platform });
  const operator = options.only === undefined ? whole : partOf(whole, options.only);
  const webhook = webhookOf(entry, how, options, listen);
  dropGarbageOfStart();
  await runOperator(operator, {
    api,
    clock,
    log,
    metrics,
    namespaces: options.namespaces,
    leaderElection: options.leaderElection ? { namespace: options.systemNamespace, identity: `${hostname()}-${process.pid}` } : false,
    signal: stopped.signal,
    started: (started) => (manager = started),
    ...(webhook === undefined ? {} : { webhook }),
  });
}

/** A process that runs is alive: one that lost its Lease has ended. */
async function healthOf(port: number, host: string, registry: Prometheus['registry'], ready: () => boolean): Promise<AsyncDisposable | undefined> {
  return port === 0 ? undefined : healthServer({ registry, live: () => true, ready, port, host });
}

/** @throws {Error} when it is to serve a webhook and not to, or the other way round. */
function howReached({ only, webhook, leaderElection }: OperatorOptions, inside: boolean): string {
  if (only === 'admission-webhook' && leaderElection) throw new Error('--leader-election goes with reconciles: every replica of the webhook answers');
  if (only === 'admission-webhook' && webhook === 'off') throw new Error('--webhook off leaves nothing to do with --only admission-webhook');
  if (only === 'controller-manager' && (webhook ?? 'off') !== 'off')
    throw new Error('--webhook goes with --only admission-webhook, not with --only controller-manager');
  if (only === 'controller-manager') return 'off';
  if (only === 'admission-webhook' && webhook === undefined && !inside) {
    throw new Error('--webhook <name of this machine> is needed outside the cluster: its API server must reach the webhook');
  }
  return webhook ?? (inside ? 'service' : 'off');
}

function webhookOf(entry: Entry, how: string, { webhookPort: port, systemNamespace: namespace }: OperatorOptions, host: string): WebhookOptions | undefined {
  if (how === 'off') return undefined;
  const reach = how === 'service' ? { service: webhookServiceOf(entry) } : { host: how };
  return { port, host, namespace, reach };
}

/** A cluster's names mean something only within it; who comes with a kubeconfig is outside, as far as one can tell. */
function isInside({ kubeconfig, context }: OperatorOptions, env: Readonly<Record<string, string | undefined>>): boolean {
  return kubeconfig === undefined && context === undefined && Boolean(env['KUBERNETES_SERVICE_HOST']);
}
