import { NetworkError, alarm } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import type { Mandate } from '@binnacle/runtime';
import { createRequire } from 'node:module';
import type * as Mysql from 'mysql2';
import type { Connection, SslOptions } from 'mysql2/promise';
import type { Duplex } from 'node:stream';
import { DorisError } from './error.ts';
import { isQuestion, withoutSecrets } from './statements.ts';
import type { Statement } from './statements.ts';
import type { Tls } from './tls.ts';

/** A row by column name. Every value as the server wrote it; NULL is `null`. */
export type Row = Readonly<Record<string, string | null>>;

/** An open SQL connection to one front end. Whoever opens it closes it (`await using`). */
export interface FrontEnd extends AsyncDisposable {
  /**
   * Sends one statement; one that changes something only under the mandate that the connection was opened with.
   * @throws {DorisError} `lost`: no answer in time; `denied`; `refused`. Also the signal's reason, and what `mustLead()` throws.
   */
  query(statement: Statement, signal: AbortSignal): Promise<readonly Row[]>;
}

/** The two doors of SQL: how front ends are reached, and what time it is. */
export interface Doors {
  readonly network: Network;
  readonly clock: Clock;
}

/** As whom, and over what, one logs in. */
export interface Account {
  readonly user: string;
  readonly password: string;
  /** Absent: in clear. */
  readonly tls?: Tls;
}

/** Until a connection is usable, and until a statement is answered; ms. Doris answers metadata within a second; a front end without a quorum never does. */
const CONNECT_MS = 10_000;
const QUERY_MS = 15_000;

/**
 * Opens a connection to a front end's query port. The same code in the sandbox and over TCP: only `network` differs.
 * @throws {DorisError} `unreachable`: nobody listens there now; `denied`: wrong user or password; `lost` also for a certificate that is not believed. Also the
 *   signal's reason.
 */
export async function frontEnd(doors: Doors, at: Place, mandate: Mandate): Promise<FrontEnd> {
  const { tls, ...inClear } = at.account;
  try {
    return await open(doors, at, mandate);
  } catch (error) {
    // Said by the server before anything was told to it.
    const offersNone = error instanceof DorisError && (error.cause as { readonly code?: unknown } | undefined)?.code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (tls === undefined || tls.required || !offersNone) throw error;
    return await open(doors, { ...at, account: inClear }, mandate);
  }
}

const require = createRequire(import.meta.url);

/** Loaded when there is a front end to speak to, and at once: while it is being read no time may pass. */
const mysql = (): typeof Mysql => require('mysql2') as typeof Mysql;

interface Place {
  readonly host: string;
  readonly port: number;
  readonly account: Account;
}

async function open(doors: Doors, at: Place, mandate: Mandate): Promise<FrontEnd> {
  const { signal } = mandate;
  const where = `${at.host}:${at.port}`;
  using limit = alarm(doors.clock, CONNECT_MS);
  const stream = await connect(doors.network, at, where, limit.signal, signal);
  const connection = mysql().createConnection({
    host: at.host,
    user: at.account.user,
    password: at.account.password,
    stream: () => stream,
    ...(at.account.tls === undefined ? {} : { ssl: secureOptions(at.account.tls) }),
    connectTimeout: 0, // mysql2's own timer runs on the machine's time; ours on the clock
    typeCast: (field) => field.string(), // SHOW answers text; nothing may turn an id into a rounded number
  });
  // From the first moment on: a connection that is lost between two statements, or refused twice over, would end the process without a listener.
  connection.on('error', () => stream.destroy());
  const { promise: connected, resolve, reject } = Promise.withResolvers<void>();
  connection.once('connect', () => resolve());
  // A certificate that is not believed ends the stream, and mysql2 tells of that end first and of its reason right after.
  connection.on('error', (error: unknown) => (isLost(error) ? process.nextTick(reject, error) : reject(error)));
  await answered(connected, [limit.signal, signal], () => stream.destroy()).catch((error: unknown) => {
    stream.destroy();
    throw translated(error, `connecting to ${where} as ${at.account.user}`, signal);
  });
  return {
    async query(statement, aborted) {
      if (!isQuestion(statement)) mandate.mustLead();
      return await query(doors.clock, connection.promise(), stream, where, statement, aborted);
    },
    [Symbol.asyncDispose]: () => close(connection.promise(), stream),
  };
}

/** An object of its own for each connection: by it mysql2 remembers sessions, and a session that is taken up again has no certificate that could be looked at. */
const secureOptions = ({ ca, own }: Tls): SslOptions => ({ ca, ...own, rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2' });

async function query(clock: Clock, connection: Connection, stream: Duplex, where: string, statement: Statement, signal: AbortSignal): Promise<readonly Row[]> {
  using limit = alarm(clock, QUERY_MS);
  try {
    const [rows] = await answered(connection.query(statement), [limit.signal, signal], () => stream.destroy());
    return Array.isArray(rows) ? (rows as Row[]) : []; // an answer without rows is a header; rows are text by `typeCast`
  } catch (error) {
    throw translated(error, `${where}: ${withoutSecrets(statement)}`, signal);
  }
}

async function connect(
  network: Network,
  at: { readonly host: string; readonly port: number },
  where: string,
  limit: AbortSignal,
  signal: AbortSignal,
): Promise<Duplex> {
  try {
    return await network.connect({ host: at.host, port: at.port }, AbortSignal.any([limit, signal]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof NetworkError || limit.aborted) throw new DorisError('unreachable', `${where}: ${messageOf(error)}`, { cause: error });
    throw error;
  }
}

/** Waits for `promise`, and not longer than the signals allow. A promise given up is still owned: its failure goes nowhere by intention. */
async function answered<T>(promise: Promise<T>, signals: readonly AbortSignal[], giveUp: () => void): Promise<T> {
  const any = AbortSignal.any([...signals]);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(any.reason as Error);
    giveUp();
  };
  if (any.aborted) abort();
  any.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    any.removeEventListener('abort', abort);
    aborted.catch(() => undefined);
    promise.catch(() => undefined);
  }
}

async function close(connection: Connection, stream: Duplex): Promise<void> {
  // A polite goodbye needs the other side; a stream that is gone has none. The answer to it is not waited for.
  if (!stream.destroyed) connection.destroy();
  stream.destroy();
  await Promise.resolve();
}

const isLost = (error: unknown): boolean => (error as { readonly code?: unknown }).code === 'PROTOCOL_CONNECTION_LOST';

/** MySQL's error numbers for "not you": wrong password, no such user, missing right. */
const DENIED = new Set([1045, 1698, 1227, 1044, 1142]);

function translated(error: unknown, what: string, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof DorisError) return error;
  const { errno, fatal } = error as { readonly errno?: unknown; readonly fatal?: unknown };
  const message = `${what}: ${messageOf(error)}`;
  if (typeof errno === 'number' && (DENIED.has(errno) || /access denied/i.test(message))) return new DorisError('denied', message, { cause: error });
  if (typeof errno === 'number' && errno > 0 && fatal !== true) return new DorisError('refused', message, { cause: error });
  return new DorisError('lost', message, { cause: error });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
