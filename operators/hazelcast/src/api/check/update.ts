import { forbidden, jsonEqual, quantityNanos } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import type { Pvc } from '../common.ts';
import type { Spec } from '../spec.ts';
import type { Status } from '../status.ts';
import { licenceSecret } from './licence.ts';
import { UPGRADE_LOSING_DATA, versionProblem } from './version.ts';

/** Condition that stays True once all members have met for the first time: from then on there is data to lose. */
export const FORMED = 'Formed';
/** The kind we replace writes this once a cluster has run, and on a HotBackup before it begins it. */
export const LAST_SUCCESSFUL_SPEC = 'hazelcast.com/last-successful-spec';

/** Said of what members must agree on to be one cluster. */
export const PAUSED_ONLY = 'can be changed only while the cluster is paused: set clusterSize to 0 first';

const FIXED = 'field cannot be updated';

/** What may not change any more. Until the cluster has formed for the first time everything may. */
export function* updateFaults(now: CustomObject<Spec, Status>, before: CustomObject<Spec, Status>): Iterable<FieldError> {
  // A delete takes the finalizer away by an update: nothing may stand in its way.
  if (now.metadata?.deletionTimestamp !== undefined || !hasFormed(before)) return;
  const [to, from] = [now.spec, before.spec];
  if (to.highAvailabilityMode !== from.highAvailabilityMode) yield forbidden('spec.highAvailabilityMode', FIXED);
  yield* presence('spec.persistence', to.persistence, from.persistence);
  if (to.persistence !== undefined && from.persistence !== undefined) {
    yield* claim('spec.persistence.pvc', to.persistence.pvc, from.persistence.pvc);
    if (!same(to.persistence.restore, from.persistence.restore)) yield forbidden('spec.persistence.restore', FIXED);
  }
  yield* presence('spec.cpSubsystem', to.cpSubsystem, from.cpSubsystem);
  if (to.cpSubsystem !== undefined && from.cpSubsystem !== undefined) yield* claim('spec.cpSubsystem.pvc', to.cpSubsystem.pvc, from.cpSubsystem.pvc);
  if (from.sql?.catalogPersistenceEnabled === true && to.sql?.catalogPersistenceEnabled !== true)
    yield forbidden('spec.sql.catalogPersistenceEnabled', 'field cannot be disabled after it has been enabled');
  // Claim templates of a StatefulSet are fixed: a mount without its claim leaves the last pod uncreatable.
  if (!same(devices(to), devices(from))) yield forbidden('spec.localDevices', FIXED);
  else for (const [index, { pvc }] of (to.localDevices ?? []).entries()) yield* claim('spec.localDevices.pvc', pvc, from.localDevices?.[index]?.pvc);
  yield* versionFaults(now, before);
  yield* apartFaults(now, before);
  const resized = to.clusterSize !== from.clusterSize && to.clusterSize !== 0 && from.clusterSize !== 0;
  if (to.cpSubsystem !== undefined && resized && to.clusterSize !== before.status?.clusterSize)
    yield forbidden('spec.clusterSize', 'dynamic scaling not permitted when CP is enabled');
}

/** Whether the cluster has ever been complete, under us or before us. */
export function hasFormed(object: { readonly metadata?: CustomObject<Spec, Status>['metadata']; readonly status?: unknown }): boolean {
  if (object.metadata?.annotations?.[LAST_SUCCESSFUL_SPEC] !== undefined) return true;
  const { conditions = [] } = (object.status ?? {}) as Status; // sound: the status of a Hazelcast
  return conditions.some(({ type, status }) => type === FORMED && status === 'True');
}

function* presence(path: string, to: unknown, from: unknown): Iterable<FieldError> {
  if (to !== undefined && from === undefined) yield forbidden(path, 'field cannot be enabled after creation');
  if (to === undefined && from !== undefined) yield forbidden(path, 'field cannot be disabled after creation');
}

function* versionFaults(now: CustomObject<Spec, Status>, before: CustomObject<Spec, Status>): Iterable<FieldError> {
  const problem = versionProblem({
    from: before.spec.version,
    to: now.spec.version,
    enterprise: licenceSecret(now.spec) !== undefined,
    running: (before.status?.members ?? []).flatMap(({ version }) => version ?? []),
    yes: now.metadata?.annotations?.[UPGRADE_LOSING_DATA],
  });
  if (problem !== undefined) yield forbidden('spec.version', problem);
}

/**
 * Members with one cluster name form no cluster with those of another, nor do encrypted ones with those in clear: restarted one by one, each would begin a
 * cluster of its own beside the data.
 */
function* apartFaults({ spec: to }: CustomObject<Spec, Status>, { spec: from, status }: CustomObject<Spec, Status>): Iterable<FieldError> {
  if (from.clusterSize === 0 && (status?.clusterSize ?? 0) === 0) return;
  if (to.clusterName !== from.clusterName) yield forbidden('spec.clusterName', PAUSED_ONLY);
  if (((to.tls?.secretName ?? '') === '') !== ((from.tls?.secretName ?? '') === '')) yield forbidden('spec.tls', PAUSED_ONLY);
}

/** Volumes grow where their storage class lets them, and never shrink. */
function* claim(path: string, to: Pvc | undefined, from: Pvc | undefined): Iterable<FieldError> {
  const rest = (pvc: Pvc | undefined) => (pvc === undefined ? undefined : { ...pvc, requestStorage: '' });
  if (!same(rest(to), rest(from))) yield forbidden(path, FIXED);
  else if (to !== undefined && from !== undefined && nanos(to) < nanos(from)) yield forbidden(`${path}.requestStorage`, 'volumes cannot shrink');
}

const nanos = ({ requestStorage }: Pvc): bigint => quantityNanos(requestStorage) ?? 0n;

function devices(spec: Spec): unknown {
  return (spec.localDevices ?? []).map(({ name }) => name);
}

function same(a: unknown, b: unknown): boolean {
  return jsonEqual(a ?? null, b ?? null);
}
