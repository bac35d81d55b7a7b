import type { Api, Clock, Live, Network } from '@binnacle/client';
import { NetworkError } from '@binnacle/client';
import { EndpointSlice, Service } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import type { Duplex } from 'node:stream';
import type { PodNetwork } from '../program.ts';
import { follow } from './follow.ts';
import type { Directory } from './names.ts';
import { backends, resolve } from './names.ts';
import { connection } from './streams.ts';

/** The address that connections from outside the cluster come from. */
export const OUTSIDE_IP = '10.0.0.254';

/** A network that also answers what a name means, as `nslookup` would. */
export interface ResolvingNetwork extends Network {
  /** Addresses of a name, sorted: the pods' for a headless service, the service's own otherwise. @throws {NetworkError} `unresolved` */
  resolve(host: string): readonly string[];
}

/** One process' place on a pod's network. Disposing of it closes its listeners and streams: what a process leaves behind when it ends. */
export type ProcessNetwork = PodNetwork & ResolvingNetwork & Disposable;

/** A pod on the network, from its start to its end. */
export interface PodAttachment extends Disposable {
  readonly ip: string;
  /** The pod's ports are shared by its processes; each closes its own. */
  process(): ProcessNetwork;
}

/** The cluster's network: streams inside this process, no sockets. */
export interface SandboxNetwork extends AsyncDisposable {
  /** An address that no attached pod has, 10.244.x.y. `wanted` when it is free. */
  podIp(wanted?: string): string;
  /** @throws {Error} when another pod has this address. */
  attach(pod: { readonly ip: string; readonly namespace: string; readonly hostname: string; readonly subdomain?: string }): PodAttachment;
  /** For those who are not pods: operators in this process, tests. Bare service names mean nothing here. */
  outside(): ResolvingNetwork;
  /**
   * Cuts the wire between every pair for which `cut` says so, until disposed of: open streams close, new connections get no answer before their
   * signal. Addresses are pods' own, `OUTSIDE_IP` for the outside; called for both directions.
   */
  partition(cut: (from: string, to: string) => boolean): Disposable;
}

interface Open {
  readonly from: string;
  readonly to: string;
  readonly streams: readonly Duplex[];
}
type Accept = (stream: Duplex) => void;
interface Attached {
  readonly namespace: string;
  /** Names that every pod has for itself in its hosts file, endpoints or not. */
  readonly ownNames: readonly string[];
  readonly listeners: Map<number, Accept>;
}

/** Follows Services and EndpointSlices for its names; ready when both were read once. Whoever creates it closes it, after the nodes. */
export async function createNetwork(world: { readonly api: Api; readonly clock: Clock; readonly log: Logger }): Promise<SandboxNetwork> {
  const byService = new Map<string, Map<string, Live<typeof EndpointSlice>>>();
  await using opened = new AsyncDisposableStack();
  const services = opened.use(follow({ ...world, kind: Service }));
  const slices = opened.use(follow({ ...world, kind: EndpointSlice, changed: (now, before) => index(byService, now, before) }));
  await Promise.all([services.synced, slices.synced]);
  const directory: Directory = {
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    services: () => services.values(),
    slices: (namespace, service) => [...(byService.get(`${namespace}/${service}`)?.values() ?? [])],
  };
  return fabric(directory, opened.move());
}

