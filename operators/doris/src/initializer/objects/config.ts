import type { ConfigMap } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { configName } from '../names.ts';
import { CHECK_CONN } from './check-conn.sh.ts';
import type { Initializer, Running } from './from.ts';
import { START } from './start.py.ts';

/** The files of the Job, under the existing operator's keys. The SQL is empty when it is not to run. */
export function configData({ run, wish }: Running): Readonly<Record<string, string>> {
  return { 'init.sql': run.parts.includes('sql') ? (wish.sql ?? '') : '', 'check-conn-script.sh': CHECK_CONN, 'start-script.py': START };
}

export function config({ name, spec }: Initializer, running: Running): Desired<typeof ConfigMap> {
  return { name: configName(name), labels: labelsBeside(spec.cluster, 'initializer'), data: configData(running) };
}
