import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { NetworkError, alarm } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import { secured } from '../tls/identity.ts';
import type { Identity } from '../tls/identity.ts';
import { MemberError } from './error.ts';
import { FrameError, encodeFrames, frameReader } from './frame.ts';
import { ERROR_TYPE, readMessage, request } from './message.ts';
import type { Body, MessageReader } from './message.ts';
import { authentication, ping, readError, readLogin } from './messages.ts';
import type { Login } from './messages.ts';

/** First bytes of a client: it speaks protocol 2. */
const HELLO = 'CP2';
/** Time limit of one request; ms. */
const ANSWER_MS = 10_000;
/** How long a connection may be silent before the member is asked whether it lives; ms. Members drop clients after 300 s. */
const PING_EVERY_MS = 30_000;
/** Answers that may be owed at a time. */
const PENDING_MOST = 64;

export interface MemberAddress {
  readonly host: string;
  readonly port: number;
  /** Given: over TLS. */
  readonly identity?: Identity;
}

/** A client's connection to one member. Closes itself when a ping stays without an answer. */
export interface MemberConnection extends Disposable {
  readonly login: Login;
  /** No request will be answered any more. */
  readonly closed: boolean;
  /**
   * Sends once and waits for the answer; `ANSWER_MS` at most.
   * @throws {MemberError} any code but `denied`; the signal's reason when aborted.
   */
  invoke(body: Body, signal: AbortSignal): Promise<MessageReader>;
}

/**
 * Connects and logs in. Whoever calls closes.
 * @throws {MemberError} `denied`: the member has another cluster name; the signal's reason when aborted.
 */
export async function connectMember(
  doors: { readonly network: Network; readonly clock: Clock },
  address: MemberAddress,
  clusterName: string,
  signal: AbortSignal,
): Promise<MemberConnection> {
  const where = `${address.host}:${address.port}`;
  const stream = await open(doors, address, signal);
  const wire = talk(stream, doors.clock, where);
  try {
    stream.write(HELLO);
    const answer = readLoginOf(await wire.invoke(authentication(randomUUID(), clusterName), signal), where);
    if ('denied' in answer) throw new MemberError('denied', `${where} does not let us into cluster ${clusterName}: ${answer.denied}`);
    wire.keepAlive();
    return {
      login: answer,
      get closed() {
        return stream.destroyed;
      },
      invoke: wire.invoke,
      [Symbol.dispose]: () => wire.close(new MemberError('unreachable', `${where}: the connection was closed`)),
    };
  } catch (error) {
    wire.close(new MemberError('unreachable', `${where}: the login failed`));
    throw error;
  }
}

async function open(doors: { readonly network: Network; readonly clock: Clock }, address: MemberAddress, signal: AbortSignal): Promise<Duplex> {
  using limit = alarm(doors.clock, ANSWER_MS);
  try {
    const either = AbortSignal.any([signal, limit.signal]);
    const stream = await doors.network.connect(address, either);
    return address.identity === undefined ? stream : await handshake(secured(stream, address.identity), either);
  } catch (error) {
    signal.throwIfAborted();
    if (address.identity !== undefined && !(error instanceof NetworkError) && !limit.signal.aborted)
      throw new MemberError('unreachable', `${address.host}:${address.port}: it does not prove itself, or does not believe us`, { cause: error });
    if (error instanceof NetworkError || limit.signal.aborted)
      throw new MemberError('unreachable', `${address.host}:${address.port}: no connection`, { cause: error });
    throw error;
  }
}

function readLoginOf(message: MessageReader, where: string): Login | { readonly denied: string } {
  try {
    return readLogin(message);
  } catch (error) {
    throw new MemberError('unreadable', `${where}: the answer to a login is not that of a 5.x member`, { cause: error });
  }
}

async function handshake(wire: Duplex, signal: AbortSignal): Promise<Duplex> {
  try {
    await once(wire, 'secureConnect', { signal });
    return wire;
  } catch (error) {
    wire.destroy();
    throw error;
  }
}

interface Pending {
  readonly resolve: (message: MessageReader) => void;
  readonly reject: (error: Error) => void;
}

/** Requests and answers over a stream, matched by their numbers. */
function talk(stream: Duplex, clock: Clock, where: string) {
  const pending = new Map<number, Pending>();
  const reader = frameReader();
  let next = 1;
  let heartbeat: Disposable | undefined;

  function close(reason: Error): void {
    heartbeat?.[Symbol.dispose]();
    heartbeat = undefined;
    stream.destroy();
    for (const one of pending.values()) one.reject(reason);
    pending.clear();
  }

  function receive(message: MessageReader): void {
    // Events are for listeners, of which we have none; an answer to nobody comes after its time limit.
    const one = message.isEvent ? undefined : pending.get(message.correlation);
    if (one === undefined) return;
    pending.delete(message.correlation);
    if (message.type !== ERROR_TYPE) return one.resolve(message);
    const { code, className, text } = readError(message);
    one.reject(new MemberError('refused', `${where}: ${className}: ${text} (${code})`));
  }

  async function invoke(body: Body, signal: AbortSignal): Promise<MessageReader> {
    signal.throwIfAborted();
    if (stream.destroyed) throw new MemberError('unreachable', `${where}: the connection is closed`);
    if (pending.size >= PENDING_MOST) throw new MemberError('unreachable', `${where} owes ${pending.size} answers`);
    const correlation = next++;
    using limit = alarm(clock, ANSWER_MS);
    const either = AbortSignal.any([signal, limit.signal]);
    const { promise, resolve, reject } = Promise.withResolvers<MessageReader>();
    const giveUp = () => reject(signal.aborted ? (signal.reason as Error) : new MemberError('lost', `${where}: no answer within ${ANSWER_MS} ms`));
    either.addEventListener('abort', giveUp, { once: true });
    pending.set(correlation, { resolve, reject });
    try {
      stream.write(encodeFrames(request(body, correlation)));
      return await promise;
    } finally {
      pending.delete(correlation);
      either.removeEventListener('abort', giveUp);
    }
  }

  function keepAlive(): void {
    heartbeat = clock.timer(PING_EVERY_MS, () => {
      invoke(ping, NEVER).then(keepAlive, (error: unknown) => close(new MemberError('lost', `${where} does not answer pings`, { cause: error })));
    });
    if (stream.destroyed) heartbeat[Symbol.dispose]();
  }

  stream.on('data', (chunk: Buffer) => {
    try {
      for (const frames of reader.push(chunk)) receive(readMessage(frames));
    } catch (error) {
      if (!(error instanceof FrameError) && !(error instanceof RangeError)) throw error;
      close(new MemberError('unreadable', `${where} does not speak Hazelcast's client protocol: ${error.message}`, { cause: error }));
    }
  });
  const gone = (error?: Error) => close(new MemberError('lost', `${where}: the connection ended`, error === undefined ? {} : { cause: error }));
  stream.on('error', gone);
  stream.on('end', () => gone());
  stream.on('close', () => gone());
  return { invoke, close, keepAlive };
}

/** A ping has a time limit of its own and nobody to call it off. */
const NEVER = new AbortController().signal;
