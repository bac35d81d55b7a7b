import { PORTS, partName } from '../names.ts';
import type { Monitor } from './from.ts';

/** `promtail.yaml`: each agent follows the pods of its own node, which is what `__host__` is for; the existing one followed all pods everywhere. */
export function promtailConf({ name, namespace, spec: { cluster } }: Monitor): string {
  return `server:
  http_listen_port: ${PORTS.promtail}
  grpc_listen_port: 0
clients:
  - url: http://${partName(name, 'loki')}.${namespace}:${PORTS.loki}/loki/api/v1/push
positions:
  filename: /run/promtail/positions.yaml
scrape_configs:
  - job_name: kubernetes-pods
    pipeline_stages:
      - cri: {}
    kubernetes_sd_configs:
      - role: pod
        namespaces:
          names: [${JSON.stringify(namespace)}]
    relabel_configs:
      - source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_name]
        regex: doris-cluster
        action: keep
      - source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_instance]
        regex: ${JSON.stringify(cluster)}
        action: keep
      - source_labels: [__meta_kubernetes_pod_node_name]
        target_label: __host__
      - source_labels: [__meta_kubernetes_namespace]
        target_label: namespace
      - source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_instance]
        target_label: cluster
      - source_labels: [__meta_kubernetes_pod_label_app_kubernetes_io_component]
        target_label: component
      - source_labels: [__meta_kubernetes_pod_name]
        target_label: instance
      - source_labels: [__meta_kubernetes_pod_uid, __meta_kubernetes_pod_container_name]
        separator: /
        replacement: /var/log/pods/*$1/*.log
        target_label: __path__
`;
}
