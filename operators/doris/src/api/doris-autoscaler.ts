import { invalid, k, required, resource } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { z } from 'zod';
import { nameFaults, wordFaults } from './words.ts';

const reference = z.object({ name: z.string(), namespace: z.string() });
const percent = z.object({
  max: k.int32().optional().describe('Average utilisation in percent of the request above which a compute node is added.'),
  min: k.int32().optional().describe('Average utilisation in percent of the request below which a compute node is taken away.'),
});
const upwards = z.object({ max: k.int32().optional().describe('Average utilisation in percent of the request above which a back end is added.') });
const metrics = z
  .array(k.hpaMetric())
  .optional()
  .describe(
    'Metrics of any type that a HorizontalPodAutoscaler knows (Pods, Object, External …), in its own words. They count beside `rules`: the one that asks for most wins.',
  );

const compute = z.object({
  replicas: z
    .object({
      max: k.int32().optional().describe('Most compute nodes. Needed as soon as there is a rule or a metric.'),
      min: k.int32().optional().describe('Fewest compute nodes; 1 when absent.'),
    })
    .optional()
    .describe('Bounds.'),
  rules: z.object({ cpu: percent.optional(), memory: percent.optional() }).optional().describe('When to scale.'),
  metrics,
  scalePeriodSeconds: z
    .object({
      scaleUp: k.int32().optional().describe('Seconds between two additions; 60 when absent.'),
      scaleDown: k.int32().optional().describe('Seconds between two removals; 60 when absent.'),
    })
    .optional()
    .describe('How fast: one node in so many seconds. For more than that: `behavior`.'),
  behavior: z
    .object({ scaleUp: k.hpaScalingRules().optional(), scaleDown: k.hpaScalingRules().optional() })
    .optional()
    .describe(
      "How fast and after which window (`stabilizationWindowSeconds`), in a HorizontalPodAutoscaler's own words. What it says wins over scalePeriodSeconds; a direction without a rule stays switched off.",
    ),
  disableScaleDown: z.boolean().optional().describe('Never take a node away.'),
});

const storing = z.object({
  replicas: z
    .object({
      max: k.int32().optional().describe('Most back ends. Needed as soon as there is a rule or a metric.'),
      min: k.int32().optional().describe('Fewest back ends; 1 when absent.'),
    })
    .optional()
    .describe('Bounds.'),
  rules: z.object({ cpu: upwards.optional(), memory: upwards.optional() }).optional().describe('When to add one.'),
  metrics,
  behavior: z.object({ scaleUp: k.hpaScalingRules().optional() }).optional().describe('How fast, and after which window; one node in 60 seconds when absent.'),
});

const spec = z.object({
  cluster: z.string().describe('The DorisCluster, in the same namespace. Empty: nothing is done.'),
  replicas: k
    .int32()
    .min(0)
    .optional()
    .describe(
      'Compute nodes wanted at the moment, within the bounds. Not for people to write: a HorizontalPodAutoscaler does, through the scale subresource, and the operator once, so that it has a number to begin with.',
    ),
  cn: compute.optional().describe('Compute nodes. Absent: they are as many as the DorisCluster says.'),
  be: storing
    .optional()
    .describe('Back ends, which are only ever added: taking one away moves all of its data. Absent: they are as many as the DorisCluster says.'),
});

const hpaReference = z.object({
  name: z.string().optional(),
  namespace: z.string().optional(),
  kind: z.string().optional(),
  apiVersion: z.string().optional(),
});
const hpaStatus = z.looseObject({ desiredReplicas: k.int32() });
const scaled = {
  phase: z.enum(['failed', 'completed']).optional(),
  Message: z.string().optional(),
  scaleUpHpa: hpaReference.optional(),
  scaleUpHpaStatus: hpaStatus.optional().describe("The HorizontalPodAutoscaler's status."),
};

