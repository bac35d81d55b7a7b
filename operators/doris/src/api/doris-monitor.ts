import { forbidden, invalid, k, quantityNanos, required, resource } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { z } from 'zod';
import { labelsBeside } from '../labels.ts';
import { newSetNameFaults } from './new-name.ts';
import {
  amountFaults,
  durationFaults,
  claimFaults,
  idleServiceFaults,
  labelFaults,
  nameFaults,
  pullPolicyFaults,
  secretKeyFaults,
  serviceFaults,
} from './words.ts';

const quantities = z.record(z.string(), k.quantity());
const reference = z.object({ name: z.string(), namespace: z.string() });

const resources = {
  requests: quantities.optional().describe('Resource requests. `storage` sizes the volume and stays off the container.'),
  limits: quantities.optional().describe('Resource limits; `storage` stays off the container.'),
  claims: z
    .array(z.object({ name: z.string() }))
    .optional()
    .describe('Dynamic resource claims of the container. Refused: its pod declares none.'),
};
const tolerations = z.array(k.podPart('Toleration')).optional();
const placed = {
  affinity: k.podPart('Affinity').optional().describe("Replaces the monitor's."),
  tolerations: tolerations.describe("Replaces the monitor's when not empty."),
  priorityClassName: z.string().optional().describe("Replaces the monitor's when not empty."),
};
/** Of what runs on every node. */
const everywhere = {
  ...resources,
  nodeSelector: k.stringMap().optional().describe("Nodes whose logs are collected: all, when empty. The monitor's does not count here."),
  tolerations: placed.tolerations,
  priorityClassName: placed.priorityClassName,
};
const stored = {
  ...resources,
  ...placed,
  storageClassName: z.string().optional().describe("Storage class of the volume. Default: the monitor's. Fixed once the volume exists."),
  nodeSelector: k.stringMap().optional().describe("Replaces the monitor's when not empty."),
};
const service = z
  .object({
    type: z.string().optional().describe('`ClusterIP` (default), `NodePort` or `LoadBalancer`.'),
    httpPort: k.int32().optional().describe('Node port; 0 or absent: any.'),
    externalTrafficPolicy: z.string().optional().describe('`Cluster` or `Local`.'),
  })
  .optional()
  .describe('How it is reached.');

const spec = z.object({
  cluster: z.string().describe('The DorisCluster, in the same namespace. It need not exist yet. Empty: nothing is deployed.'),
  disableLoki: z.boolean().optional().describe('No Loki, and nothing that collects logs for it.'),
  imagePullPolicy: z.string().optional().describe('For all containers.'),
  imagePullSecrets: z.array(k.podPart('LocalObjectReference')).optional().describe('For all pods.'),
  storageClassName: z.string().optional().describe('For volumes without one of their own.'),
  serviceAccount: z.string().optional().describe('Service account of Grafana and Loki. Prometheus, Promtail and Alloy run as `doris-monitor`.'),
  nodeSelector: k.stringMap().optional().describe('For Prometheus, Grafana and Loki, where they have none.'),
  affinity: k.podPart('Affinity').optional().describe('For Prometheus, Grafana and Loki, where they have none.'),
  tolerations: tolerations.describe('For all pods, where they have none. What collects logs needs those of the back ends, to run beside them.'),
  priorityClassName: z.string().optional().describe('For all pods, where they have none.'),
  prometheus: z
    .object({
      image: z.string().describe('Image; empty: `prom/prometheus:v2.37.8`.'),
      retentionTime: z.string().optional().describe("How long samples are kept, e.g. `15d`. Default: Prometheus' own."),
      service,
      ...stored,
    })
    .optional()
    .describe('Collects metrics. Absent: not deployed.'),
  grafana: z
    .object({
      image: z.string().describe('Image; empty: `grafana/grafana:9.5.2`.'),
      adminUser: z.string().optional().describe('`admin` when absent. Grafana takes it when its volume is new, and never again.'),
      adminPassword: z
        .string()
        .optional()
        .describe('In plain text; `admin` when absent. Better: adminPasswordFrom. Grafana takes it when its volume is new; later it is changed in Grafana.'),
      adminPasswordFrom: k.podPart('SecretKeySelector').optional().describe('Password from a Secret. Wins over adminPassword.'),
      service,
      ...stored,
    })
    .optional()
    .describe('Shows them. Absent: not deployed.'),
  loki: z
    .object({
      image: z.string().describe('Image of a 2.x release; empty: `grafana/loki:2.9.1`.'),
      retentionTime: z.string().optional().describe('How long logs are kept, e.g. `360h`. Absent: for ever.'),
      ...stored,
    })
    .optional()
    .describe('Keeps logs. Absent: not deployed.'),
  promtail: z
    .object({ image: z.string().describe('Image; empty: `grafana/promtail:2.9.1`.'), ...everywhere })
    .optional()
    .describe('Collects logs on every node. Absent: not deployed. Its makers have given Promtail up in favour of Alloy.'),
  podMonitor: z
    .object({
      labels: k.stringMap().optional().describe('Labels of the PodMonitor, such as the one by which your Prometheus chooses.'),
      interval: z.string().optional().describe("How often is scraped, e.g. `15s`. Default: your Prometheus' own."),
    })
    .optional()
    .describe('For users of Prometheus Operator: a PodMonitor, so that their Prometheus scrapes the cluster, with or without `prometheus` here. Absent: none.'),
  serviceMonitor: z
    .object({
      labels: k.stringMap().optional().describe('Labels of the ServiceMonitor, such as the one by which your Prometheus chooses.'),
      interval: z.string().optional().describe("How often is scraped, e.g. `15s`. Default: your Prometheus' own."),
    })
    .optional()
    .describe('The same as a ServiceMonitor, in the place of `podMonitor`, for a Prometheus that chooses those alone. Absent: none.'),
  prometheusRule: z
    .object({ labels: k.stringMap().optional().describe('Labels of the PrometheusRule, such as the one by which your Prometheus chooses.') })
    .optional()
    .describe('For users of Prometheus Operator: the alerts that `prometheus` here has, as a PrometheusRule about this cluster alone. Absent: none.'),
  alloy: z
    .object({ image: z.string().describe('Image of 1.5 or later; empty: `grafana/alloy:v1.10.0`.'), ...everywhere })
    .optional()
    .describe('Collects logs on every node in the place of Promtail, with the same labels; it goes on where Promtail stopped. Absent: not deployed.'),
});

