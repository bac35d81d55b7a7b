import type { Duplex } from 'node:stream';
import type { Image } from '@binnacle/sandbox';

const HEARTBEAT_PORT = 9050;

/** Back ends whose heartbeat thread can be made to hang: the port is open, and nobody answers there. Such a pod stays ready. */
export class HeartbeatThreads {
  #hanging: (pod: string) => boolean = () => false;
  readonly #streams = new Set<Duplex>();

  images(images: readonly Image[]): readonly Image[] {
    return images.map((image) => ({
      ...image,
      program: (container) => {
        const pod = container.pod.metadata.name;
        const listen: typeof container.network.listen = (port, accept) =>
          container.network.listen(port, port === HEARTBEAT_PORT ? (stream) => this.#greet(pod, stream, accept) : accept);
        return image.program({ ...container, network: { ...container.network, listen } });
      },
    }));
  }

  /** Those of these pods hang from now on, and all others answer. Whoever was connected has to connect anew. */
  hang(which: (pod: string) => boolean): void {
    this.#hanging = which;
    for (const stream of this.#streams) stream.destroy();
  }

  #greet(pod: string, stream: Duplex, accept: (stream: Duplex) => void): void {
    this.#streams.add(stream);
    if (this.#hanging(pod)) stream.on('error', () => stream.destroy()).resume();
    else accept(stream);
  }
}
