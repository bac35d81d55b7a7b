import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';

/** Bytes each direction holds before a writer has to wait: what a small socket buffer holds. */
const BUFFER_BYTES = 64 * 1024;

/** Both ends of one connection, and who they are. */
export interface Connection {
  readonly client: Duplex;
  readonly server: Duplex;
}

/**
 * Two streams joined back to back in the process: bounded and back-pressured like a socket, `end()` half-closes. When one end is destroyed, the other
 * one closes too: without an error, since a stream nobody listens to for errors would take the process with it. `remoteAddress` is set as on a socket.
 */
export function connection(addresses: { readonly client: string; readonly server: string }): Connection {
  const [client, server] = duplexPair({ highWaterMark: BUFFER_BYTES });
  Object.assign(client, { remoteAddress: addresses.server, localAddress: addresses.client });
  Object.assign(server, { remoteAddress: addresses.client, localAddress: addresses.server });
  client.once('close', () => finish(client, server));
  server.once('close', () => finish(server, client));
  return { client, server };
}

/** A peer that closed without having said goodbye never will: what waits for its `end` would wait for ever. */
function finish(closed: Duplex, other: Duplex): void {
  if (other.destroyed) return;
  if (closed.writableFinished && closed.errored === null) {
    // All it wrote is under way: let the other end read it, then close when it has nothing more to send either.
    if (!other.writableEnded) other.end();
    if (other.readableEnded) other.destroy();
    else other.once('end', () => other.destroy());
    return;
  }
  other.destroy();
}