const condition = z.looseObject({ type: z.string(), status: z.string() });
const part = z
  .object({
    serviceRef: reference.optional(),
    statefulsetRef: reference.optional(),
    ready: z.boolean().optional().describe('Its pod is ready, and of the newest template.'),
    conditions: z.array(condition).optional(),
  })
  .optional();

const shipper = z.object({ daemonSetRef: reference.optional(), ready: z.boolean().optional(), conditions: z.array(condition).optional() }).optional();

/** DorisMonitor.status: the existing operator's fields (spec/doris-operator.md §1.4), and `conditions`, `observedGeneration`. */
const status = z.object({
  observedGeneration: k.int64().optional().describe('Generation of the spec that the status is about.'),
  conditions: k.conditions().optional(),
  lastApplySpecHash: z.string().optional().describe('Hash of the spec that was last brought about as a whole.'),
  stage: z.string().optional().describe('`completed`, or the stage at work.'),
  stageStatus: z.string().optional().describe('`succeeded` or `failed`; absent while it waits.'),
  stageAction: z.string().optional().describe('`apply` while not completed.'),
  lastMessage: z.string().optional().describe('What the stage waits for or failed at.'),
  prometheus: part,
  grafana: part,
  loki: part,
  promtail: shipper,
  alloy: shipper,
});

/** Metrics, dashboards and logs of a Doris cluster. */
export const DorisMonitor = resource({
  group: 'al-assad.github.io',
  version: 'v1beta1',
  kind: 'DorisMonitor',
  plural: 'dorismonitors',
  shortNames: ['dm'],
  description:
    'Prometheus, Grafana, Loki and Promtail or Alloy for a DorisCluster. One monitor a cluster. The Role, ServiceAccount and RoleBinding `doris-monitor` are shared by all monitors of a namespace and stay when the last of them goes.',
  columns: {
    Cluster: '.spec.cluster',
    Stage: '.status.stage',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    Message: { type: 'string', jsonPath: '.status.lastMessage', priority: 1 },
    Age: { type: 'date', jsonPath: '.metadata.creationTimestamp' },
  },
  spec,
  status,
  check: ({ metadata, spec: now }, before) => [
    ...(before === undefined
      ? newSetNameFaults(
          metadata?.name ?? '',
          VOLUMES.filter((part) => now[part] !== undefined),
        )
      : changeFaults(now, before.spec)),
    ...monitorFaults(now),
    ...idleMonitorFaults(now),
  ],
});

const VOLUMES = ['prometheus', 'grafana', 'loki'] as const;
const AGENTS = ['promtail', 'alloy'] as const;
const REACHED = ['prometheus', 'grafana'] as const;
const OPERATORS = ['podMonitor', 'serviceMonitor', 'prometheusRule'] as const;

