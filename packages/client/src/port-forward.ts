import { Duplex } from 'node:stream';
import type { Reader } from './api.ts';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { credentialsOf } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { dispatcherTo, STREAM } from './dispatcher.ts';
import { closeFrame, frame, frameReader, OPCODE } from './frames.ts';
import type { Frame } from './frames.ts';
import { NetworkError } from './network.ts';
import type { Network } from './network.ts';
import { podAddress } from './pod-address.ts';
import type { PodAddress } from './pod-address.ts';
import { UpgradeRefused, upgradeToWebSocket } from './upgrade.ts';

/** One port a connection: its bytes on channel 0, an error text on 1; the first message of each repeats the port (spec/sandbox.md §1.2). */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;
/** Of one message we send, as kubelets do. */
const CHUNK_BYTES = 32 * 1024;

/**
 * Reaches pods through the API server, as `kubectl port-forward` does: for whoever is outside the cluster's network. Names mean what the cluster's DNS makes
 * of them, asked of `api` at each connection. A stream cannot be half-closed: ending it ends both directions. `clock` times the credentials. Closing the
 * network ends its streams. Needs the rights to get and create `pods/portforward`, to get services and to list pods and endpointslices.
 */
export function portForwardNetwork(cluster: Cluster, api: Pick<Reader, 'get' | 'list'>, { clock }: { readonly clock: Clock }): Network & AsyncDisposable {
  const credentials = credentialsOf(cluster, clock);
  const open = new Set<() => void>();
  let closed = false;
  return {
    async connect({ host, port }, signal) {
      const name = `${host}:${port}`;
      if (closed) throw new NetworkError('refused', `${name}: the network is closed`);
      const target = await podAddress(api, host, port, signal);
      const { socket, release } = await dial(cluster, credentials, target, name, signal);
      open.add(release);
      socket.once('close', () => {
        open.delete(release);
        release();
      });
      if (closed) release();
      return opened(socket, name, signal);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      credentials[Symbol.dispose]();
      for (const release of open) release();
      await Promise.resolve();
    },
  };
}

async function dial(
  cluster: Cluster,
  credentials: Credentials,
  { namespace, pod, port }: PodAddress,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly socket: Duplex; readonly release: () => void }> {
  const server = new URL(cluster.server);
  const prefix = server.pathname.replace(/\/+$/, '');
  const path = `${prefix}/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`;
  try {
    const identity = await credentials.current();
    const dispatcher = dispatcherTo(cluster, server, identity.tls, { ...STREAM, connections: 1 });
    try {
      const socket = await upgradeToWebSocket(dispatcher, { path, headers: identity.headers, protocol: PROTOCOL }, signal);
      const release = () => {
        socket.destroy();
        dispatcher.destroy(() => undefined);
      };
      return { socket, release };
    } catch (error) {
      dispatcher.destroy(() => undefined);
      if (error instanceof UpgradeRefused && error.status === 401) credentials.refused(identity);
      throw error;
    }
  } catch (cause) {
    if (signal.aborted) throw new NetworkError('lost', `${name}: no answer in time`, { cause: signal.reason });
    const refused = cause instanceof UpgradeRefused;
    throw new NetworkError(refused ? 'refused' : 'lost', `${name}: port-forward to ${namespace}/${pod}: ${(cause as Error).message}`, { cause });
  }
}

/** Resolves with the first word on the data channel. A kubelet that dials only then says a failure later: as an error of the stream. */
function opened(socket: Duplex, name: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const duplex = streamOver(socket, name, () => {
      settle();
      resolve(duplex);
    });
    const abort = () => duplex.destroy(new NetworkError('lost', `${name}: no answer in time`, { cause: signal.reason }));
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    const settle = () => {
      signal.removeEventListener('abort', abort);
      duplex.off('error', fail);
    };
    duplex.on('error', fail);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** The data channel as a stream. `ready` is called once, before any bytes. */
function streamOver(socket: Duplex, name: string, ready: () => void): Duplex {
  const duplex = new Duplex({
    allowHalfOpen: false,
    read: () => void socket.resume(),
    write(chunk: Buffer, _encoding, callback) {
      const parts: Buffer[] = [];
      for (let at = 0; at < chunk.byteLength; at += CHUNK_BYTES) parts.push(frame(OPCODE.binary, Buffer.of(DATA), chunk.subarray(at, at + CHUNK_BYTES)));
      socket.write(Buffer.concat(parts), callback);
    },
    final(callback) {
      if (!socket.writable) return callback();
      socket.end(closeFrame(), () => callback());
    },
    destroy(error, callback) {
      socket.destroy();
      callback(error);
    },
  });
  const read = frameReader();
  const heard = messages(duplex, name, ready);
  const broken = (why: string, cause?: unknown) => {
    if (!duplex.readableEnded && !duplex.destroyed) duplex.destroy(new NetworkError('lost', `${name}: ${why}`, { cause }));
  };
  socket.on('data', (bytes: Buffer) => {
    try {
      for (const one of read(bytes)) take(one);
    } catch (error) {
      broken((error as Error).message, error);
    }
  });
  let over = false;
  const take = ({ opcode, payload, last }: Frame) => {
    if (opcode === OPCODE.ping) socket.write(frame(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) {
      over = true;
      duplex.push(null);
    } else if (opcode !== OPCODE.pong && !over && !heard(opcode, payload, last)) socket.pause();
  };
  socket.on('error', (error) => broken(error.message, error));
  socket.on('close', () => {
    if (!over) broken('the connection broke');
  });
  return duplex;
}

/** Sorts messages by channel. False: the reader has enough for now. */
function messages(duplex: Duplex, name: string, ready: () => void): (opcode: number, payload: Buffer, last: boolean) => boolean {
  const numbered = new Set<number>();
  let channel: number | undefined;
  let received = false;
  return (opcode, payload, last) => {
    // The parts of a long message after the first carry no channel of their own.
    const first = opcode !== OPCODE.continuation;
    if (first) channel = payload[0];
    const bytes = first ? payload.subarray(1) : payload;
    const of = channel;
    if (last) channel = undefined;
    if (of !== DATA && of !== ERROR) return true;
    if (!numbered.has(of)) {
      numbered.add(of);
      if (of === DATA) ready();
      return true;
    }
    if (bytes.byteLength === 0) return true;
    if (of === ERROR) {
      duplex.destroy(new NetworkError(received ? 'lost' : 'refused', `${name}: ${bytes.toString('utf8')}`));
      return true;
    }
    received = true;
    return duplex.push(bytes);
  };
}