/** The existing operator's fields (spec/doris-operator.md §1.5), and `conditions`, `observedGeneration`, `replicas`, `selector`, `be`. */
const status = z.object({
  observedGeneration: k.int64().optional().describe('Generation of the spec that the status is about.'),
  conditions: k.conditions().optional(),
  lastApplySpecHash: z.string().optional().describe('Hash of the spec that was last brought about as a whole.'),
  clusterRef: reference.optional().describe('The cluster whose nodes are scaled.'),
  replicas: k.int32().optional().describe('Pods of compute nodes there are.'),
  selector: z.string().optional().describe('By which a HorizontalPodAutoscaler finds them.'),
  cn: z
    .object({
      ...scaled,
      scaleDown: hpaReference.optional(),
      scaleDownHpaStatus: hpaStatus.optional().describe("The HorizontalPodAutoscaler's status."),
    })
    .optional(),
  be: z.object(scaled).optional(),
});

/** One declaration under two names: who has objects of the first keeps them. */
const autoscaler = (name: { readonly kind: string; readonly plural: string; readonly shortNames: readonly string[]; readonly first: string }) =>
  resource({
    group: 'al-assad.github.io',
    version: 'v1beta1',
    ...name,
    description:
      `${name.first} Above \`max\` of any rule a compute node is added; below \`min\` of all rules that have one, a node is taken away, unless the others would then be above \`max\`. ` +
      'Own metrics add and take away as a HorizontalPodAutoscaler does. Back ends are only added. A compute node that goes leaves Doris before its pod ends. ' +
      'Needs requests on the nodes, and the metrics server.',
    columns: {
      Cluster: '.spec.cluster',
      Min: { type: 'integer', jsonPath: '.spec.cn.replicas.min' },
      Max: { type: 'integer', jsonPath: '.spec.cn.replicas.max' },
      CN: { type: 'integer', jsonPath: '.spec.replicas', description: 'Compute nodes wanted at the moment.' },
      Ready: '.status.conditions[?(@.type=="Ready")].status',
      Message: { type: 'string', jsonPath: '.status.cn.Message', priority: 1 },
      Age: { type: 'date', jsonPath: '.metadata.creationTimestamp' },
    },
    scale: { spec: '.spec.replicas', status: '.status.replicas', selector: '.status.selector' },
    spec,
    status,
    check: ({ spec: now }) => autoscalerFaults(now),
  });

/** Scales the nodes of a Doris cluster. */
export const DorisAutoscaler = autoscaler({
  kind: 'DorisAutoscaler',
  plural: 'dorisautoscalers',
  shortNames: ['da'],
  first: 'Scales the nodes of a Doris cluster; the earlier name of DorisClusterAutoscaler, with the same fields.',
});

/** The same under the name that its architecture has. */
export const DorisClusterAutoscaler = autoscaler({
  kind: 'DorisClusterAutoscaler',
  plural: 'dorisclusterautoscalers',
  shortNames: ['dca'],
  first: 'Scales the nodes of a Doris cluster by CPU, memory and metrics of your own.',
});

/** Both names. */
export const AUTOSCALERS = [DorisAutoscaler, DorisClusterAutoscaler] as const;