/** What could never come up: a volume without a size, a word that Kubernetes or the program does not know. What should not: two that send the same lines. */
export function* monitorFaults(now: MonitorSpec): Generator<FieldError> {
  yield* nameFaults('spec.cluster', now.cluster);
  yield* pullPolicyFaults('spec.imagePullPolicy', now.imagePullPolicy);
  for (const [index, { name }] of (now.imagePullSecrets ?? []).entries()) yield* nameFaults(`spec.imagePullSecrets[${index}].name`, name);
  yield* nameFaults('spec.storageClassName', now.storageClassName);
  yield* nameFaults('spec.serviceAccount', now.serviceAccount);
  yield* labelFaults('spec.nodeSelector', now.nodeSelector);
  yield* nameFaults('spec.priorityClassName', now.priorityClassName);
  for (const name of VOLUMES) {
    const wanted = now.cluster !== '' && (name !== 'loki' || now.disableLoki !== true);
    if (wanted && now[name] !== undefined && now[name].requests?.['storage'] === undefined)
      yield required(`spec.${name}.requests.storage`, 'it sizes the volume');
    yield* nameFaults(`spec.${name}.storageClassName`, now[name]?.storageClassName);
  }
  for (const name of [...VOLUMES, ...AGENTS]) {
    yield* labelFaults(`spec.${name}.nodeSelector`, now[name]?.nodeSelector);
    yield* nameFaults(`spec.${name}.priorityClassName`, now[name]?.priorityClassName);
    yield* amountFaults(`spec.${name}`, now[name] ?? {});
  }
  yield* reachedFaults(now);
  for (const name of ['prometheus', 'loki'] as const) yield* durationFaults(`spec.${name}.retentionTime`, now[name]?.retentionTime);
  for (const name of ['podMonitor', 'serviceMonitor'] as const) yield* durationFaults(`spec.${name}.interval`, now[name]?.interval);
  for (const name of OPERATORS) yield* labelFaults(`spec.${name}.labels`, now[name]?.labels);
  yield* passwordFaults(now.grafana?.adminPasswordFrom);
  if (now.podMonitor !== undefined && now.serviceMonitor !== undefined)
    yield forbidden('spec.serviceMonitor', 'takes the place of podMonitor: with both every series is there twice');
  if (now.promtail !== undefined && now.alloy !== undefined) yield forbidden('spec.alloy', 'takes the place of promtail: with both every line is sent twice');
}

function* reachedFaults(now: MonitorSpec): Generator<FieldError> {
  for (const name of REACHED) yield* serviceFaults(`spec.${name}.service`, now[name]?.service);
  const [one, other] = REACHED.map((name) => now[name]?.service?.httpPort ?? 0);
  if (one !== 0 && one === other) yield invalid('spec.grafana.service.httpPort', other, 'spec.prometheus.service.httpPort has this node port');
}

/** Grafana has a password in any case: without a Secret it would be one that everybody knows. */
function* passwordFaults(from: NonNullable<MonitorSpec['grafana']>['adminPasswordFrom']): Generator<FieldError> {
  const field = 'spec.grafana.adminPasswordFrom';
  yield* secretKeyFaults(field, from);
  if (from?.optional === true) yield forbidden(`${field}.optional`, 'nothing is made before the password is there: take this out');
}

/**
 * What Kubernetes would refuse, or would find nothing. A new object is refused with it, so that nobody waits for what does not come; one that is there goes on, and is told by the
 * condition `SpecValid`.
 */
export function* idleMonitorFaults(now: MonitorSpec): Generator<FieldError> {
  for (const name of REACHED) yield* idleServiceFaults(`spec.${name}.service`, now[name]?.service);
  for (const name of [...VOLUMES, ...AGENTS]) yield* claimFaults(`spec.${name}`, now[name] ?? {});
  for (const name of OPERATORS) {
    for (const key of Object.keys(now[name]?.labels ?? {}))
      if (key in labelsBeside('', 'monitor'))
        yield forbidden(`spec.${name}.labels[${key}]`, 'the operator finds its objects by this label: it has its own value');
  }
}

/** What an edit may not do: selectors name the cluster, and they and claim templates are fixed for life. */
function* changeFaults(now: MonitorSpec, before: MonitorSpec): Generator<FieldError> {
  if (before.cluster !== '' && now.cluster !== before.cluster)
    yield forbidden('spec.cluster', `fixed, at ${before.cluster}: another cluster takes another DorisMonitor`);
  for (const name of ['prometheus', 'grafana', 'loki'] as const) {
    const [part, was] = [now[name], before[name]];
    if (part === undefined || was === undefined) continue;
    const classOf = (of: MonitorSpec) => of[name]?.storageClassName || of.storageClassName || '';
    if (classOf(now) !== classOf(before)) {
      const field = part.storageClassName === was.storageClassName ? 'spec.storageClassName' : `spec.${name}.storageClassName`;
      yield forbidden(field, `fixed once the volume of ${name} exists`);
    }
    const [size, earlier] = [part.requests?.['storage'], was.requests?.['storage']];
    if (size !== undefined && earlier !== undefined && (quantityNanos(size) ?? 0n) < (quantityNanos(earlier) ?? 0n))
      yield invalid(`spec.${name}.requests.storage`, size, `must not be less than ${earlier}: a volume can grow and not shrink`);
  }
}

export type MonitorSpec = z.output<typeof spec>;
export type MonitorStatus = z.output<typeof status>;
