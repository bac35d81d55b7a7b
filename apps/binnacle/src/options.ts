import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { cacheFolder } from './cache-folder.js';
import { SYSTEM_NAMESPACE } from './install.ts';
import { OPERATOR_NAMES } from './operator-names.ts';
import type { OperatorName } from './operator-names.ts';

export const portOption = () =>
  new Option('--port <number>', 'port of the API server on 127.0.0.1; 0: any that is free').env('BINNACLE_PORT').default(0, 'any free port').argParser(port);

export const kubeconfigOut = () =>
  new Option('--kubeconfig <file>', 'where to write the kubeconfig of the sandbox')
    .env('BINNACLE_KUBECONFIG')
    .default(join(cacheFolder(), 'kubeconfig'), '~/.cache/binnacle/kubeconfig');

export const stateOption = () =>
  new Option('--state <folder>', 'keep the cluster in this folder, so that it goes on after a stop or a crash (default: in memory)').env('BINNACLE_STATE');

export const operatorsOption = () =>
  new Option('--operators <names>', `operators to run in it, comma-separated: ${OPERATOR_NAMES.join(', ')}, or none`)
    .env('BINNACLE_OPERATORS')
    .default([...OPERATOR_NAMES], OPERATOR_NAMES.join(','))
    .argParser(operatorNames);

export const nodeOption = () => new Option('--no-node', 'start no node: pods stay Pending, as on a control plane alone').env('BINNACLE_NO_NODE');

export const logOption = () =>
  new Option('--log-level <level>', 'what the operators log on standard error')
    .env('BINNACLE_LOG_LEVEL')
    .choices(['silent', 'error', 'warn', 'info', 'debug'])
    .default('warn');

export const systemNamespaceOption = (what: string) => new Option('--system-namespace <name>', what).env('BINNACLE_SYSTEM_NAMESPACE').default(SYSTEM_NAMESPACE);

/** A whole number of seconds, at least 1. */
export function seconds(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number of seconds, at least 1, is wanted.');
  return number;
}

/** `one, two` → names; `all` stays. */
export function namespaces(text: string): 'all' | readonly string[] {
  if (text === 'all') return text;
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const wrong = names.find((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`'${wrong}' is no name of a namespace.`);
  return names;
}

/** A port; 0 means what the flag says it means. */
export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('a port is a whole number from 0 to 65535.');
  return number;
}

/** `doris,hazelcast` → names. */
export function operatorNames(text: string): OperatorName[] {
  if (text === 'none') return [];
  return text.split(',').map((name) => operatorName(name.trim()));
}

/** One operator's name; a wrong one is refused with what there is. */
export function operatorName(text: string): OperatorName {
  const name = OPERATOR_NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  const near = OPERATOR_NAMES.find((known) => known.startsWith(text.slice(0, 2)));
  throw new InvalidArgumentError(
    `no operator is called '${text}'.${near === undefined ? '' : ` Did you mean ${near}?`} There are: ${OPERATOR_NAMES.join(', ')}.`,
  );
}
