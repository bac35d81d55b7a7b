import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** TLS over a stream, once both sides have proved what they have to. @throws {Error} also when `signal` is aborted before. */
export function secured(stream: Duplex, options: Omit<ConnectionOptions, 'socket'>, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, socket: stream });
    const abort = () => socket.destroy(new Error('no answer in time'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', reject).once('close', () => reject(new Error('the connection ended')));
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}
