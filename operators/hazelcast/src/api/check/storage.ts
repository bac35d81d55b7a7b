import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Pvc } from '../common.ts';
import type { Spec } from '../spec.ts';
import { labelFaults } from './network.ts';

/** Member's own values for what is not set; seconds. */
const SESSION_TTL = 300;
const SESSION_HEARTBEAT = 5;
const AUTO_REMOVAL = 14_400;
const CP_SIZES = [0, 3, 5, 7] as const;

/** Persistence, tiered storage and the CP subsystem. */
export function* storageFaults(spec: Spec): Iterable<FieldError> {
  yield* persistenceFaults(spec);
  for (const [index, { name }] of (spec.localDevices ?? []).entries()) yield* labelFaults(`spec.localDevices[${index}].name`, name);
  for (const device of spec.localDevices ?? []) yield* pvcFaults('spec.localDevices.pvc', device.pvc, 'must be set when LocalDevice is defined');
  if ((spec.localDevices ?? []).length > 0 && spec.nativeMemory === undefined)
    yield required('spec.nativeMemory', 'Native Memory must be enabled at Hazelcast when Tiered Storage is enabled');
  yield* cpFaults(spec);
}

function* persistenceFaults(spec: Spec): Iterable<FieldError> {
  const { persistence } = spec;
  if (persistence === undefined) {
    if (spec.jet.instance?.losslessRestartEnabled === true)
      yield forbidden('spec.jet.instance.losslessRestartEnabled', 'can be enabled only if persistence enabled');
    if (spec.sql?.catalogPersistenceEnabled === true)
      yield forbidden('spec.sql.catalogPersistenceEnabled', 'catalogPersistence requires Hazelcast persistence enabled');
    return;
  }
  yield* pvcFaults('spec.persistence.pvc', persistence.pvc, 'must be set when persistence is enabled');
  if (persistence.startupAction === 'PartialStart' && persistence.clusterDataRecoveryPolicy === 'FullRecoveryOnly')
    yield forbidden('spec.persistence.startupAction', 'PartialStart can be used only with Partial clusterDataRecoveryPolicy');
  if (spec.nativeMemory !== undefined && spec.nativeMemory.allocatorType !== 'POOLED')
    yield required('spec.nativeMemory.allocatorType', 'STANDARD cannot be combined with persistence, set POOLED');
}

function* pvcFaults(path: string, pvc: Pvc | undefined, why: string): Iterable<FieldError> {
  if (pvc === undefined) yield required(path, why);
  else if ((pvc.accessModes ?? []).length === 0) yield required(`${path}.accessModes`, why);
}

function* cpFaults(spec: Spec): Iterable<FieldError> {
  const cp = spec.cpSubsystem;
  if (cp === undefined) return;
  if (!CP_SIZES.some((size) => size === spec.clusterSize))
    yield invalid('spec.clusterSize', spec.clusterSize, 'cluster with CP Subsystem enabled can have 3, 5, or 7 members');
  if (cp.pvc === undefined && spec.persistence?.pvc === undefined) yield required('spec.cpSubsystem.pvc', 'PVC should be configured');
  const ttl = cp.sessionTTLSeconds ?? SESSION_TTL;
  const removal = cp.missingCpMemberAutoRemovalSeconds ?? AUTO_REMOVAL;
  if (ttl <= (cp.sessionHeartbeatIntervalSeconds ?? SESSION_HEARTBEAT))
    yield invalid('spec.cpSubsystem.sessionTTLSeconds', ttl, 'must be greater than sessionHeartbeatIntervalSeconds');
  if (removal !== 0 && ttl > removal)
    yield invalid('spec.cpSubsystem.sessionTTLSeconds', ttl, 'must be smaller than or equal to missingCpMemberAutoRemovalSeconds');
}
