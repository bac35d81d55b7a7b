import { jsonEqual } from '@binnacle/schema';
import type { MonitorSpec } from '../api/doris-monitor.ts';
import type { Spec } from '../api/spec.ts';
import { unusualPorts } from '../api/words.ts';

/** What a DorisCluster says and nothing follows from, as objects of the existing operator often have it: told, and taken. */
export function* idleInCluster(spec: Spec): Generator<string> {
  for (const name of ['fe', 'be', 'cn'] as const) yield* unusualPorts(`spec.${name}.service`, spec[name]?.service);
  for (const name of ['cn', 'broker'] as const) {
    for (const list of ['requests', 'limits'] as const)
      if (spec[name]?.[list]?.['storage'] !== undefined)
        yield `spec.${name}.${list}.storage: has no effect: ${name === 'cn' ? 'compute nodes' : 'brokers'} have no volume`;
  }
  const { be } = spec;
  if ((be?.storage ?? []).length === 0) {
    if (be?.retainDefaultStorage === true) yield 'spec.be.retainDefaultStorage: has no effect without spec.be.storage: there is the default volume alone';
  } else if (be?.retainDefaultStorage !== true) {
    const why = 'has no effect: the volumes of spec.be.storage take the place of the default one, which it is for';
    if ((be?.storageClassName ?? '') !== '') yield `spec.be.storageClassName: ${why}`;
    if (be?.requests?.['storage'] !== undefined) yield `spec.be.requests.storage: ${why}`;
  }
}

/** The same of a DorisMonitor; `before`: as it was. */
export function* idleInMonitor(spec: MonitorSpec, before: MonitorSpec | undefined): Generator<string> {
  for (const name of ['prometheus', 'grafana'] as const) yield* unusualPorts(`spec.${name}.service`, spec[name]?.service);
  if (before?.grafana === undefined || spec.grafana === undefined) return;
  for (const name of ['adminUser', 'adminPassword', 'adminPasswordFrom'] as const)
    if (!jsonEqual(spec.grafana[name], before.grafana[name]))
      yield `spec.grafana.${name}: Grafana took its administrator when its volume was new: change it there as well, with grafana cli admin reset-admin-password`;
}
