import { hazelcastOperator, hazelcastResources } from '@binnacle/hazelcast';
import { hazelcastImages } from '@binnacle/hazelcast/simulator';
import type { Entry } from './entry.ts';

export const hazelcast: Entry = {
  name: 'hazelcast',
  title: 'Hazelcast',
  resources: hazelcastResources,
  images: hazelcastImages,
  create: hazelcastOperator,
};
