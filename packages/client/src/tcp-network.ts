import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { NetworkError } from './network.ts';
import type { Network, NetworkErrorCode } from './network.ts';

const CODES: Readonly<Record<string, NetworkErrorCode>> = {
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  EAI_NODATA: 'unresolved',
  EAI_NONAME: 'unresolved',
  ECONNREFUSED: 'refused',
};

/** TCP and the names that this machine resolves: in a pod, the cluster's. Streams are sent without delay and checked for dead peers. */
export function tcpNetwork(): Network {
  return {
    connect(address, signal) {
      const name = `${address.host}:${address.port}`;
      return new Promise<Socket>((resolve, reject) => {
        if (signal.aborted) return reject(lost(name, signal));
        const socket = connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true });
        const settle = () => {
          signal.removeEventListener('abort', abort);
          socket.off('error', fail);
          socket.off('connect', connected);
        };
        const abort = () => {
          settle();
          socket.on('error', () => undefined).destroy();
          reject(lost(name, signal));
        };
        const fail = (error: NodeJS.ErrnoException) => {
          settle();
          socket.destroy();
          reject(new NetworkError(CODES[error.code ?? ''] ?? 'lost', `${name}: ${error.code ?? ''} ${error.message}`.trim(), { cause: error }));
        };
        const connected = () => {
          settle();
          resolve(socket);
        };
        signal.addEventListener('abort', abort, { once: true });
        socket.once('error', fail).once('connect', connected);
      });
    },
  };
}

function lost(name: string, signal: AbortSignal): NetworkError {
  return new NetworkError('lost', `${name}: no answer in time`, { cause: signal.reason });
}
