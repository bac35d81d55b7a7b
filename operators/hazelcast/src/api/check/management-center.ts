import { duplicate, forbidden, invalid, jsonEqual, required } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import { fresh } from './fresh.ts';
import type { ManagementCenterSpec, ManagementCenterStatus } from '../management-center.ts';

type Object = CustomObject<ManagementCenterSpec, ManagementCenterStatus>;

/** A cluster's name becomes a key of a Secret, a file and a word of a command. */
const FILE_NAME = /^[-_A-Za-z0-9][-._A-Za-z0-9]{0,200}$/;
const FIXED = 'field cannot be updated';

/**
 * What is wrong with a ManagementCenter beyond its schema. Objects from before these rules stay editable: a fault that was there before is not one of the edit.
 * Source: spec/hazelcast-core.md §4.2; scripts match on the texts.
 */
export function* managementCenterFaults(now: Object, before: Object | undefined): Iterable<FieldError> {
  yield* fresh(specFaults, now.spec, before?.spec);
  // A delete takes the finalizer away by an update: nothing may stand in its way.
  if (before !== undefined && now.metadata?.deletionTimestamp === undefined) yield* updateFaults(now.spec, before.spec);
}

function* specFaults(spec: ManagementCenterSpec): Iterable<FieldError> {
  yield* clusterFaults(spec);
  const { ingress } = spec.externalConnectivity;
  if (ingress !== undefined && !ingress.path.startsWith('/')) yield invalid('spec.externalConnectivity.ingress.path', ingress.path, 'must be an absolute path');
}

function* clusterFaults({ hazelcastClusters = [] }: ManagementCenterSpec): Iterable<FieldError> {
  const names = new Set<string>();
  for (const [index, { name, tls }] of hazelcastClusters.entries()) {
    const path = `spec.hazelcastClusters[${index}]`;
    if (!FILE_NAME.test(name)) yield invalid(`${path}.name`, name, 'must consist of letters, digits, `-`, `_` and `.`, and not start with `.`');
    if (names.has(name)) yield duplicate(`${path}.name`, name);
    names.add(name);
    // An object in the field may have an empty section, which means none.
    if (tls?.secretName === '' && tls.mutualAuthentication !== 'None') yield required(`${path}.tls.secretName`, 'must be set when mutualAuthentication is');
  }
}

function* updateFaults(to: ManagementCenterSpec, from: ManagementCenterSpec): Iterable<FieldError> {
  // A StatefulSet's claim templates are fixed, and another volume would be an empty one.
  for (const field of ['enabled', 'existingVolumeClaimName', 'storageClass', 'size'] as const) {
    if (!jsonEqual(to.persistence[field] ?? null, from.persistence[field] ?? null)) yield forbidden(`spec.persistence.${field}`, FIXED);
  }
  if (to.securityProvider?.ldap === undefined && from.securityProvider?.ldap !== undefined && from.persistence.enabled)
    yield forbidden(
      'spec.securityProvider.ldap',
      'cannot be taken out again: it is in the data on the volume. Change it in Management Center, or make a new one',
    );
}
