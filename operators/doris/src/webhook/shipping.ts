import { allow, guard } from '@binnacle/runtime';
import type { Hook } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { DorisCluster } from '../api/doris-cluster.ts';
import { DorisMonitor } from '../api/doris-monitor.ts';
import type { MonitorSpec } from '../api/doris-monitor.ts';
import type { Spec } from '../api/spec.ts';
import { COMPONENTS } from '../cluster/names.ts';
import { shipperPlaced } from '../monitor/objects/placed.ts';

type Toleration = NonNullable<Spec['tolerations']>[number];

/** Taints of nodes in trouble: a DaemonSet's pods tolerate these by themselves. */
const OF_KUBERNETES = 'node.kubernetes.io/';

/** Warns when pods of the cluster may run on tainted nodes where nothing collects their logs: neither Kubernetes nor the monitor's status misses those. */
export const shipping: Hook = guard({
  name: 'doris-monitor-shipping',
  kind: DorisMonitor,
  on: ['CREATE', 'UPDATE'],
  reads: [DorisCluster],
  review: ({ object, before, ref }, view) => {
    const spec = (object as { readonly spec?: MonitorSpec } | undefined)?.spec;
    if (spec === undefined || spec.disableLoki === true || jsonEqual(spec, (before as { readonly spec?: MonitorSpec } | undefined)?.spec)) return allow;
    const cluster = view.get(DorisCluster, { namespace: ref.namespace ?? '', name: spec.cluster });
    const shipper = spec.promtail === undefined ? 'alloy' : 'promtail';
    if (cluster === undefined || spec[shipper] === undefined) return allow;
    const own = shipperPlaced({ spec }, shipper).tolerations ?? [];
    const warnings = [...missing(cluster.spec as Spec, own)].map(
      (what) => `spec.${shipper}.tolerations: ${what}, which is not tolerated here: logs of nodes with that taint are not collected`,
    ); // sound: a Live spec is the declared one
    return warnings.length === 0 ? allow : { type: 'allow', warnings };
  },
});

/** What components tolerate beyond that. */
function* missing(spec: Spec, own: readonly Toleration[]): Generator<string> {
  for (const name of COMPONENTS) {
    const theirs = spec[name]?.tolerations ?? [];
    if (spec[name] === undefined) continue;
    for (const one of theirs.length > 0 ? theirs : (spec.tolerations ?? [])) {
      if (one.effect === 'PreferNoSchedule' || (one.key ?? '').startsWith(OF_KUBERNETES) || own.some((other) => covers(other, one))) continue;
      yield `spec.${name} of DorisCluster tolerates ${inWords(one)}`;
    }
  }
}

/** Whether one tolerates all that the other does. Source: kubernetes.io/docs, Taints and Tolerations. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  const isAny = (one: Toleration) => one.operator === 'Exists';
  const sameKey = (wide.key ?? '') === '' ? isAny(wide) : wide.key === narrow.key;
  const sameValue = isAny(wide) || (!isAny(narrow) && (wide.value ?? '') === (narrow.value ?? ''));
  return sameKey && sameValue && ((wide.effect ?? '') === '' || wide.effect === narrow.effect);
}

/** As `kubectl taint` writes it. */
function inWords({ key = '', operator, value = '', effect = '' }: Toleration): string {
  if (key === '') return effect === '' ? 'any taint' : `any taint with ${effect}`;
  return `${key}${operator === 'Exists' || value === '' ? '' : `=${value}`}${effect === '' ? '' : `:${effect}`}`;
}
