import type { ConfigMap, Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { configMapName, grafanaSecretName } from '../names.ts';
import type { PartName, ShipperName } from '../names.ts';
import { alloyConf } from './alloy-conf.ts';
import { rules } from './alerts.ts';
import type { Monitor } from './from.ts';
import { grafanaConf } from './grafana-conf.ts';
import { lokiConf } from './loki-conf.ts';
import { prometheusConf } from './prometheus-conf.ts';
import { promtailConf } from './promtail-conf.ts';

/** A part's files by key. */
export function configData(monitor: Monitor, part: PartName | ShipperName): Readonly<Record<string, string>> {
  switch (part) {
    case 'prometheus':
      return { 'prometheus.yml': prometheusConf(monitor), 'rules.yml': rules(monitor) };
    case 'grafana':
      return grafanaConf(monitor);
    case 'loki':
      return { 'loki.yml': lokiConf(monitor) };
    case 'promtail':
      return { 'promtail.yaml': promtailConf(monitor) };
    case 'alloy':
      return { 'config.alloy': alloyConf(monitor) };
  }
}

export function configMap(monitor: Monitor, part: PartName | ShipperName): Desired<typeof ConfigMap> {
  return { name: configMapName(monitor.name, part), labels: labelsBeside(monitor.spec.cluster, part), data: configData(monitor, part) };
}

/** Grafana's administrator. Read by Grafana when its database is made: a later change is a matter of Grafana's own. */
export function grafanaSecret({ name, spec }: Monitor, password: string): Desired<typeof Secret> {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  return {
    name: grafanaSecretName(name),
    labels: labelsBeside(spec.cluster, 'grafana'),
    type: 'Opaque',
    data: { user: encoded(spec.grafana?.adminUser || 'admin'), password: encoded(password) },
  };
}
