import { Duplex } from 'node:stream';
import { NetworkError } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import type { Fate } from './fate.ts';

/** A door besides the API: the network as one process sees it, its calls counted and befallen by its fate. */
export type NetworkDoor = (network: Network, fate: Fate) => Network;

/** Which bytes are a call. */
export interface Calls {
  /** Of the door, in points and reports: `statement`. */
  readonly name: string;
  /** The call that a chunk written to `to` is, such as the text of a statement; undefined when it changes nothing or is no call. */
  readonly callIn: (chunk: Buffer, to: { readonly host: string; readonly port: number }) => string | undefined;
}

/**
 * Counts calls of a protocol in which each is written as one chunk and answered on the same stream. What goes wrong takes the stream with it: `after` and
 * `lost` at the first byte of the answer.
 */
export function networkDoor({ name, callIn }: Calls): NetworkDoor {
  return (network, fate) => ({
    async connect(address, signal) {
      if (fate.dead.aborted) throw new NetworkError('lost', 'the process died');
      const stream = await network.connect(address, signal);
      return around(stream, fate, (chunk) => {
        const call = callIn(chunk, address);
        return call === undefined ? undefined : fate.next(name, call);
      });
    },
  });
}

function around(inner: Duplex, fate: Fate, befalls: (chunk: Buffer) => ReturnType<Fate['next']>): Duplex {
  let unheard: 'after' | 'lost' | undefined; // of the call under way nobody is to hear the answer
  const die = () => outer.destroy();
  const outer = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, sent) {
      const moment = befalls(chunk);
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
    if (unheard === undefined) return void outer.push(chunk);
    inner.destroy();
    if (unheard === 'after') fate.die();
  });
  inner.on('close', () => outer.destroy());
  inner.on('error', () => outer.destroy());
  fate.dead.addEventListener('abort', die, { once: true });
  return outer;
}
