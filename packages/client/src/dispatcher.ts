import { isIP } from 'node:net';
import type { Dispatcher, Pool as UndiciPool } from 'undici';
import type { Cluster } from './cluster.ts';
import type { Identity } from './credentials.ts';
import { Client, Pool, proxyAgent } from './undici-parts.ts';

// HTTP/1.1 only: over HTTP/2 all watches would share one connection, its fate and its window (spec/runtime.md §3.1).
/** Timeouts of calls; ms. */
export const CALLS = {
  pipelining: 1,
  allowH2: false,
  keepAliveTimeout: 60_000, // below the API server's 90 s, so that it is us who close an idle connection
  headersTimeout: 30_000,
  bodyTimeout: 60_000,
} as const;

/** A quiet watch is no broken one: whoever watches knows how long it may be silent. */
export const STREAM = { ...CALLS, bodyTimeout: 0 } as const;
const CONNECT_TIMEOUT_MS = 10_000;

/** A way to a cluster's API server with this identity's certificates: through the proxy if it has one, and with `connections: 1` a single connection. */
export function dispatcherTo(cluster: Cluster, server: URL, tls: Identity['tls'], options: UndiciPool.Options): Dispatcher {
  const servername = cluster.tlsServerName;
  const connect = {
    ...tls,
    timeout: CONNECT_TIMEOUT_MS,
    rejectUnauthorized: cluster.insecureSkipTlsVerify !== true,
    ...(servername === undefined ? {} : { servername }),
  };
  if (cluster.proxyUrl !== undefined) {
    const host = server.hostname.replace(/^\[|\]$/g, '');
    // Through a tunnel undici checks the certificate for this name and no other; an address is checked without one.
    const requestTls = { ...connect, ...(servername === undefined && isIP(host) === 0 ? { servername: host } : {}) };
    const ProxyAgent = proxyAgent();
    return new ProxyAgent({ ...options, uri: cluster.proxyUrl, requestTls, proxyTls: { timeout: CONNECT_TIMEOUT_MS } });
  }
  return options.connections === 1 ? new Client(server.origin, { ...options, connect }) : new Pool(server.origin, { ...options, connect });
}
