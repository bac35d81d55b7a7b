import { kind } from '@binnacle/client';
import type { Kind, KubernetesObject } from '@binnacle/client';
import type { PolicyRule } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { labelsOf } from '../../cluster/names.ts';
import type { Monitor } from './from.ts';

interface Relabeling {
  readonly sourceLabels: readonly string[];
  readonly targetLabel: string;
  readonly regex?: string;
  readonly replacement?: string;
}

/** What Prometheus Operator makes a Prometheus scrape, as far as it is ours. */
export interface PodMonitorObject extends KubernetesObject {
  readonly spec: {
    readonly selector: {
      readonly matchLabels: Readonly<Record<string, string>>;
      readonly matchExpressions: readonly { readonly key: string; readonly operator: 'In'; readonly values: readonly string[] }[];
    };
    readonly podMetricsEndpoints: readonly {
      readonly port: string;
      readonly path: string;
      readonly honorLabels: boolean;
      readonly interval?: string;
      readonly relabelings: readonly Relabeling[];
    }[];
  };
}

export const PodMonitor: Kind<PodMonitorObject, 'Namespaced'> = kind({
  group: 'monitoring.coreos.com',
  version: 'v1',
  kind: 'PodMonitor',
  plural: 'podmonitors',
  scope: 'Namespaced',
});

export const POD_MONITOR_RULES: readonly PolicyRule[] = [
  { apiGroups: [PodMonitor.group], resources: [PodMonitor.plural], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
];

/** The name of a monitor's PodMonitor. */
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
  const { 'app.kubernetes.io/component': _, ...matchLabels } = labelsOf(spec.cluster, '');
  const endpoint = (port: string) => ({ port, path: '/metrics', honorLabels: true, ...given({ interval: wanted.interval }), relabelings: RELABELINGS });
  return {
    name: podMonitorName(name),
    labels: { ...wanted.labels, ...labelsBeside(spec.cluster, 'monitor') },
    spec: {
      selector: { matchLabels, matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'In', values: ['fe', 'be', 'cn'] }] },
      podMetricsEndpoints: [endpoint('http-port'), endpoint('webserver-port')],
    },
  };
}
