import { loadKubeconfig } from '@binnacle/client';
import { images } from './programs.ts';
import type { Images, RunningCluster } from './target.ts';

/** Environment variable with images for cases that run pods, as `sleeper=…,sleeper2=…,succeeds=…,fails=…`: they must be there to be pulled, and do what `Images` says. */
const IMAGES = 'BINNACLE_E2E_IMAGES';
const NEEDED = ['sleeper', 'sleeper2', 'succeeds', 'fails'] as const satisfies readonly (keyof Images)[];

/**
 * The cluster of one's own that KUBECONFIG means, as it is: nothing is started or ended. Its API server reaches no webhook that a test serves here; without
 * images of its own nothing runs there.
 * @throws {KubeconfigError} when the file cannot be used. @throws {Error} when the images are not all there.
 */
export async function startOwnCluster(): Promise<RunningCluster> {
  const given = process.env[IMAGES];
  return {
    cluster: loadKubeconfig({ env: process.env }),
    features: { controllers: true, node: given !== undefined, loopback: false, forgets: false },
    images: given === undefined ? images : imagesOf(given),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function imagesOf(text: string): Images {
  const named = Object.fromEntries(text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  const missing = NEEDED.filter((name) => (named[name] ?? '') === '');
  if (missing.length > 0) throw new Error(`${IMAGES} lacks ${missing.join(', ')}: it is ${NEEDED.map((name) => `${name}=IMAGE`).join(',')}`);
  return { ...images, ...named };
}
