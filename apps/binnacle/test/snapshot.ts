import type { AnyKind, Live } from '@binnacle/client';
import {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  PersistentVolumeClaim,
  Pod,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
} from '@binnacle/client/kinds';
import type { World } from '@binnacle/testing';

const KINDS: readonly AnyKind[] = [
  StatefulSet,
  Pod,
  Service,
  Secret,
  ConfigMap,
  PersistentVolumeClaim,
  ServiceAccount,
  Role,
  RoleBinding,
  ClusterRole,
  ClusterRoleBinding,
];

/** What is in the cluster, without what differs from run to run: `Kind namespace/name` → what was wanted of it. */
export async function snapshot(world: World, resources: readonly AnyKind[]): Promise<Readonly<Record<string, string>>> {
  const rows: [string, string][] = [];
  for (const kind of [...resources, ...KINDS]) {
    const { items } = await world.api.list(kind);
    for (const object of items) rows.push([`${kind.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`, wanted(object)]);
  }
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function wanted(object: Live<AnyKind>): string {
  const { spec, metadata } = object as { spec?: unknown } & Live<AnyKind>;
  const owners = metadata.ownerReferences?.map((owner: { kind: string; name: string; controller?: boolean }) => [owner.kind, owner.name, owner.controller]);
  const text = JSON.stringify({ labels: metadata.labels, owners, finalizers: metadata.finalizers, ...(object.kind === 'Pod' ? {} : { spec }) });
  // Addresses, volumes and hashes are given out in the order in which things happen; passwords are born by chance.
  return text.replaceAll(/"(clusterIPs?|nodePort|volumeName|controller-revision-hash|volumes)":("[^"]*"|\d+|\[[^\]]*\])/g, '"$1":0');
}
