import { kind } from '@binnacle/client';
import type { Kind, KubernetesObject } from '@binnacle/client';
import type { PolicyRule } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { labelsOf } from '../../cluster/names.ts';
import { ruleFile } from './alerts.ts';
import type { RuleFile } from './alerts.ts';
import type { Monitor } from './from.ts';

interface Relabeling {
  readonly sourceLabels: readonly string[];
  readonly targetLabel?: string;
  readonly regex?: string;
  readonly replacement?: string;
  readonly action?: string;
}

/** Which pods or Services of the namespace, by their labels. */
interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly { readonly key: string; readonly operator: 'In'; readonly values: readonly string[] }[];
}

interface Endpoint {
  readonly port: string;
  readonly path: string;
  readonly honorLabels: boolean;
  readonly interval?: string;
  readonly relabelings: readonly Relabeling[];
}

/** What Prometheus Operator makes a Prometheus scrape, as far as it is ours. */
export interface PodMonitorObject extends KubernetesObject {
  readonly spec: { readonly selector: Selector; readonly podMetricsEndpoints: readonly Endpoint[] };
}

/** The same by way of Services. */
export interface ServiceMonitorObject extends KubernetesObject {
  readonly spec: { readonly selector: Selector; readonly endpoints: readonly Endpoint[] };
}

/** What Prometheus Operator makes a Prometheus evaluate. */
export interface PrometheusRuleObject extends KubernetesObject {
  readonly spec: RuleFile;
}

const OPERATORS = { group: 'monitoring.coreos.com', version: 'v1', scope: 'Namespaced' } as const;
export const PodMonitor: Kind<PodMonitorObject, 'Namespaced'> = kind({ ...OPERATORS, kind: 'PodMonitor', plural: 'podmonitors' });
export const ServiceMonitor: Kind<ServiceMonitorObject, 'Namespaced'> = kind({ ...OPERATORS, kind: 'ServiceMonitor', plural: 'servicemonitors' });
export const PrometheusRule: Kind<PrometheusRuleObject, 'Namespaced'> = kind({ ...OPERATORS, kind: 'PrometheusRule', plural: 'prometheusrules' });

export const PROMETHEUS_OPERATOR_RULES: readonly PolicyRule[] = [
  {
    apiGroups: [OPERATORS.group],
    resources: [PodMonitor.plural, ServiceMonitor.plural, PrometheusRule.plural],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
];

/** The name of what a monitor makes for Prometheus Operator. */
export const podMonitorName = (monitor: string): string => `${monitor}-doris`;

const label = (name: string): string => `__meta_kubernetes_pod_label_app_kubernetes_io_${name}`;
// The labels that our own Prometheus gives, so that its alerts and dashboards fit here as well (objects/prometheus-conf.ts).
const RELABELINGS: readonly Relabeling[] = [
  { sourceLabels: [label('component')], targetLabel: 'job', regex: '(.+)', replacement: 'doris-$1' },
  { sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'kubernetes_namespace' },
  { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'instance' },
  { sourceLabels: [label('instance')], targetLabel: 'cluster' },
  { sourceLabels: [label('component')], targetLabel: 'component' },
];

/** The PodMonitor; `undefined`: none is wanted. Front ends have their metrics at one named port, back ends and compute nodes at another; brokers have none. */
export function podMonitor({ name, spec }: Monitor): Desired<typeof PodMonitor> | undefined {
  const wanted = spec.podMonitor;
  if (wanted === undefined || spec.cluster === '') return undefined;
  return {
    name: podMonitorName(name),
    labels: { ...wanted.labels, ...labelsBeside(spec.cluster, 'monitor') },
    spec: { selector: selectorOf(spec.cluster), podMetricsEndpoints: endpoints(wanted.interval, RELABELINGS) },
  };
}

/** Each pod is behind two Services with the same labels: of the headless ones alone, so that nothing is scraped twice, and pods that are not ready are as well. */
const HEADLESS: Relabeling = { sourceLabels: ['__meta_kubernetes_service_name'], regex: '.+-peer', action: 'keep' };

/** The same as a ServiceMonitor, for a Prometheus that chooses those alone; `undefined`: none is wanted. */
export function serviceMonitor({ name, spec }: Monitor): Desired<typeof ServiceMonitor> | undefined {
  const wanted = spec.serviceMonitor;
  if (wanted === undefined || spec.cluster === '') return undefined;
  return {
    name: podMonitorName(name),
    labels: { ...wanted.labels, ...labelsBeside(spec.cluster, 'monitor') },
    spec: { selector: selectorOf(spec.cluster), endpoints: endpoints(wanted.interval, [HEADLESS, ...RELABELINGS]) },
  };
}

/** Our alerts for that Prometheus; `undefined`: none are wanted. Others' clusters may be in it too: each rule looks at this one alone. */
export function prometheusRule(monitor: Monitor): Desired<typeof PrometheusRule> | undefined {
  const { name, namespace, spec } = monitor;
  const wanted = spec.prometheusRule;
  if (wanted === undefined || spec.cluster === '') return undefined;
  const here = `count by (kubernetes_namespace, cluster) (up{kubernetes_namespace="${namespace}",cluster="${spec.cluster}"})`;
  return {
    name: podMonitorName(name),
    labels: { ...wanted.labels, ...labelsBeside(spec.cluster, 'monitor') },
    spec: ruleFile(monitor, (expression) => `(${expression}) and on (kubernetes_namespace, cluster) ${here}`),
  };
}

function selectorOf(cluster: string): Selector {
  const { 'app.kubernetes.io/component': _, ...matchLabels } = labelsOf(cluster, '');
  return { matchLabels, matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'In', values: ['fe', 'be', 'cn'] }] };
}

const endpoints = (interval: string | undefined, relabelings: readonly Relabeling[]): readonly Endpoint[] =>
  ['http-port', 'webserver-port'].map((port) => ({ port, path: '/metrics', honorLabels: true, ...given({ interval }), relabelings }));
