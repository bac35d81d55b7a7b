import type { AnyKind } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { allow, guard } from '@binnacle/runtime';
import type { Hook, Verdict, View } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { DorisCluster } from '../api/doris-cluster.ts';
import { DorisInitializer } from '../api/doris-initializer.ts';
import { DorisMonitor } from '../api/doris-monitor.ts';
import { idleInCluster, idleInInitializer, idleInMonitor } from './idle.ts';
import { clusterReferences, initializerReferences, monitorReferences } from './references.ts';
import type { Reference } from './references.ts';

/** More than these are one too many to read in a terminal; the rest is counted. */
const WARNINGS_MOST = 10;

/**
 * Warns, and never refuses: of what an object names and is not there, since it may come a moment later with the same `kubectl apply`, of passwords that
 * stand in the object itself, and of what has no effect. A webhook that runs apart from the controllers has no right to see Secrets, and gives no such advice there.
 */
export const advice: readonly Hook[] = [
  missing('doris-cluster-references', DorisCluster, clusterReferences),
  missing('doris-initializer-references', DorisInitializer, initializerReferences),
  missing('doris-monitor-references', DorisMonitor, monitorReferences),
  plain('doris-initializer-passwords', DorisInitializer, ({ rootPassword, rootPasswordFrom, adminPassword, adminPasswordFrom }) => [
    ['spec.rootPassword', rootPasswordFrom === undefined && (rootPassword ?? '') !== ''],
    ['spec.adminPassword', adminPasswordFrom === undefined && (adminPassword ?? '') !== ''],
  ]),
  plain('doris-monitor-passwords', DorisMonitor, ({ grafana }) => [
    ['spec.grafana.adminPassword', grafana !== undefined && grafana.adminPasswordFrom === undefined && (grafana.adminPassword ?? '') !== ''],
  ]),
  telling('doris-cluster-idle', DorisCluster, idleInCluster),
  telling('doris-initializer-idle', DorisInitializer, idleInInitializer),
  telling('doris-monitor-idle', DorisMonitor, idleInMonitor),
];

type SpecOf<K> = K extends { readonly check: (now: infer O, ...rest: any[]) => unknown } ? (O extends { readonly spec: infer S } ? S : never) : never;

function missing<K extends AnyKind>(name: string, kind: K, references: (spec: SpecOf<K>) => Iterable<Reference>): Hook {
  return guard({
    name,
    kind,
    on: ['CREATE', 'UPDATE'],
    reads: [Secret, ConfigMap],
    besideControllers: true,
    review: ({ object, before, ref }, view) => {
      const [now, was] = [object as { readonly spec?: SpecOf<K> } | undefined, before as { readonly spec?: SpecOf<K> } | undefined];
      if (now?.spec === undefined || jsonEqual(now.spec, was?.spec)) return allow;
      const namespace = ref.namespace ?? '';
      return warned([...references(now.spec)].flatMap((one) => what(one, namespace, view)));
    },
  });
}

function what({ field, kind, name, key }: Reference, namespace: string, view: View): readonly string[] {
  const found = kind === 'Secret' ? view.get(Secret, { namespace, name }) : view.get(ConfigMap, { namespace, name });
  if (found === undefined) return [`${field}: there is no ${kind} ${name} in namespace ${namespace} yet`];
  const binary = kind === 'ConfigMap' ? (found as { readonly binaryData?: Readonly<Record<string, string>> }).binaryData : undefined;
  return key === undefined || found.data?.[key] !== undefined || binary?.[key] !== undefined ? [] : [`${field}: ${kind} ${name} has no key ${key}`];
}

function plain<K extends AnyKind>(name: string, kind: K, passwords: (spec: SpecOf<K>) => readonly (readonly [field: string, isPlain: boolean])[]): Hook {
  return telling(name, kind, (spec: SpecOf<K>) =>
    passwords(spec).flatMap(([field, isPlain]) =>
      isPlain ? [`${field}: a password in plain text, which everybody who may read this object reads: use ${field}From`] : [],
    ),
  );
}

/** Lines that follow from a spec, and from what it was. */
function telling<K extends AnyKind>(name: string, kind: K, lines: (spec: SpecOf<K>, before: SpecOf<K> | undefined) => Iterable<string>): Hook {
  return guard({
    name,
    kind,
    on: ['CREATE', 'UPDATE'],
    review: ({ object, before }) => {
      const [now, was] = [object as { readonly spec?: SpecOf<K> } | undefined, before as { readonly spec?: SpecOf<K> } | undefined];
      if (now?.spec === undefined || jsonEqual(now.spec, was?.spec)) return allow;
      return warned([...lines(now.spec, was?.spec)]);
    },
  });
}

function warned(all: readonly string[]): Verdict {
  if (all.length === 0) return allow;
  const more = all.length - WARNINGS_MOST;
  return { type: 'allow', warnings: more > 0 ? [...all.slice(0, WARNINGS_MOST), `and ${more} more`] : all };
}
