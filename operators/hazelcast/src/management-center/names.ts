import type { Center } from '../api/management-center.ts';

/** What the objects of a Management Center are called and marked with: all have its own name. Source: spec/hazelcast-core.md §4.3. */
export const PORTS = { http: 8080, health: 8081 } as const;
export const PORT_NAME = 'mancenter-port';

const NAME = 'app.kubernetes.io/name';
const INSTANCE = 'app.kubernetes.io/instance';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const MANAGER = 'hazelcast-platform-operator';

/** The labels by which Service and StatefulSet find the pod. */
export function selectorOf(mc: Center): Readonly<Record<string, string>> {
  return { [NAME]: 'management-center', [INSTANCE]: mc.metadata.name, [MANAGED_BY]: MANAGER };
}

/** Labels of all that belongs to it. The user's give way to ours. */
export function labelsOf(mc: Center): Readonly<Record<string, string>> {
  return { ...mc.spec.labels, ...selectorOf(mc) };
}

/** What every object is called, marked and annotated with. */
export function metaOf(mc: Center) {
  return { name: mc.metadata.name, labels: labelsOf(mc), ...(mc.spec.annotations === undefined ? {} : { annotations: mc.spec.annotations }) };
}

/** Which ManagementCenter an object with these labels belongs to. */
export function centerOf(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  return labels?.[NAME] === 'management-center' && labels[MANAGED_BY] === MANAGER ? labels[INSTANCE] : undefined;
}

/** Path below which the pages are: no slash at the end, empty for the root. */
export function contextPath(mc: Center): string {
  return (mc.spec.externalConnectivity.ingress?.path ?? '/').replace(/\/+$/, '');
}
