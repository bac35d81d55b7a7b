import { Duplex } from 'node:stream';
import { WebSocket } from 'undici';
import type { Dispatcher } from 'undici';
import type { Reader } from './api.ts';
import { ApiError, isNotFound } from './error.ts';
import { EndpointSlice, Pod, Service } from './kinds/index.ts';
import type { Live } from './kind.ts';
import { NetworkError } from './network.ts';
import type { Network } from './network.ts';

/** How a WebSocket to the API server is opened: address, credentials, certificates. */
export interface WebSocketDoor {
  /** `https://host:port`, perhaps with a path. */
  readonly server: string;
  /** For each connection anew, since tokens change. */
  identify(): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly dispatcher: Dispatcher }>;
}

/** Channels of `v4.channel.k8s.io` for the one port that is asked for: bytes on 0, an error text on 1; the first message of each repeats the port. */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;

interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/**
 * Reaches pods through the API server, as `kubectl port-forward` does: for whoever is outside the cluster's network. Names mean what the cluster's DNS makes of them,
 * looked up by the API at each connection; of a service's pods the first ready one is taken. Needs the right to create `pods/portforward`.
 */
export function portForwardNetwork(door: WebSocketDoor, api: Pick<Reader, 'get' | 'list'>): Network {
  return {
    async connect({ host, port }, signal) {
      const target = await find(api, host, port, signal);
      const { headers, dispatcher } = await door.identify();
      const url = `${door.server.replace(/^http/, 'ws').replace(/\/$/, '')}/api/v1/namespaces/${target.namespace}/pods/${target.pod}/portforward?ports=${target.port}`;
      const socket = new WebSocket(url, { protocols: [PROTOCOL], headers: { ...headers }, dispatcher });
      socket.binaryType = 'arraybuffer';
      return opened(socket, `${host}:${port}`, signal);
    },
  };
}

async function find(api: Pick<Reader, 'get' | 'list'>, host: string, port: number, signal: AbortSignal): Promise<Target> {
  try {
    if (/^[\d.]+$/.test(host) || host.includes(':')) return await podByIp(api, host, port, signal);
    const parts = host.replace(/\.svc(\..*)?$/, '').split('.');
    const namespace = parts.at(-1)!;
    if (parts.length === 3) return { namespace, pod: parts[0]!, port };
    if (parts.length === 2) return await podOfService(api, namespace, parts[0]!, port, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (isNotFound(error)) throw new NetworkError('unresolved', `${host}: no such name`, { cause: error });
    if (error instanceof ApiError) throw new NetworkError('lost', `${host}: ${error.message}`, { cause: error });
    throw error;
  }
  throw new NetworkError('unresolved', `${host}: neither <service>.<namespace> nor <pod>.<service>.<namespace>`);
}

async function podByIp(api: Pick<Reader, 'list'>, ip: string, port: number, signal: AbortSignal): Promise<Target> {
  const { items } = await api.list(Pod, { fieldSelector: `status.podIP=${ip}`, signal });
  const [pod] = items;
  if (pod === undefined) throw new NetworkError('unresolved', `${ip}: no pod has this address`);
  return { namespace: pod.metadata.namespace, pod: pod.metadata.name, port };
}

async function podOfService(api: Pick<Reader, 'get' | 'list'>, namespace: string, name: string, port: number, signal: AbortSignal): Promise<Target> {
  const service = await api.get(Service, { namespace, name }, { signal });
  const portName = service.spec?.ports?.find((candidate) => candidate.port === port)?.name;
  const { items } = await api.list(EndpointSlice, { namespace, labelSelector: `kubernetes.io/service-name=${name}`, signal });
  for (const slice of items) {
    const endpoint = slice.endpoints?.find((candidate) => candidate.conditions?.ready !== false && candidate.targetRef?.kind === 'Pod');
    const pod = endpoint?.targetRef?.name;
    if (pod !== undefined) return { namespace, pod, port: portOf(slice, portName) ?? port };
  }
  throw new NetworkError('refused', `${name}.${namespace}: no pod behind it is ready`);
}

function portOf(slice: Live<typeof EndpointSlice>, name: string | undefined): number | undefined {
  return slice.ports?.find((candidate) => (candidate.name ?? '') === (name ?? ''))?.port;
}

function opened(socket: WebSocket, name: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      socket.close();
      reject(new NetworkError('lost', `${name}: no answer in time`, { cause: signal.reason }));
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.addEventListener('error', () => {
      signal.removeEventListener('abort', abort);
      reject(new NetworkError('refused', `${name}: the API server opened no way to it`));
    });
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', abort);
      resolve(stream(socket, name));
    });
  });
}

/** Bytes of the data channel. There is no half-close: ending the stream closes it. */
function stream(socket: WebSocket, name: string): Duplex {
  const seen = new Set<number>();
  const duplex = new Duplex({
    read: () => undefined, // the API server waits for no one here; a slow reader's bytes stay in this stream
    write(chunk: Buffer, _encoding, callback) {
      socket.send(Buffer.concat([Buffer.of(DATA), chunk]));
      callback();
    },
    final(callback) {
      socket.close();
      callback();
    },
    destroy(error, callback) {
      socket.close();
      callback(error);
    },
  });
  socket.addEventListener('message', ({ data }) => {
    const bytes = Buffer.from(data as ArrayBuffer);
    const channel = bytes[0]!;
    const first = !seen.has(channel);
    seen.add(channel);
    const payload = bytes.subarray(first ? 3 : 1);
    if (payload.length === 0) return;
    if (channel === DATA) duplex.push(payload);
    else if (channel === ERROR) duplex.destroy(new NetworkError('refused', `${name}: ${payload.toString('utf8')}`));
  });
  socket.addEventListener('close', () => duplex.push(null));
  return duplex;
}
