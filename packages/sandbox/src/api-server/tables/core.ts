import { list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { ageOf } from './age.ts';
import { AGE, CREATED, NAME, count, field, flag, shown, wide, word } from './columns.ts';
import type { BuiltinColumn } from './columns.ts';

const size = (value: unknown) => Object.keys(record(value)).length;

const MODES: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' };
const modes = (value: unknown) =>
  list(value)
    .map((mode) => MODES[String(mode)] ?? String(mode))
    .join(',');

const phase = (object: ApiObject) => (object.metadata.deletionTimestamp === undefined ? word(object, 'status.phase') : 'Terminating');

function nodeStatus(node: ApiObject): string {
  const ready = list(field(node, 'status', 'conditions'))
    .map(record)
    .find((condition) => condition['type'] === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady';
  return field(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(node: ApiObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return roles.length === 0
    ? '<none>'
    : roles
        .map((label) => label.slice(prefix.length))
        .toSorted()
        .join(',');
}

function nodeAddress(node: ApiObject, type: string): string {
  const address = list(field(node, 'status', 'addresses'))
    .map(record)
    .find((one) => one['type'] === type);
  return text(address?.['address']) ?? '<none>';
}

const eventObject = (event: ApiObject) => `${word(event, 'involvedObject.kind').toLowerCase()}/${word(event, 'involvedObject.name')}`;
const eventSource = (event: ApiObject) => {
  const source = [word(event, 'source.component') || word(event, 'reportingComponent'), word(event, 'source.host')].filter((part) => part !== '');
  return source.join(', ');
};
const firstSeen = (event: ApiObject) => field(event, 'firstTimestamp') ?? field(event, 'eventTime');
const lastSeen = (event: ApiObject) => field(event, 'series', 'lastObservedTime') ?? field(event, 'lastTimestamp') ?? firstSeen(event);

/** Columns of namespaces, nodes, configuration, volumes and events. Source: spec/sandbox.md §1.3. */
export const coreTables: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  configmaps: [NAME, shown('Data', (object) => size(object['data']) + size(object['binaryData'])), AGE],
  secrets: [NAME, shown('Type', (object) => word(object, 'type')), shown('Data', (object) => size(object['data'])), AGE],
  serviceaccounts: [NAME, AGE],
  namespaces: [NAME, shown('Status', (object) => word(object, 'status.phase')), AGE],
  limitranges: [NAME, CREATED],
  nodes: [
    NAME,
    shown('Status', nodeStatus),
    shown('Roles', nodeRoles),
    AGE,
    shown('Version', (object) => word(object, 'status.nodeInfo.kubeletVersion')),
    wide('Internal-IP', (object) => nodeAddress(object, 'InternalIP')),
    wide('External-IP', (object) => nodeAddress(object, 'ExternalIP')),
    wide('OS-Image', (object) => word(object, 'status.nodeInfo.osImage', '<unknown>')),
    wide('Kernel-Version', (object) => word(object, 'status.nodeInfo.kernelVersion', '<unknown>')),
    wide('Container-Runtime', (object) => word(object, 'status.nodeInfo.containerRuntimeVersion', '<unknown>')),
  ],
  persistentvolumeclaims: [
    NAME,
    shown('Status', phase),
    shown('Volume', (object) => word(object, 'spec.volumeName')),
    shown('Capacity', (object) => (word(object, 'spec.volumeName') === '' ? '' : word(object, 'status.capacity.storage', '0'))),
    shown('Access Modes', (object) => (word(object, 'spec.volumeName') === '' ? '' : modes(field(object, 'status', 'accessModes')))),
    shown('StorageClass', (object) => word(object, 'spec.storageClassName')),
    shown('VolumeAttributesClass', (object) => word(object, 'spec.volumeAttributesClassName', '<unset>')),
    AGE,
    wide('VolumeMode', (object) => word(object, 'spec.volumeMode', '<unset>')),
  ],
  persistentvolumes: [
    NAME,
    shown('Capacity', (object) => word(object, 'spec.capacity.storage')),
    shown('Access Modes', (object) => modes(field(object, 'spec', 'accessModes'))),
    shown('Reclaim Policy', (object) => word(object, 'spec.persistentVolumeReclaimPolicy')),
    shown('Status', phase),
    shown('Claim', (object) =>
      field(object, 'spec', 'claimRef') === undefined ? '' : `${word(object, 'spec.claimRef.namespace')}/${word(object, 'spec.claimRef.name')}`,
    ),
    shown('StorageClass', (object) => word(object, 'spec.storageClassName')),
    shown('VolumeAttributesClass', (object) => word(object, 'spec.volumeAttributesClassName', '<unset>')),
    shown('Reason', (object) => word(object, 'status.reason')),
    AGE,
    wide('VolumeMode', (object) => word(object, 'spec.volumeMode', '<unset>')),
  ],
  events: [
    shown('Last Seen', (object, now) => ageOf(lastSeen(object), now)),
    shown('Type', (object) => word(object, 'type')),
    shown('Reason', (object) => word(object, 'reason')),
    shown('Object', eventObject),
    wide('Subobject', (object) => word(object, 'involvedObject.fieldPath')),
    wide('Source', eventSource),
    shown('Message', (object) => word(object, 'message').trim()),
    wide('First Seen', (object, now) => ageOf(firstSeen(object), now)),
    wide('Count', (object) => word(object, 'series.count') || word(object, 'count', '1')),
    wide('Name', (object) => object.metadata.name ?? ''),
  ],
  'leases.coordination.k8s.io': [NAME, shown('Holder', (object) => word(object, 'spec.holderIdentity')), AGE],
  'storageclasses.storage.k8s.io': [
    shown('Name', (object) => {
      const isDefault = object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
      return isDefault ? `${object.metadata.name} (default)` : (object.metadata.name ?? '');
    }),
    shown('Provisioner', (object) => word(object, 'provisioner')),
    shown('ReclaimPolicy', (object) => word(object, 'reclaimPolicy', 'Delete')),
    shown('VolumeBindingMode', (object) => word(object, 'volumeBindingMode', 'Immediate')),
    flag('AllowVolumeExpansion', (object) => object['allowVolumeExpansion'] === true),
    AGE,
  ],
  'priorityclasses.scheduling.k8s.io': [
    NAME,
    count('Value', (object) => Number(object['value'] ?? 0)),
    flag('Global-Default', (object) => object['globalDefault'] === true),
    AGE,
    shown('PreemptionPolicy', (object) => word(object, 'preemptionPolicy')),
  ],
};
