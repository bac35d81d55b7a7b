import { createHash } from 'node:crypto';
import { createConnection } from 'mysql2';
import type { Duplex } from 'node:stream';
import type { Answer } from './answer.ts';

/** The server's side of a session: who may log in, and what statements answer. */
export interface Session {
  /** SHA1(SHA1(password)) in hex of a user, `''` for none, `undefined` for no such user. */
  readonly passwordHash: (user: string) => string | undefined;
  /** Called one statement at a time. */
  readonly execute: (user: string, sql: string) => Promise<Answer>;
  readonly version: string;
}

/** The part of mysql2's connection that only a server uses, and that its types leave out or type too narrowly. */
interface ServerConnection {
  sequenceId: number;
  serverHandshake(args: object): void;
  writeOk(): void;
  writeEof(): void;
  writeError(error: { readonly code: number; readonly message: string }): void;
  writeColumns(columns: readonly object[]): void;
  writeTextRow(row: readonly (string | null)[]): void;
  on(event: string, listener: (...args: never[]) => void): void;
}

interface Login {
  readonly user: string;
  readonly authPluginData1: Buffer;
  readonly authPluginData2: Buffer;
  readonly authToken?: Buffer;
}

// PROTOCOL_41 | LONG_PASSWORD | LONG_FLAG | CONNECT_WITH_DB | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH; no TLS, no compression.
const CAPABILITIES = 0x0008_a20d;
const UTF8 = 33;
const VAR_STRING = 253;
/** COM_INIT_DB (`use`) and COM_PING: answered when the event comes. */
const ANSWERED_BY_MYSQL2 = new Set([2, 14]);
let connections = 0;

/** Speaks the MySQL protocol on a stream until the client leaves. */
export function serveMysql(stream: Duplex, session: Session): void {
  // Sound: with `isServer` mysql2 makes the same object as its own createServer() does for a socket, and does without the socket's own methods.
  const options = { stream, isServer: true, connectTimeout: 0 } as unknown as Parameters<typeof createConnection>[0];
  const connection = createConnection(options) as unknown as ServerConnection;
  connections += 1;
  let user = '';
  const answer = (sql: string) => {
    session
      .execute(user, sql)
      .catch((error: unknown): Answer => ({ type: 'error', code: 1105, message: error instanceof Error ? error.message : String(error) }))
      .then((reply) => write(connection, reply))
      .catch(() => stream.destroy()); // the client has left meanwhile
  };
  connection.on('query', answer);
  // mysql2 takes SET for the preparation of a statement; SET PASSWORD comes through here.
  connection.on('stmt_prepare', answer);
  connection.on('packet', (_packet: unknown, known: boolean, command: number) => {
    if (known && !ANSWERED_BY_MYSQL2.has(command)) return;
    if (!known) connection.writeError({ code: 1047, message: `Unknown command ${command}` });
    connection.sequenceId = 0;
  });
  connection.on('error', () => stream.destroy());
  connection.on('end', () => stream.destroy());
  connection.serverHandshake({
    protocolVersion: 10,
    serverVersion: `5.7.99 Doris version doris-${session.version}`,
    connectionId: connections,
    statusFlags: 2,
    characterSet: UTF8,
    capabilityFlags: CAPABILITIES,
    authCallback(login: Login, done: (failure: null, refused?: { readonly code: number; readonly message: string }) => void) {
      user = login.user;
      const right = matches(session.passwordHash(user), login);
      done(null, right ? undefined : { code: 1045, message: `Access denied for user '${user}' (using password: ${login.authToken?.length ? 'YES' : 'NO'})` });
      connection.sequenceId = 0;
    },
  });
}

/** mysql_native_password: the token is SHA1(password) xor SHA1(seed + SHA1(SHA1(password))). */
function matches(hash: string | undefined, login: Login): boolean {
  const token = login.authToken ?? Buffer.alloc(0);
  if (hash === undefined) return false;
  if (hash === '' || token.length === 0) return hash === '' && token.length === 0;
  const stored = Buffer.from(hash, 'hex');
  const seed = Buffer.concat([login.authPluginData1, login.authPluginData2]).subarray(0, 20);
  const mask = sha1(Buffer.concat([seed, stored]));
  const stage1 = Buffer.from(token.map((byte, index) => byte ^ (mask[index] ?? 0)));
  return sha1(stage1).equals(stored);
}

/** SHA1(SHA1(password)), hex; `''` for no password. */
export const passwordHash = (password: string): string => (password === '' ? '' : sha1(sha1(Buffer.from(password))).toString('hex'));

const sha1 = (data: Buffer): Buffer => createHash('sha1').update(data).digest();

function write(connection: ServerConnection, answer: Answer): void {
  switch (answer.type) {
    case 'ok':
      connection.writeOk();
      break;
    case 'error':
      connection.writeError(answer);
      break;
    case 'rows':
      connection.writeColumns(answer.columns.map(column));
      for (const row of answer.rows) connection.writeTextRow(row);
      connection.writeEof();
      break;
  }
  // mysql2's server goes on counting from the last reply; clients expect each one to start anew.
  connection.sequenceId = 0;
}

const column = (name: string) => ({
  catalog: 'def',
  schema: '',
  table: '',
  orgTable: '',
  name,
  orgName: name,
  characterSet: UTF8,
  columnLength: 65_535,
  columnType: VAR_STRING,
  flags: 0,
  decimals: 0,
});
