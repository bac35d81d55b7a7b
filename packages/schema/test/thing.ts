/** A kind that has a bit of everything, for tests. */
import { k, resource } from '@binnacle/schema';
import { z } from 'zod';

export const Thing = resource({
  group: 'ex.io',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  shortNames: ['th'],
  categories: ['all'],
  description: 'Something with members.',
  columns: {
    Size: '.spec.size',
    Phase: { type: 'string', jsonPath: '.status.phase', description: 'In a word.', priority: 1 },
    Age: '.metadata.creationTimestamp',
  },
  scale: { spec: '.spec.size', status: '.status.size', selector: '.status.selector' },
  spec: z.object({
    image: z.string().min(1).max(256).describe('What to run.'),
    size: k.int32().min(0).max(9).default(3).describe('How many members.'),
    memory: k.quantity().default('1Gi').describe('Memory of each.'),
    grace: k.duration().optional().describe('How long a member may take to stop.'),
    port: k.immutable(k.int32().min(1).max(65_535).default(80)).describe('Where members listen.'),
    env: k
      .listMap(z.object({ name: z.string().describe('Its name.'), value: z.string().describe('Its value.') }), 'name')
      .default([])
      .describe('Environment.'),
    tolerations: z.array(k.podPart('Toleration')).optional().describe('Where members may run although nodes refuse.'),
    storage: z
      .object({ class: z.string().optional().describe('Storage class.'), size: k.quantity().default('8Gi').describe('Size of a volume.') })
      .prefault({})
      .describe('Volumes.'),
  }),
  status: z.object({
    size: k.int32().optional().describe('Members there are.'),
    selector: z.string().optional().describe('Finds their pods.'),
    phase: z.enum(['Pending', 'Running']).optional().describe('In a word.'),
    conditions: k.conditions().optional(),
  }),
  rules: [{ rule: "self.size == 0 || self.image != 'none'", message: 'image is needed to run' }],
  *check(now, before) {
    if (before !== undefined && now.spec.size === 0 && before.spec.size > 5)
      yield { reason: 'FieldValueForbidden', field: 'spec.size', message: 'Forbidden: scale down in two steps' };
  },
});
