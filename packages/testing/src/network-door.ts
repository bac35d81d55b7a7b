import { Duplex } from 'node:stream';
import { NetworkError } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import type { Fate, Made } from './fate.ts';

/** A door besides the API: the network as one process sees it, its calls counted and befallen by its fate. */
export type NetworkDoor = (network: Network, fate: Fate) => Network;

/** Which bytes are a call. */
export interface Calls {
  /** Of the door, in points and reports: `statement`. */
  readonly name: string;
  /** The call that a chunk written to `to` is, such as the text of a statement; undefined when it is none. */
  readonly callIn: (chunk: Buffer, to: { readonly host: string; readonly port: number }) => string | undefined;
  /** Whether a call changes nothing. Absent: each does. */
  readonly asks?: (call: string) => boolean;
  /** What the first bytes of an answer say, without what is never the same twice. */
  readonly answerIn?: (chunk: Buffer) => string;
}

/**
 * Counts calls of a protocol in which each is written as one chunk and answered on the same stream. What goes wrong takes the stream with it: `after` and
 * `lost` at the first byte of the answer.
 */
export function networkDoor({ name, callIn, asks = () => false, answerIn = () => '' }: Calls): NetworkDoor {
  return (network, fate) => ({
    async connect(address, signal) {
      if (fate.dead.aborted) throw new NetworkError('lost', 'the process died');
      const stream = await network.connect(address, signal);
      const befalls = (chunk: Buffer) => {
        const call = callIn(chunk, address);
        return call === undefined ? undefined : fate.next(name, call, asks(call));
      };
      return around(stream, fate, befalls, answerIn);
    },
  });
}

function around(inner: Duplex, fate: Fate, befalls: (chunk: Buffer) => Made | undefined, answerIn: (chunk: Buffer) => string): Duplex {
  const underWay: Made[] = [];
  let unheard: 'after' | 'lost' | undefined; // of the call under way nobody is to hear the answer
  const die = () => outer.destroy();
  const outer = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, sent) {
      const call = befalls(chunk);
      const moment = call?.moment;
      if (call !== undefined) underWay.push(call);
      if (moment === 'before') {
        inner.destroy();
        fate.die();
        return sent();
      }
      unheard = moment ?? unheard;
      inner.write(chunk);
      sent();
    },
    final(ended) {
      inner.end();
      ended();
    },
    destroy(error, destroyed) {
      fate.dead.removeEventListener('abort', die);
      if (unheard === undefined) inner.destroy(); // else it is let be carried out first
      destroyed(error);
    },
  });
  inner.on('data', (chunk: Buffer) => {
    underWay.shift()?.heard(answerIn(chunk));
    if (unheard === undefined) return void outer.push(chunk);
    inner.destroy();
    if (unheard === 'after') fate.die();
  });
  inner.on('close', () => outer.destroy());
  inner.on('error', () => outer.destroy());
  fate.dead.addEventListener('abort', die, { once: true });
  return outer;
}
