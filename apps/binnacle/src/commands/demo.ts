import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { isReady, systemClock } from '@binnacle/client';
import type { AnyKind, Api, Clock } from '@binnacle/client';
import { logger } from '@binnacle/runtime';
import { Command, Option } from 'commander';
import { parse } from 'yaml';
import { untilStopped } from '../interrupt.ts';
import { dropGarbageOfStart } from '../memory.js';
import { OPERATOR_NAMES } from '../operator-names.ts';
import { kubeconfigOut, logOption, portOption, seconds } from '../options.ts';
import { notReady, showProgress } from '../progress.ts';

const NAMESPACE = 'default';
const EXAMPLES = ['examples/doris/basic.yaml', 'examples/hazelcast/basic.yaml'];

interface DemoOptions {
  readonly once: boolean;
  readonly timeout: number;
  readonly port: number;
  readonly kubeconfig: string;
  readonly logLevel: string;
}

/** The whole way through, for somebody who has never seen it. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('start a sandbox with both operators and bring a Doris and a Hazelcast cluster to Ready')
    .addOption(new Option('--once', 'end when all is Ready: exit code 0, or 1 with a report of what is not').env('BINNACLE_ONCE').default(false))
    .addOption(new Option('--timeout <seconds>', 'with --once: how long to wait for Ready').env('BINNACLE_TIMEOUT').default(120).argParser(seconds))
    .addOption(portOption())
    .addOption(kubeconfigOut())
    .addOption(logOption())
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const { startLocalCluster } = await import('../cluster.ts');
  const { entries } = await import('../operators.ts');
  const clock = systemClock();
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  using stopped = untilStopped();
  await using cluster = await startLocalCluster({ ...options, state: undefined, operators: OPERATOR_NAMES, clock, log: logger({ level: options.logLevel }) });
  const resources = entries().map((entry) => entry.resources[0]!);
  write(`${styleText('bold', 'binnacle')}: a cluster at ${cluster.url}, with the operators ${OPERATOR_NAMES.join(' and ')}`);
  await using _showing = background((signal) => showProgress(cluster.api, clock, resources, NAMESPACE, write, signal));
  for (const [index, file] of EXAMPLES.entries()) await applyExample(cluster.api, resources[index]!, file);
  const ready = await untilReady(cluster.api, clock, resources, options.once ? options.timeout * 1000 : undefined, stopped.signal);
  if (ready)
    write(
      `\n${styleText('green', 'All is Ready.')} Look around with a real kubectl:\n\n  export KUBECONFIG=${options.kubeconfig}\n  npx binnacle kubectl get dorisclusters,hazelcasts,statefulsets,pods\n`,
    );
  if (ready && !options.once) {
    dropGarbageOfStart();
    write('Ctrl-C ends it.');
    await stopped.promise;
  }
  if (ready || stopped.signal.aborted) return;
  process.exitCode = 1;
  for (const line of await notReady(cluster.api, resources, NAMESPACE)) process.stderr.write(`not ready: ${line}\n`);
}

/** Work beside the rest: ended, and its failure told, with the scope. */
function background(work: (signal: AbortSignal) => Promise<void>): AsyncDisposable {
  const stop = new AbortController();
  const ended = work(stop.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      const error = await ended;
      if (error !== undefined) throw error;
    },
  };
}

async function applyExample(api: Api, kind: AnyKind, file: string): Promise<void> {
  const text = readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');
  const object = parse(text) as { metadata: { name: string; namespace?: string } };
  await api.apply(kind, { ...object, metadata: { namespace: NAMESPACE, ...object.metadata } }, { fieldManager: 'binnacle-demo', force: true });
}

/** Whether every object became Ready; false after `withinMs`, or when stopped. */
async function untilReady(api: Api, clock: Clock, kinds: readonly AnyKind[], withinMs: number | undefined, signal: AbortSignal): Promise<boolean> {
  const late = new AbortController();
  using _timer = withinMs === undefined ? undefined : clock.timer(withinMs, () => late.abort());
  const either = AbortSignal.any([signal, late.signal]);
  const one = async (kind: AnyKind): Promise<boolean> => {
    try {
      for await (const event of api.watch(kind, { namespace: NAMESPACE, sendInitialEvents: true, signal: either })) {
        if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && isReady(event.object)) return true;
      }
    } catch (error) {
      if (!either.aborted) throw error;
    }
    return false;
  };
  return (await Promise.all(kinds.map(one))).every(Boolean);
}