/** Bounds and thresholds that no scaling could keep to, and words that no HorizontalPodAutoscaler knows. */
export function* autoscalerFaults({ cluster, cn, be }: AutoscalerSpec): Generator<FieldError> {
  yield* nameFaults('spec.cluster', cluster);
  for (const [name, part] of [
    ['cn', cn],
    ['be', be],
  ] as const) {
    const { max, min } = part?.replicas ?? {};
    // None at all is a matter of HPAScaleToZero, which clusters do not have by default; there would be no node to measure either.
    yield* atLeastOne(`spec.${name}.replicas.min`, min);
    yield* atLeastOne(`spec.${name}.replicas.max`, max);
    if (max !== undefined && min !== undefined && max < min) yield invalid(`spec.${name}.replicas.max`, max, `must not be lower than min, which is ${min}`);
    const asks = (part?.metrics ?? []).length > 0 || part?.rules?.cpu?.max !== undefined || part?.rules?.memory?.max !== undefined;
    if (asks && max === undefined) yield required(`spec.${name}.replicas.max`, 'without it nothing bounds what the rules add');
    for (const metric of ['cpu', 'memory'] as const) yield* atLeastOne(`spec.${name}.rules.${metric}.max`, part?.rules?.[metric]?.max);
    yield* metricFaults(`spec.${name}.metrics`, part?.metrics ?? []);
  }
  for (const name of ['cpu', 'memory'] as const) {
    const { max, min } = cn?.rules?.[name] ?? {};
    yield* atLeastOne(`spec.cn.rules.${name}.min`, min);
    if (max !== undefined && min !== undefined && min >= max) yield invalid(`spec.cn.rules.${name}.min`, min, `must be lower than max, which is ${max}`);
  }
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    // 0 is the default here, as it was in the existing operator's code.
    yield* within(`spec.cn.scalePeriodSeconds.${direction}`, cn?.scalePeriodSeconds?.[direction], 0, PERIOD_MOST);
    yield* behaviorFaults(`spec.cn.behavior.${direction}`, cn?.behavior?.[direction]);
  }
  yield* behaviorFaults('spec.be.behavior.scaleUp', be?.behavior?.scaleUp);
}

/** Longest periods that a HorizontalPodAutoscaler takes, in seconds. Source: pkg/apis/autoscaling/validation (MaxPeriodSeconds, MaxStabilizationWindowSeconds). */
const PERIOD_MOST = 1_800;
const WINDOW_MOST = 3_600;
const SELECT = ['Max', 'Min', 'Disabled'];
const POLICIES = ['Pods', 'Percent'];
/** Types of metrics, each with the field that it is told in. */
const METRICS = { Resource: 'resource', ContainerResource: 'containerResource', Pods: 'pods', Object: 'object', External: 'external' } as const;

function* within(field: string, value: number | undefined, least: number, most: number): Generator<FieldError> {
  if (value !== undefined && (value < least || value > most)) yield invalid(field, value, `must be between ${least} and ${most}`);
}

function* atLeastOne(field: string, value: number | undefined): Generator<FieldError> {
  if (value !== undefined && value < 1) yield invalid(field, value, 'must be at least 1');
}

type Compute = z.output<typeof compute>;

function* behaviorFaults(field: string, rules: NonNullable<Compute['behavior']>['scaleUp']): Generator<FieldError> {
  yield* wordFaults(`${field}.selectPolicy`, rules?.selectPolicy, SELECT);
  yield* within(`${field}.stabilizationWindowSeconds`, rules?.stabilizationWindowSeconds, 0, WINDOW_MOST);
  for (const [index, { type, value, periodSeconds }] of (rules?.policies ?? []).entries()) {
    yield* wordFaults(`${field}.policies[${index}].type`, type, POLICIES);
    yield* atLeastOne(`${field}.policies[${index}].value`, value);
    yield* within(`${field}.policies[${index}].periodSeconds`, periodSeconds, 1, PERIOD_MOST);
  }
}

function* metricFaults(field: string, metrics: NonNullable<Compute['metrics']>): Generator<FieldError> {
  for (const [index, metric] of metrics.entries()) {
    const own = METRICS[metric.type as keyof typeof METRICS] as (typeof METRICS)[keyof typeof METRICS] | undefined;
    if (own === undefined) yield* wordFaults(`${field}[${index}].type`, metric.type, Object.keys(METRICS));
    else if (metric[own] === undefined) yield required(`${field}[${index}].${own}`, `what a metric of type ${metric.type} measures`);
  }
}

export type AutoscalerSpec = z.output<typeof spec>;
export type AutoscalerStatus = z.output<typeof status>;
