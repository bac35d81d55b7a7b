import type { Live } from '@binnacle/client';
import type { Pod } from '@binnacle/client/kinds';
import { quantity } from '../volume/quantity.ts';

/** What pods use: the stand-in for a metrics server. */
export interface MetricsSource {
  /** What all containers of a pod use now, in base units (cores, bytes). Undefined: nothing is known of it. */
  usage(pod: Live<typeof Pod>, resource: 'cpu' | 'memory'): number | undefined;
}

/** Programs here use next to nothing, so a pod is said to use what its annotations `binnacle.dev/cpu-usage` and `binnacle.dev/memory-usage` say, as quantities. */
export const annotatedUsage: MetricsSource = {
  usage(pod, resource) {
    const value = quantity(pod.metadata.annotations?.[`binnacle.dev/${resource}-usage`]);
    return Number.isNaN(value) ? undefined : value;
  },
};
