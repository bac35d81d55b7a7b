import type { Live } from '@binnacle/client';
import { forbidden, jsonEqual, k, resource } from '@binnacle/schema';
import { z } from 'zod';

export const ENDPOINT_TYPES = ['Discovery', 'Member', 'WAN'] as const;

const spec = z.object({
  type: z.enum(ENDPOINT_TYPES).describe('What it leads to: any member, one member, or the members’ WAN ports.'),
  port: k.int32().describe('Port of the Service.'),
  hazelcastResourceName: z.string().min(1).describe('The Hazelcast that it belongs to.'),
});

const status = z.object({
  address: z.string().optional().describe('`host:port` for clients outside the cluster.'),
  observedGeneration: k.int64().optional().describe('Generation of the spec that this status is about.'),
  conditions: k.conditions().optional(),
});

/** An address of a Hazelcast for clients outside the cluster. Made by the operator, for people and programs to read. Source: spec/hazelcast-core.md §1.5, §2.6. */
export const HazelcastEndpoint = resource({
  group: 'hazelcast.com',
  version: 'v1alpha1',
  kind: 'HazelcastEndpoint',
  plural: 'hazelcastendpoints',
  shortNames: ['hzep'],
  description: 'An address of a Hazelcast for clients outside the cluster. The operator makes it; nobody writes it.',
  columns: {
    Type: '.spec.type',
    Address: '.status.address',
    'Hazelcast-Resource': { type: 'string', jsonPath: '.spec.hazelcastResourceName', priority: 1 },
  },
  spec,
  status,
  *check(now, before) {
    if (before !== undefined && now.metadata?.deletionTimestamp === undefined && !jsonEqual(now.spec, before.spec))
      yield forbidden('spec', 'field cannot be updated');
  },
});

/** An endpoint as the API server stored it. */
export type Endpoint = Live<typeof HazelcastEndpoint>;
