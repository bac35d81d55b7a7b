import { namesOf } from '../../cluster/names.ts';
import type { Monitor } from './from.ts';

/** `prometheus.yml`: one job a component; a pod is scraped under its own name, at the port that its annotation tells (spec/doris-operator.md §6.4). */
export function prometheusConf(monitor: Monitor): string {
  const jobs = (['fe', 'be', 'cn'] as const).map((component) => job(monitor, component));
  return `global:\n  scrape_interval: 15s\n  evaluation_interval: 15s\nrule_files: [/etc/prometheus/rules.yml]\nscrape_configs:\n${jobs.join('')}`;
}

function job({ namespace, spec: { cluster } }: Monitor, component: 'fe' | 'be' | 'cn'): string {
  const keep = (label: string, value: string) => `      - source_labels: [${label}]\n        regex: ${JSON.stringify(value)}\n        action: keep\n`;
  const label = (name: string) => `__meta_kubernetes_pod_label_app_kubernetes_io_${name}`;
  const copy = (from: string, to: string) => `      - source_labels: [${from}]\n        target_label: ${to}\n`;
  return `  - job_name: doris-${component}
    honor_labels: true
    scheme: http
    tls_config:
      insecure_skip_verify: true
    kubernetes_sd_configs:
      - role: pod
        namespaces:
          names: [${JSON.stringify(namespace)}]
    relabel_configs:
${keep('__meta_kubernetes_pod_annotation_prometheus_io_scrape', 'true')}${keep('__meta_kubernetes_namespace', namespace)}${keep(label('name'), 'doris-cluster')}${keep(label('instance'), cluster)}${keep(label('component'), component)}      - source_labels: [__meta_kubernetes_pod_name, __meta_kubernetes_pod_annotation_prometheus_io_port]
        separator: ":"
        regex: "(.+):(\\\\d+)"
        replacement: "$1.${namesOf(cluster, component).peerService}.${namespace}:$2"
        target_label: __address__
${copy('__meta_kubernetes_namespace', 'kubernetes_namespace')}${copy('__meta_kubernetes_pod_name', 'instance')}${copy(label('instance'), 'cluster')}${copy(label('component'), 'component')}`;
}