/** The network over a directory of names; closing it closes `owned`. Split from `createNetwork()` so that it can be tried without an API server. */
export function fabric(directory: Directory, owned: AsyncDisposable): SandboxNetwork {
  const pods = new Map<string, Attached>();
  const open = new Set<Open>();
  const cuts = new Set<(from: string, to: string) => boolean>();
  let lastIp = 0;
  let turn = 0;
  const severed = (from: string, to: string) => [...cuts].some((cut) => cut(from, to) || cut(to, from));

  /** All addresses a connection may go to. A service's are tried from one after another, so that load spreads without chance. */
  const route = (host: string, port: number, from: Attached | undefined, ownIp: string): readonly (readonly [string, number])[] => {
    if (from !== undefined && (host.startsWith('127.') || from.ownNames.includes(host.toLowerCase()))) return [[ownIp, port]];
    const target = resolve(directory, host, from?.namespace);
    if (target === undefined) throw new NetworkError('unresolved', `${host}: no such name`);
    if (target.type === 'pods') return target.ips.map((ip) => [ip, port] as const);
    const ready = backends(directory, target.service, port);
    if (ready === undefined) throw new NetworkError('refused', `${host}:${port}: the service has no such port`);
    turn += 1;
    return ready.length === 0 ? [] : [ready[turn % ready.length]!];
  };

  const dial = async (address: { host: string; port: number }, fromIp: string, from: Attached | undefined, signal: AbortSignal): Promise<Open> => {
    signal.throwIfAborted();
    const where = `${address.host}:${address.port}`;
    for (const [ip, port] of route(address.host, address.port, from, fromIp)) {
      if (severed(fromIp, ip)) await silence(signal, where);
      const accept = pods.get(ip)?.listeners.get(port);
      if (accept === undefined) continue;
      const { client, server } = connection({ client: fromIp, server: ip });
      const made: Open = { from: fromIp, to: ip, streams: [client, server] };
      open.add(made);
      const forget = () => {
        if (client.destroyed && server.destroyed) open.delete(made);
      };
      client.once('close', forget);
      server.once('close', forget);
      accept(server);
      return made;
    }
    throw new NetworkError('refused', `${where}: nobody listens`);
  };

  const addressesOf = (host: string, namespace: string | undefined): readonly string[] => {
    const target = resolve(directory, host, namespace);
    if (target === undefined) throw new NetworkError('unresolved', `${host}: no such name`);
    return target.type === 'pods' ? target.ips : [target.service.spec?.clusterIP ?? ''].filter((ip) => ip !== '');
  };

  const close = (one: Open) => one.streams.forEach((stream) => stream.destroy());

  return {
    podIp(wanted) {
      if (wanted !== undefined && wanted !== '' && !pods.has(wanted)) return wanted;
      for (let tries = 0; tries < 0xfffd; tries += 1) {
        lastIp = (lastIp % 0xfffd) + 1;
        const ip = `10.244.${lastIp >> 8}.${lastIp & 0xff}`;
        if (!pods.has(ip)) return ip;
      }
      throw new Error('no pod address left in 10.244.0.0/16');
    },
    attach({ ip, namespace, hostname, subdomain }) {
      if (pods.has(ip)) throw new Error(`${ip} is another pod's address`);
      const full = subdomain === undefined ? [] : [`${hostname}.${subdomain}.${namespace}.svc.cluster.local`];
      const pod: Attached = { namespace, ownNames: ['localhost', hostname, ...full], listeners: new Map() };
      pods.set(ip, pod);
      return {
        ip,
        process: () => processNetwork(ip, pod, dial, (host) => addressesOf(host, namespace)),
        [Symbol.dispose]() {
          pods.delete(ip);
          pod.listeners.clear();
          for (const one of open) if (one.from === ip || one.to === ip) close(one);
        },
      };
    },
    outside: () => ({
      connect: async (address, signal) => (await dial(address, OUTSIDE_IP, undefined, signal)).streams[0]!,
      resolve: (host) => addressesOf(host, undefined),
    }),
    partition(cut) {
      cuts.add(cut);
      for (const one of open) if (cut(one.from, one.to) || cut(one.to, one.from)) close(one);
      return { [Symbol.dispose]: () => void cuts.delete(cut) };
    },
    async [Symbol.asyncDispose]() {
      for (const one of open) close(one);
      await owned[Symbol.asyncDispose]();
    },
  };
}

type Dial = (address: { host: string; port: number }, fromIp: string, from: Attached | undefined, signal: AbortSignal) => Promise<Open>;

/** One process' listeners and connections, so that they end with it. */
function processNetwork(ip: string, pod: Attached, dial: Dial, names: (host: string) => readonly string[]): ProcessNetwork {
  const ports = new Set<number>();
  const streams = new Set<Duplex>();
  let ended = false;
  const own = (stream: Duplex) => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
    return stream;
  };
  return {
    async connect(address, signal) {
      if (ended) throw new NetworkError('refused', 'the process has ended');
      const made = await dial(address, ip, pod, signal);
      const client = own(made.streams[0]!);
      // The process may have been killed while it waited for an answer.
      if (ended) client.destroy();
      return client;
    },
    resolve: names,
    listen(port, accept) {
      if (ended) throw new NetworkError('refused', 'the process has ended');
      if (pod.listeners.has(port)) throw new NetworkError('refused', `${ip}:${port}: address already in use`);
      const mine = (stream: Duplex) => accept(own(stream));
      pod.listeners.set(port, mine);
      ports.add(port);
      return {
        [Symbol.dispose]() {
          ports.delete(port);
          if (pod.listeners.get(port) === mine) pod.listeners.delete(port);
        },
      };
    },
    [Symbol.dispose]() {
      ended = true;
      for (const port of ports) pod.listeners.delete(port);
      ports.clear();
      for (const stream of streams) stream.destroy();
    },
  };
}

/** What a severed wire answers: nothing, until the caller has had enough. */
async function silence(signal: AbortSignal, where: string): Promise<never> {
  await new Promise<void>((resolveAborted) => signal.addEventListener('abort', () => resolveAborted(), { once: true }));
  throw new NetworkError('lost', `${where}: no answer`, { cause: signal.reason });
}

function index(
  byService: Map<string, Map<string, Live<typeof EndpointSlice>>>,
  now: Live<typeof EndpointSlice> | undefined,
  before: Live<typeof EndpointSlice> | undefined,
): void {
  const keyOfSlice = (slice: Live<typeof EndpointSlice>) => `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;
  if (before !== undefined) {
    const slices = byService.get(keyOfSlice(before));
    slices?.delete(before.metadata.name);
    if (slices?.size === 0) byService.delete(keyOfSlice(before));
  }
  if (now === undefined) return;
  const slices = byService.get(keyOfSlice(now)) ?? new Map<string, Live<typeof EndpointSlice>>();
  slices.set(now.metadata.name, now);
  byService.set(keyOfSlice(now), slices);
}
