import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Answer } from './answer.ts';
import { firstPacket, greeting, loginFrom, packets, replies, wantsTls } from './mysql-packets.ts';
import type { Login, Packet } from './mysql-packets.ts';
import { serverSide } from './mysql-tls.ts';
import type { ServerTls } from './mysql-tls.ts';

/** The server's side of a session: who may log in, and what statements answer. */
export interface Session {
  /** SHA1(SHA1(password)) in hex of a user, `''` for none, `undefined` for no such user. */
  readonly passwordHash: (user: string) => string | undefined;
  /** Called one statement at a time. */
  readonly execute: (user: string, sql: string, session: { readonly forwards: boolean }) => Promise<Answer>;
  readonly version: string;
  readonly random: () => number;
  /** Asked for each connection; `undefined`: none is offered. */
  readonly tls: () => ServerTls | undefined;
}

const QUIT = 0x01;
const USE = 0x02;
const QUERY = 0x03;
const PING = 0x0e;
let connections = 0;

/**
 * Speaks the MySQL protocol on a stream until the client leaves: login with mysql_native_password, over TLS if the client wishes, text queries, nothing else. mysql2's own server would do,
 * but for its seed: that comes from a thread, which a virtual clock does not see, so that time ran on in the middle of a login.
 */
export function serveMysql(stream: Duplex, session: Session): void {
  stream.on('error', () => stream.destroy());
  talk(stream, session)
    .catch(() => undefined) // broke off or spoke something else: for a server the same as leaving
    .finally(() => stream.destroy());
}

async function talk(wire: Duplex, session: Session): Promise<void> {
  connections += 1;
  const seed = Buffer.from(Array.from({ length: 20 }, () => 1 + Math.floor(session.random() * 126)));
  const tls = session.tls();
  wire.write(greeting(`5.7.99 Doris version doris-${session.version}`, connections, seed, tls !== undefined));
  const hello = await firstPacket(wire);
  const encrypts = hello !== undefined && tls !== undefined && wantsTls(hello.body);
  const stream = encrypts ? serverSide(wire, tls) : wire;
  const first = encrypts ? await firstPacket(stream) : hello;
  if (first === undefined) return;
  const incoming = packets(stream);
  const user = await authenticated(stream, first, incoming, session, seed);
  if (user === undefined) return;
  let forwards = true;
  for await (const { body } of incoming) {
    switch (body[0]) {
      case QUIT:
        return;
      case USE:
      case PING:
        stream.write(replies({ type: 'ok' }, 1));
        break;
      case QUERY:
        {
          const sql = body.subarray(1).toString('utf8');
          const said = /^SET forward_to_master = (true|false)$/i.exec(sql)?.[1];
          if (said !== undefined) forwards = said === 'true';
          stream.write(replies(said === undefined ? await answer(session, user, sql, forwards) : { type: 'ok' }, 1));
        }
        break;
      default:
        stream.write(replies({ type: 'error', code: 1047, message: `Unknown command ${body[0]}` }, 1));
    }
  }
}

async function answer(session: Session, user: string, sql: string, forwards: boolean): Promise<Answer> {
  try {
    return await session.execute(user, sql, { forwards });
  } catch (error) {
    return { type: 'error', code: 1105, message: error instanceof Error ? error.message : String(error) };
  }
}

/** The user who logged in, or `undefined` after having said no. */
async function authenticated(stream: Duplex, first: Packet, incoming: ReturnType<typeof packets>, session: Session, seed: Buffer): Promise<string | undefined> {
  const login = loginFrom(first.body);
  let { token } = login;
  let sequence = first.sequence + 1;
  if (login.plugin !== undefined && login.plugin !== NATIVE) {
    // A newer client proposes its own way first; asked, it falls back to the one Doris knows.
    stream.write(replies({ type: 'switch', plugin: NATIVE, seed }, sequence));
    const second = (await incoming.next()).value;
    if (second === undefined) return undefined;
    token = second.body;
    sequence = second.sequence + 1;
  }
  if (!matches(session.passwordHash(login.user), token, seed)) {
    stream.end(replies({ type: 'error', code: 1045, message: denial(login, token) }, sequence));
    for await (const _ of incoming); // until the client has read it and gone
    return undefined;
  }
  stream.write(replies({ type: 'ok' }, sequence));
  return login.user;
}

const NATIVE = 'mysql_native_password';
const denial = ({ user }: Login, token: Buffer): string => `Access denied for user '${user}' (using password: ${token.length > 0 ? 'YES' : 'NO'})`;

/** mysql_native_password: the token is SHA1(password) xor SHA1(seed + SHA1(SHA1(password))). */
function matches(hash: string | undefined, token: Buffer, seed: Buffer): boolean {
  if (hash === undefined) return false;
  if (hash === '' || token.length === 0) return hash === '' && token.length === 0;
  const stored = Buffer.from(hash, 'hex');
  const mask = sha1(Buffer.concat([seed, stored]));
  return sha1(Buffer.from(token.map((byte, index) => byte ^ (mask[index] ?? 0)))).equals(stored);
}

/** SHA1(SHA1(password)), hex; `''` for no password. */
export const passwordHash = (password: string): string => (password === '' ? '' : sha1(sha1(Buffer.from(password))).toString('hex'));

const sha1 = (data: Buffer): Buffer => createHash('sha1').update(data).digest();
