import type { ConfigMap } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { configName } from '../names.ts';
import { CHECK_CONN } from './check-conn.sh.ts';
import type { Initializer } from './from.ts';
import { START } from './start.py.ts';

/** The scripts of the Job, under the existing operator's keys. No SQL: that may hold passwords, and is in the Secret. */
export const CONFIG_DATA: Readonly<Record<string, string>> = { 'check-conn-script.sh': CHECK_CONN, 'start-script.py': START };

export function config({ name, spec }: Initializer): Desired<typeof ConfigMap> {
  return { name: configName(name), labels: labelsBeside(spec.cluster, 'initializer'), data: CONFIG_DATA };
}
