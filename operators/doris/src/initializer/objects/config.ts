import type { ConfigMap } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { configName } from '../names.ts';
import { CHECK_CONN } from './check-conn.sh.ts';
import { OPTIONS_KEY, clientOptions } from './encryption.ts';
import type { Encryption } from './encryption.ts';
import type { Initializer } from './from.ts';
import { START } from './start.py.ts';

/** The scripts of the Job, under the existing operator's keys. No SQL: that may hold passwords, and is in the Secret. */
export const configData = (encryption: Encryption | undefined): Readonly<Record<string, string>> => ({
  'check-conn-script.sh': CHECK_CONN,
  'start-script.py': START,
  ...(encryption === undefined ? {} : { [OPTIONS_KEY]: clientOptions(encryption) }),
});

export function config({ name, spec }: Initializer, encryption?: Encryption): Desired<typeof ConfigMap> {
  return { name: configName(name), labels: labelsBeside(spec.cluster, 'initializer'), data: configData(encryption) };
}
