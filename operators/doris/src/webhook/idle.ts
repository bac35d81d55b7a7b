import { jsonEqual } from '@binnacle/schema';
import type { MonitorSpec } from '../api/doris-monitor.ts';
import type { InitializerSpec } from '../api/doris-initializer.ts';
import type { Spec } from '../api/spec.ts';
import { idleStorage, unusualPorts } from '../api/words.ts';
import { COMPONENTS } from '../cluster/names.ts';
import { configFiles, forcedLines } from '../cluster/objects/config.ts';

/** What a DorisCluster says and nothing follows from, as objects of the existing operator often have it: told, and taken. */
export function* idleInCluster(spec: Spec): Generator<string> {
  for (const name of ['fe', 'be', 'cn'] as const) yield* unusualPorts(`spec.${name}.service`, spec[name]?.service);
  for (const name of ['cn', 'broker'] as const) yield* idleStorage(`spec.${name}`, spec[name]);
  for (const name of COMPONENTS) {
    for (const [key, value] of Object.entries(forcedLines(spec, name))) {
      const own = spec[name]?.config?.[key]?.trim();
      if (own !== undefined && own !== value) yield `spec.${name}.config[${key}]: has no effect: the operator writes this line, as ${value}`;
    }
  }
  for (const file of Object.keys(spec.hadoopConf?.config ?? {}))
    if (configFiles.includes(file))
      yield `spec.hadoopConf.config[${file}]: has no effect: the operator writes the file of this name, and lines for it go to config of a component`;
  const { be } = spec;
  if ((be?.storage ?? []).length === 0) {
    if (be?.retainDefaultStorage === true) yield 'spec.be.retainDefaultStorage: has no effect without spec.be.storage: there is the default volume alone';
  } else if (be?.retainDefaultStorage !== true) {
    const why = 'has no effect: the volumes of spec.be.storage take the place of the default one, which it is for';
    if ((be?.storageClassName ?? '') !== '') yield `spec.be.storageClassName: ${why}`;
    if (be?.requests?.['storage'] !== undefined) yield `spec.be.requests.storage: ${why}`;
  }
}

/** The same of a DorisInitializer. */
export const idleInInitializer = (spec: InitializerSpec): Iterable<string> => idleStorage('spec', spec);

/** The same of a DorisMonitor; `before`: as it was. */
export function* idleInMonitor(spec: MonitorSpec, before: MonitorSpec | undefined): Generator<string> {
  for (const name of ['prometheus', 'grafana'] as const) yield* unusualPorts(`spec.${name}.service`, spec[name]?.service);
  for (const name of ['promtail', 'alloy'] as const) {
    yield* idleStorage(`spec.${name}`, spec[name]);
    if (spec[name] !== undefined && spec.loki === undefined && spec.disableLoki !== true)
      yield `spec.${name}: has no effect: there is no spec.loki to send lines to`;
  }
  if (before?.grafana === undefined || spec.grafana === undefined) return;
  for (const name of ['adminUser', 'adminPassword', 'adminPasswordFrom'] as const)
    if (!jsonEqual(spec.grafana[name], before.grafana[name]))
      yield `spec.grafana.${name}: Grafana took its administrator when its volume was new: change it there as well, with grafana cli admin reset-admin-password`;
}
