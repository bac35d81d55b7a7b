import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { badRequest } from '../refusals.ts';

/** In the order we like them. Both carry the channel's number in the first byte of a message; v5 can also close one direction of a channel. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;
/** First byte of v5's message that closes the channel in its second byte. */
const CLOSE_CHANNEL = 255;
/** Of one message; kubectl sends 32 KiB at most. */
const MESSAGE_BYTES_MOST = 4 * 1024 * 1024;
const NORMAL = 1000;
const GOING_AWAY = 1001;

/** A request that wants to become something else, and its connection. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Several streams of bytes over one WebSocket. */
export interface Channels {
  /** Resolves when the bytes have left, or the connection is gone: a writer that waits for it needs no other bound. */
  send(channel: number, bytes: Uint8Array): Promise<void>;
  /** Ends the connection after what was sent. */
  close(): void;
  /** Reading stops and goes on: the asker is held back when nobody takes what it sends. */
  pause(): void;
  resume(): void;
  /** Aborted when the connection is over, whoever ended it. */
  readonly closed: AbortSignal;
}

/** What comes from the asker. */
export interface Heard {
  message(channel: number, bytes: Buffer): void;
  /** It sends no more: on this channel, or undefined: on none. */
  end(channel: number | undefined): void;
}

const server = () =>
  new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MOST,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

/**
 * Checks that a request asks for what we speak.
 * @throws {Refusal} 400 with what it asked for and what there is.
 */
export function checkProtocol(request: IncomingMessage): void {
  const upgrade = String(request.headers.upgrade ?? '').toLowerCase();
  if (upgrade !== 'websocket') throw badRequest(`unable to upgrade: this server streams over WebSocket only, not ${JSON.stringify(upgrade)}`);
  const offered = String(request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim());
  if (PROTOCOLS.some((protocol) => offered.includes(protocol))) return;
  const asked = offered.filter((protocol) => protocol !== '').join(', ');
  throw badRequest(`unable to upgrade: this server speaks ${PROTOCOLS.join(' and ')}, not ${asked === '' ? 'WebSocket without a sub-protocol' : asked}`);
}

/** Answers 101 and takes the connection over. `closing` ends it from our side. Call `checkProtocol()` first. */
export function openChannels(upgrade: Upgrade, closing: AbortSignal, heard: Heard): Channels {
  let accepted: WebSocket | undefined;
  server().handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (made) => (accepted = made));
  // A malformed handshake: ws has answered 400 and closed the socket itself.
  return accepted === undefined ? deaf() : channels(accepted, heard, closing);
}

function channels(socket: WebSocket, heard: Heard, closing: AbortSignal): Channels {
  const over = new AbortController();
  const goAway = () => socket.close(GOING_AWAY, 'the server is closing');
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data) => {
    const bytes = data as Buffer;
    const [channel] = bytes;
    if (channel === undefined) return;
    if (channel === CLOSE_CHANNEL && socket.protocol === 'v5.channel.k8s.io') heard.end(bytes[1]);
    else heard.message(channel, bytes.subarray(1));
  });
  // Of a broken connection nobody is left to tell; 'close' follows.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closing.removeEventListener('abort', goAway);
    heard.end(undefined);
    over.abort();
  });
  closing.addEventListener('abort', goAway, { once: true });
  return {
    send: (channel, bytes) =>
      new Promise((resolve) => {
        if (over.signal.aborted) return resolve();
        if (socket.readyState === socket.OPEN) return socket.send(Buffer.concat([Buffer.of(channel), bytes]), () => resolve());
        // Not at once: a pod that never stops sending would keep the whole process busy, and the end would never be noticed.
        over.signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    close: () => socket.close(NORMAL),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    closed: over.signal,
  };
}

function deaf(): Channels {
  return { send: () => Promise.resolve(), close: () => undefined, pause: () => undefined, resume: () => undefined, closed: AbortSignal.abort() };
}
