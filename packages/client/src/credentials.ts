import { readFile } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { ApiError } from './error.ts';
import { refreshAt, runExecPlugin } from './exec-credential.ts';
import type { ExecCredential } from './exec-credential.ts';

/** What proves who we are, as of now. */
export interface Identity {
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** PEM texts. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Keeps an identity fresh. */
export interface Credentials extends Disposable {
  /** @throws {ApiError} `Unauthorized` when there is none to be had. */
  current(): Promise<Identity>;
  /** The server said 401 to this identity: ask files and programs again before the next call. */
  refused(used: Identity): void;
}

/** How long a file is believed; ms. client-go's figure too: the kubelet renews tokens minutes before they end. */
const FILE_TRUST_MS = 60_000;

/** The credentials of a cluster, from its files and programs. */
export function credentialsOf(cluster: Cluster, clock: Clock): Credentials {
  const ended = new AbortController();
  const ca = cluster.caFile === undefined ? undefined : fresh(clock, readTrimmed(cluster.caFile, clock));
  const login = fresh(clock, loginOf(cluster, clock, ended.signal));
  const impersonation = impersonationHeaders(cluster.impersonate);
  const secretive = isConfidential(cluster.server);
  return {
    async current() {
      const [authority, { authorization, cert, key }] = await Promise.all([ca?.get() ?? cluster.ca, login.get()]);
      return {
        headers: { ...impersonation, ...(secretive && authorization !== undefined ? { authorization } : {}) },
        tls: { ...(authority === undefined ? {} : { ca: authority }), ...(cert === undefined || key === undefined ? {} : { cert, key }) },
      };
    },
    // Of fifty calls that a token's end refuses at once, only the first one may send us to the login program.
    refused: (used) => login.forget(({ authorization, cert }) => authorization === used.headers['authorization'] && cert === used.tls.cert),
    [Symbol.dispose]: () => ended.abort(new ApiError({ code: 0, reason: 'Unreachable', message: 'the transport is closed' })),
  };
}

interface Login {
  readonly authorization?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** A value, when to ask for a new one, and when it is worth nothing any more (absent: never); ms since the epoch. */
interface Dated<T> {
  readonly value: T;
  readonly until: number;
  readonly end?: number;
}

function loginOf(cluster: Cluster, clock: Clock, signal: AbortSignal): () => Promise<Dated<Login>> {
  const { credentials } = cluster;
  const fixed = (value: Login) => () => Promise.resolve({ value, until: Infinity });
  switch (credentials.type) {
    case 'none':
      return fixed({});
    case 'token':
      return fixed({ authorization: `Bearer ${credentials.token}` });
    case 'basic':
      return fixed({ authorization: `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}` });
    case 'certificate': {
      const { cert, key, token } = credentials;
      return fixed({ cert, key, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) });
    }
    case 'tokenFile': {
      const read = readTrimmed(credentials.path, clock);
      return async () => {
        const { value, until } = await read();
        return { value: { authorization: `Bearer ${value}` }, until };
      };
    }
    case 'exec':
      return async () => {
        const made: ExecCredential = await runExecPlugin(cluster, credentials, signal);
        const { token, cert, key } = made;
        const value = {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(cert === undefined || key === undefined ? {} : { cert, key }),
        };
        return { value, until: refreshAt(made, clock), ...(made.expiresAt === undefined ? {} : { end: made.expiresAt }) };
      };
  }
}

function readTrimmed(path: string, clock: Clock): () => Promise<Dated<string>> {
  return async () => {
    try {
      return { value: (await readFile(path, 'utf8')).trim(), until: clock.now() + FILE_TRUST_MS };
    } catch (cause) {
      throw new ApiError({ code: 401, reason: 'Unauthorized', message: `cannot read ${path}: ${(cause as Error).message}` }, { cause });
    }
  };
}

/** Makes a value when it is first asked for and again when it is past its date; once for all who ask meanwhile. */
function fresh<T>(clock: Clock, make: () => Promise<Dated<T>>): { get(): Promise<T>; forget(which: (value: T) => boolean): void } {
  let held: Dated<T> | undefined;
  let making: Promise<T> | undefined;
  const remake = async (): Promise<T> => {
    try {
      held = await make();
      return held.value;
    } catch (error) {
      // A file that is being replaced, a login service that is down: what we have still holds.
      if (held === undefined || clock.now() >= (held.end ?? Infinity)) throw error;
      return held.value;
    } finally {
      making = undefined;
    }
  };
  return {
    get() {
      if (held !== undefined && clock.now() < held.until) return Promise.resolve(held.value);
      making ??= remake();
      return making;
    },
    forget(which) {
      if (held !== undefined && which(held.value)) held = undefined;
    },
  };
}

function impersonationHeaders(who: Cluster['impersonate']): Readonly<Record<string, string | string[]>> {
  if (who === undefined) return {};
  const extra = Object.entries(who.extra ?? {}).map(([name, values]) => [`impersonate-extra-${encodeURIComponent(name.toLowerCase())}`, [...values]] as const);
  return {
    'impersonate-user': who.user,
    ...(who.uid === undefined ? {} : { 'impersonate-uid': who.uid }),
    // One header line a group: joined by a comma they would be one group with a strange name.
    ...(who.groups === undefined || who.groups.length === 0 ? {} : { 'impersonate-group': [...who.groups] }),
    ...Object.fromEntries(extra),
  };
}

function isConfidential(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
