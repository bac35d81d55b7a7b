import type { Duplex } from 'node:stream';
import { NetworkError } from '@binnacle/client';
import type { Image } from '@binnacle/sandbox';

/** Pods that can be cut off from all others, as by a network that fails or a collector that stops the world: their processes live on, and Kubernetes finds them ready. */
export class CutOff {
  #off: (pod: string) => boolean = () => false;
  readonly #streams = new Map<Duplex, string>();

  images(images: readonly Image[]): readonly Image[] {
    return images.map((image) => ({
      ...image,
      program: (container) => {
        const { network } = container;
        const pod = container.pod.metadata.name;
        const kept = <T extends Duplex>(stream: T): T => {
          this.#streams.set(stream, pod);
          return stream;
        };
        const connect: typeof network.connect = async (address, signal) => {
          if (this.#off(pod)) throw new NetworkError('lost', `${pod} is cut off`);
          return kept(await network.connect(address, signal));
        };
        const listen: typeof network.listen = (port, accept) =>
          network.listen(port, (stream) => {
            if (this.#off(pod)) stream.destroy();
            else accept(kept(stream));
          });
        return image.program({ ...container, network: { ...network, connect, listen } });
      },
    }));
  }

  /** These are cut off from now on, and no others. Their streams end. */
  only(off: (pod: string) => boolean): void {
    this.#off = off;
    for (const [stream, pod] of this.#streams) if (off(pod)) stream.destroy();
  }
}
