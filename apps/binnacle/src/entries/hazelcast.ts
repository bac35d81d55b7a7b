import { createRequire } from 'node:module';
import { hazelcastOperator, hazelcastResources } from '@binnacle/hazelcast';
import type * as Simulator from '@binnacle/hazelcast/simulator';
import type { Entry } from './entry.ts';

const require = createRequire(import.meta.url);

export const hazelcast: Entry = {
  name: 'hazelcast',
  title: 'Hazelcast',
  resources: hazelcastResources,
  get images() {
    return (require('@binnacle/hazelcast/simulator') as typeof Simulator).hazelcastImages;
  },
  create: hazelcastOperator,
};
