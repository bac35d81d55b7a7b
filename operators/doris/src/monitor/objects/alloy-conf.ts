import { PORTS, partName } from '../names.ts';
import type { Monitor } from './from.ts';

/** Where Alloy keeps how far it has read, on the node: its pod may be another one tomorrow. */
export const ALLOY_STATE = '/var/lib/alloy';

/**
 * `config.alloy`: what promtail.yaml does, in Alloy's words and with the same labels. Each agent asks for the pods of its own node alone, and goes on where Promtail
 * stopped if that was there before it. Components: grafana.com/docs/alloy, discovery.kubernetes, discovery.relabel, local.file_match, loki.source.file, loki.process, loki.write.
 */
export function alloyConf({ name, namespace, spec: { cluster } }: Monitor): string {
  return `discovery.kubernetes "pods" {
  role = "pod"
  namespaces {
    names = [${JSON.stringify(namespace)}]
  }
  selectors {
    role  = "pod"
    field = "spec.nodeName=" + sys.env("HOSTNAME")
    label = ${JSON.stringify(`app.kubernetes.io/name=doris-cluster,app.kubernetes.io/instance=${cluster}`)}
  }
}

discovery.relabel "doris" {
  targets = discovery.kubernetes.pods.targets
${copy(['__meta_kubernetes_namespace'], 'namespace')}${copy(['__meta_kubernetes_pod_label_app_kubernetes_io_instance'], 'cluster')}${copy(['__meta_kubernetes_pod_label_app_kubernetes_io_component'], 'component')}${copy(['__meta_kubernetes_pod_name'], 'instance')}  rule {
    source_labels = ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]
    separator     = "/"
    replacement   = "/var/log/pods/*$1/*.log"
    target_label  = "__path__"
  }
}

local.file_match "logs" {
  path_targets = discovery.relabel.doris.output
}

loki.source.file "logs" {
  targets               = local.file_match.logs.targets
  legacy_positions_file = "/run/promtail/positions.yaml"
  forward_to            = [loki.process.lines.receiver]
}

loki.process "lines" {
  stage.cri { }
  forward_to = [loki.write.loki.receiver]
}

loki.write "loki" {
  endpoint {
    url = ${JSON.stringify(`http://${partName(name, 'loki')}.${namespace}:${PORTS.loki}/loki/api/v1/push`)}
  }
}
`;
}

const copy = (from: readonly string[], to: string): string => `  rule {
    source_labels = ${JSON.stringify(from)}
    target_label  = ${JSON.stringify(to)}
  }
`;
