import { missingPrograms } from '../found.ts';
import { missingGo } from '../go.ts';

/** Programs, and the Debian package that brings each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  keytool: 'openjdk-17-jdk-headless',
  mariadbd: 'mariadb-server',
  mariadb: 'mariadb-client',
  'mariadb-install-db': 'mariadb-server',
  promtool: 'prometheus',
  python3: 'python3-mysqldb',
  setpriv: 'util-linux',
};

/** What this machine lacks for the tests with real tools, one line each; empty: nothing. */
export function missing(): readonly string[] {
  return [...missingPrograms(PROGRAMS), ...[missingGo("Alloy's parser")].filter((one) => one !== undefined)];
}
