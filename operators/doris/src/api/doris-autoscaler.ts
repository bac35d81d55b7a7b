import { invalid, k, resource } from '@binnacle/schema';
import { z } from 'zod';

const reference = z.object({ name: z.string(), namespace: z.string() });
const percent = z.object({
  max: k.int32().optional().describe('Average utilisation in percent of the request above which a compute node is added.'),
  min: k.int32().optional().describe('Average utilisation in percent of the request below which a compute node is taken away.'),
});

const spec = z.object({
  cluster: z.string().describe('The DorisCluster, in the same namespace. Empty: nothing is done.'),
  cn: z
    .object({
      replicas: z
        .object({
          max: k.int32().optional().describe('Most compute nodes. Needed as soon as there is a rule.'),
          min: k.int32().optional().describe('Fewest compute nodes; 1 when absent.'),
        })
        .optional()
        .describe('Bounds.'),
      rules: z.object({ cpu: percent.optional(), memory: percent.optional() }).optional().describe('When to scale.'),
      scalePeriodSeconds: z
        .object({
          scaleUp: k.int32().optional().describe('Seconds between two additions; 60 when absent.'),
          scaleDown: k.int32().optional().describe('Seconds between two removals; 60 when absent.'),
        })
        .optional()
        .describe('How fast: one node in so many seconds.'),
      disableScaleDown: z.boolean().optional().describe('Never take a node away.'),
    })
    .optional()
    .describe('Compute nodes. Absent: no HorizontalPodAutoscaler exists.'),
});

const hpaReference = z.object({
  name: z.string().optional(),
  namespace: z.string().optional(),
  kind: z.string().optional(),
  apiVersion: z.string().optional(),
});
const hpaStatus = z.looseObject({ desiredReplicas: k.int32() });

/** DorisAutoscaler.status: the existing operator's fields (spec/doris-operator.md §1.5), and `conditions`, `observedGeneration`. */
const status = z.object({
  observedGeneration: k.int64().optional().describe('Generation of the spec that the status is about.'),
  conditions: k.conditions().optional(),
  lastApplySpecHash: z.string().optional().describe('Hash of the spec that was last brought about as a whole.'),
  clusterRef: reference.optional().describe('The cluster whose compute nodes are scaled.'),
  cn: z
    .object({
      phase: z.enum(['failed', 'completed']).optional(),
      Message: z.string().optional(),
      scaleUpHpa: hpaReference.optional(),
      scaleUpHpaStatus: hpaStatus.optional().describe("The HorizontalPodAutoscaler's status."),
      scaleDown: hpaReference.optional(),
      scaleDownHpaStatus: hpaStatus.optional().describe("The HorizontalPodAutoscaler's status."),
    })
    .optional(),
});

/** Scales the compute nodes of a Doris cluster by CPU and memory. */
export const DorisAutoscaler = resource({
  group: 'al-assad.github.io',
  version: 'v1beta1',
  kind: 'DorisAutoscaler',
  plural: 'dorisautoscalers',
  shortNames: ['da'],
  description:
    'Scales compute nodes by CPU and memory with one HorizontalPodAutoscaler: above `max` of any rule a node is added; below `min` of all rules that have one, a node is taken away, ' +
    'unless the others would then be above `max`. ' +
    'Needs requests on the compute nodes, and the metrics server.',
  columns: {
    Cluster: '.spec.cluster',
    Min: { type: 'integer', jsonPath: '.spec.cn.replicas.min' },
    Max: { type: 'integer', jsonPath: '.spec.cn.replicas.max' },
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Message: { type: 'string', jsonPath: '.status.cn.Message', priority: 1 },
    Age: { type: 'date', jsonPath: '.metadata.creationTimestamp' },
  },
  spec,
  status,
  *check({ spec: { cn } }) {
    const { max, min } = cn?.replicas ?? {};
    if (max !== undefined && min !== undefined && max < min) yield invalid('spec.cn.replicas.max', max, `must not be lower than min, which is ${min}`);
  },
});

export type AutoscalerSpec = z.output<typeof spec>;
export type AutoscalerStatus = z.output<typeof status>;
