import { labelsOf } from './cluster/names.ts';

/** Components that are no part of Doris itself. The words are in selectors of existing installations: they never change. */
export type Beside = 'initializer' | 'prometheus' | 'grafana' | 'loki' | 'promtail' | 'alloy' | 'cn-autoscaler' | 'be-autoscaler' | 'monitor';

/** The four labels of an object beside a cluster. `app.kubernetes.io/instance` is the cluster's name, not the name of the object that asked for it. */
export function labelsBeside(cluster: string, component: Beside): Readonly<Record<string, string>> {
  return { ...labelsOf(cluster, ''), 'app.kubernetes.io/component': component };
}
