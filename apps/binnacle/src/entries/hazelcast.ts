import { createRequire } from 'node:module';
import { hazelcastOperator, hazelcastResources } from '@binnacle/hazelcast';
import type * as Simulator from '@binnacle/hazelcast/simulator';
import type { Entry } from './entry.ts';

const require = createRequire(import.meta.url);

/** One for all sandboxes of this process. Loaded when it is asked for. */
let simulation: Simulator.Simulation | undefined;
const simulated = () => (simulation ??= (require('@binnacle/hazelcast/simulator') as typeof Simulator).hazelcastSimulation());

export const hazelcast: Entry = {
  name: 'hazelcast',
  title: 'Hazelcast',
  resources: hazelcastResources,
  get images() {
    return simulated().images;
  },
  create: hazelcastOperator,
  // What simulated agents upload is in no bucket of this world.
  createForSandbox: (world) => hazelcastOperator({ ...world, buckets: simulated().buckets }),
};
