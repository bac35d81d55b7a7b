import { createRequire } from 'node:module';
import type { Client as UndiciClient, Pool as UndiciPool, ProxyAgent as UndiciProxyAgent } from 'undici';

/**
 * The parts of undici that are used. All of it, with `fetch`, caches, mocks and WebSockets, takes 13 MB more of each process, for months. Sound because the version
 * is pinned and the package exports its files; what the package's own index puts together is put together here.
 */
const part = createRequire(import.meta.url) as (path: string) => unknown;

export const Client = part('undici/lib/dispatcher/client.js') as typeof UndiciClient;
export const Pool = part('undici/lib/dispatcher/pool.js') as typeof UndiciPool;

const base = part('undici/lib/dispatcher/dispatcher.js') as { readonly prototype: object };
Object.assign(base.prototype, part('undici/lib/api/index.js'));

/** Loaded when there is a proxy, and not before. */
export const proxyAgent = (): typeof UndiciProxyAgent => part('undici/lib/dispatcher/proxy-agent.js') as typeof UndiciProxyAgent;
