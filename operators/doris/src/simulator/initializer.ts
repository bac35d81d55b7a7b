import { alone } from '@binnacle/runtime';
import { pause } from './pause.ts';
import { DorisError } from '../sql/error.ts';
import { frontEnd } from '../sql/front-end.ts';
import type { FrontEnd } from '../sql/front-end.ts';
import type { Statement } from '../sql/statements.ts';
import { alterUser } from '../sql/statements.ts';
import { given } from '../given.ts';
import type { Tls } from '../sql/tls.ts';
import { confValue } from './container.ts';
import type { Container } from './container.ts';

const TRIES = 300;
const CONNECT_TRIES = 10;

/** What `sh check_conn.sh` does in the initializer's Job: waits for the query port. */
export async function checkConnectionProgram(container: Container): Promise<number> {
  const at = address(container);
  for (let attempt = 0; attempt < TRIES && !container.signal.aborted; attempt += 1) {
    try {
      (await container.network.connect(at, container.signal)).destroy();
      container.log(`${at.host}:${at.port} accepts connections`);
      return 0;
    } catch (error) {
      if (attempt % 30 === 0) container.log(`waiting for ${at.host}:${at.port}: ${String(error)}`);
    }
    await pause(container.clock, 1_000, container.signal);
  }
  return 1;
}

/** What `python start.py` does: passwords, then the script, over the same protocol. Exit code 3: a statement was refused. */
export async function initializeProgram(container: Container): Promise<number> {
  const { signal } = container;
  const read = (path: string) => container.readFile(path) ?? '';
  try {
    await using operator = await login(container, read('/etc/doris/account/user'), read('/etc/doris/account/password'));
    const [admin, root] = [read('/etc/doris/password/admin'), read('/etc/doris/password/root')];
    if (admin !== '') {
      await operator.query(alterUser('admin', admin), signal);
      container.log('set the password of admin');
    }
    if (root !== '' && !(await setRoot(container, root))) return 1;
    // Sound: our operator wrote it.
    return await execute(container, operator, JSON.parse(read('/etc/doris/init/statements.json') || '[]') as readonly Written[]);
  } catch (error) {
    if (!(error instanceof DorisError)) throw error;
    container.log(`Doris: ${error.code}: ${error.message}`);
    return 1;
  }
}

interface Written {
  readonly at: string;
  readonly sql: string;
}

async function execute(container: Container, operator: FrontEnd, statements: readonly Written[]): Promise<number> {
  for (const [index, { at, sql }] of statements.entries()) {
    try {
      // Sound here and nowhere else: a script's text is sent as it is, that is what it is for.
      await operator.query(sql as Statement, container.signal);
    } catch (error) {
      const code = error instanceof DorisError ? error.code : String(error);
      container.log(`statement ${index + 1} of ${statements.length} (${at}, ${sql.split(/\s/)[0]} ...) failed: error ${code}`);
      return 3;
    }
  }
  container.log(`executed ${statements.length} statements`);
  return 0;
}

/** As root, with the password wanted, with none, or with an earlier one. */
async function setRoot(container: Container, wanted: string): Promise<boolean> {
  const earlier = JSON.parse(container.readFile('/etc/doris/password/root-previous') ?? '[]') as readonly string[]; // sound: our operator wrote it
  for (const password of [wanted, '', ...earlier]) {
    try {
      await using root = await login(container, 'root', password);
      if (password !== wanted) await root.query(alterUser('root', wanted), container.signal);
      container.log('set the password of root');
      return true;
    } catch (error) {
      if (!(error instanceof DorisError) || error.code !== 'denied') throw error;
    }
  }
  container.log('root has a password that is neither empty nor one that was set from here: it is left alone');
  return false;
}

async function login(container: Container, user: string, password: string): Promise<FrontEnd> {
  const { clock, network, signal } = container;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await frontEnd({ clock, network }, { ...address(container), account: { user, password, ...given({ tls: tlsOf(container) }) } }, alone(signal));
    } catch (error) {
      if (attempt === CONNECT_TRIES || !(error instanceof DorisError) || error.code === 'denied') throw error;
      await pause(clock, 1_000, signal);
    }
  }
}

/** As the file of options says that the script names. */
function tlsOf(container: Container): Tls | undefined {
  const path = container.env['FE_CLIENT_OPTIONS'];
  if (path === undefined) return undefined;
  const file = (key: string) => container.readFile(confValue(container, path, key) ?? '') ?? '';
  const own = confValue(container, path, 'ssl-cert') === undefined ? undefined : { cert: file('ssl-cert'), key: file('ssl-key') };
  return { ca: file('ssl-ca'), required: true, ...given({ own }) };
}

const address = ({ env }: Container) => ({ host: env['FE_SVC'] ?? '', port: Number(env['FE_QUERY_PORT']) });
