import type { Live } from '@binnacle/client';
import { resource } from '@binnacle/schema';
import { faults, newFaults } from './check.ts';
import { spec } from './spec.ts';
import { status } from './status.ts';

/** A cluster of Hazelcast members. Drop-in for the kind of the existing operator: same names, defaults, columns. Source: spec/hazelcast-core.md §1.1. */
export const Hazelcast = resource({
  group: 'hazelcast.com',
  version: 'v1alpha1',
  kind: 'Hazelcast',
  plural: 'hazelcasts',
  shortNames: ['hz'],
  description: 'A cluster of Hazelcast members.',
  columns: {
    Status: '.status.phase',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Members: '.status.hazelcastClusterStatus.readyMembers',
    Message: { type: 'string', jsonPath: '.status.message', priority: 1 },
    Age: '.metadata.creationTimestamp',
  },
  scale: { spec: '.spec.clusterSize', status: '.status.clusterSize', selector: '.status.selector' },
  spec,
  status,
  check: (now, before) => [...newFaults(now, before), ...faults(now, before)],
});

/** A Hazelcast as the API server stored it. */
export type Cluster = Live<typeof Hazelcast>;
