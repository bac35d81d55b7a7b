import type { AnyKind, Live } from '@binnacle/client';
import {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  V2HorizontalPodAutoscaler,
} from '@binnacle/client/kinds';
import type { World } from './world.ts';

/** What was wanted of each object, by `Kind namespace/name`, without what differs from run to run. */
export type Snapshot = Readonly<Record<string, string>>;

const KINDS: readonly AnyKind[] = [
  StatefulSet,
  Deployment,
  DaemonSet,
  Job,
  CronJob,
  Pod,
  Service,
  Secret,
  ConfigMap,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  V2HorizontalPodAutoscaler,
  ServiceAccount,
  Role,
  RoleBinding,
  ClusterRole,
  ClusterRoleBinding,
];

/** What is in the cluster: `resources` and what operators make of them. An object whose owners are all gone is marked: nobody will ever clean it up. */
export async function snapshot(world: World, resources: readonly AnyKind[]): Promise<Snapshot> {
  const objects: { readonly kind: string; readonly object: Live<AnyKind> }[] = [];
  for (const kind of [...resources, ...KINDS]) {
    const { items } = await world.api.list(kind);
    for (const object of items) objects.push({ kind: kind.kind, object });
  }
  const known = new Set(resources.concat(KINDS).map(({ kind }) => kind));
  const uids = new Set(objects.map(({ object }) => object.metadata.uid));
  const orphaned = ({ metadata }: Live<AnyKind>): boolean => {
    const owners: readonly { readonly kind: string; readonly uid: string }[] = metadata.ownerReferences ?? [];
    return owners.length > 0 && owners.every(({ kind, uid }) => known.has(kind) && !uids.has(uid));
  };
  const generated = new Map<string, number>();
  const nameOf = ({ metadata: { name, generateName, namespace = '' } }: Live<AnyKind>): string => {
    if (generateName === undefined) return `${namespace}/${name}`;
    const stem = `${namespace}/${generateName}`;
    generated.set(stem, (generated.get(stem) ?? 0) + 1);
    return `${stem}#${generated.get(stem)}`;
  };
  const rows = objects.map(({ kind, object }): [string, string] => [
    `${kind} ${nameOf(object)}`,
    `${orphaned(object) ? 'ORPHAN ' : ''}${wanted(kind, object)}`,
  ]);
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What differs, a line an object; empty when nothing does. */
export function differences(actual: Snapshot, expected: Snapshot): readonly string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].filter((key) => actual[key] !== expected[key]);
  return keys.map((key) => {
    if (actual[key] === undefined) return `${key} is missing`;
    return expected[key] === undefined ? `${key} was left behind: ${actual[key]}` : `${key} is ${actual[key]}, not ${expected[key]}`;
  });
}

function wanted(kind: string, object: Live<AnyKind>): string {
  const { spec, data, metadata } = object as { spec?: unknown; data?: Readonly<Record<string, unknown>> } & Live<AnyKind>;
  const owners = metadata.ownerReferences?.map((owner: { kind: string; name: string; controller?: boolean }) => [owner.kind, owner.name, owner.controller]);
  const content = kind === 'Secret' ? Object.keys(data ?? {}).toSorted() : data; // passwords are born by chance
  const text = JSON.stringify({
    labels: metadata.labels,
    owners,
    finalizers: metadata.finalizers,
    deleted: metadata.deletionTimestamp !== undefined,
    content,
    ...(kind === 'Pod' ? {} : { spec }),
  });
  // Addresses, volumes, hashes and keys are given out by chance and in the order in which things happen.
  return text
    .replaceAll(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/g, 'certificate')
    .replaceAll(
      /"(cluster-id|clusterIPs?|nodePort|healthCheckNodePort|volumeName|controller-revision-hash|controller-uid|batch\.kubernetes\.io\/controller-uid|volumes)":("[^"]*"|\d+|\[[^\]]*\])/g,
      '"$1":0',
    );
}
