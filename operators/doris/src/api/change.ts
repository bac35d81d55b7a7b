import { forbidden, invalid, quantityNanos } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { backEndPorts, brokerPorts, frontEndPorts } from '../cluster/ports.ts';
import { ALLOW_DOWNGRADE, ALLOW_VERSION_JUMP, downgrade, leftOut } from '../cluster/rollout/version.ts';
import type { BackEndSpec, Spec } from './spec.ts';
import { wordFaults } from './words.ts';

const MEDIA = ['HDD', 'SSD'];
const COMPONENTS = ['fe', 'be', 'cn', 'broker'] as const;

type Annotations = Readonly<Record<string, string>> | undefined;
/** An empty text and none mean the same to existing objects. */
const text = (value: string | undefined): string => value ?? '';

/**
 * What an edit may not do, asked at admission alone. Everything is compared with what was: a value that was there before a rule was made stays, and an old
 * object can be edited in all other places. `before` absent: it is being created, and only the words in it are judged.
 */
export function* changeFaults(spec: Spec, before: Spec | undefined, annotations: Annotations): Generator<FieldError> {
  yield* mediumFaults(spec, before);
  yield* nodePortFaults(spec, before);
  if (before === undefined) return;
  yield* fixedFaults(spec, before);
  yield* portFaults(spec, before);
  yield* sizeFaults(spec, before);
  yield* versionFaults(spec, before, annotations);
}

/** A word that Doris would refuse. Asked of what is new alone: Doris takes some spellings that are not its own. */
function* mediumFaults(spec: Spec, before: Spec | undefined): Generator<FieldError> {
  for (const [index, { name, medium }] of (spec.be?.storage ?? []).entries()) {
    const was = before?.be?.storage?.find((one) => one.name === name)?.medium;
    if (medium !== was) yield* wordFaults(`spec.be.storage[${index}].medium`, medium, MEDIA);
  }
}

/** A node port belongs to one Service alone: the second is refused by Kubernetes, and its component never comes up. */
function* nodePortFaults(spec: Spec, before: Spec | undefined): Generator<FieldError> {
  const ports = (of: Spec | undefined) =>
    [
      ['spec.fe.service.queryPort', of?.fe?.service?.queryPort],
      ['spec.fe.service.httpPort', of?.fe?.service?.httpPort],
      ['spec.be.service.httpPort', of?.be?.service?.httpPort],
      ['spec.cn.service.httpPort', of?.cn?.service?.httpPort],
    ] as const;
  const was = new Map(ports(before));
  const taken = new Map<number, string>();
  for (const [field, port] of ports(spec)) {
    if (port === undefined || port === 0) continue;
    const other = taken.get(port);
    if (other !== undefined && (was.get(field) !== port || was.get(other as typeof field) !== port)) yield invalid(field, port, `${other} has this node port`);
    taken.set(port, field);
  }
}

/** Claim templates of a StatefulSet never change, so neither does what they are made from. */
function* fixedFaults(spec: Spec, before: Spec): Generator<FieldError> {
  const why = 'fixed once the cluster exists: volumes keep the class they were made in';
  for (const name of ['fe', 'be'] as const) {
    const [now, was] = [spec[name], before[name]];
    if (now !== undefined && was !== undefined && text(now.storageClassName) !== text(was.storageClassName))
      yield forbidden(`spec.${name}.storageClassName`, why);
  }
  const [now, was] = [spec.be, before.be];
  if (now === undefined || was === undefined) return;
  const volumes = (be: BackEndSpec) => (be.storage ?? []).map((one) => one.name);
  const [names, earlier] = [volumes(now), volumes(was)];
  if (names.join('/') !== earlier.join('/')) {
    yield forbidden('spec.be.storage', `back ends have the volumes ${earlier.join(', ') || 'be-storage'}: none can be added, taken away, renamed or moved`);
  } else if ((now.retainDefaultStorage === true) !== (was.retainDefaultStorage === true) && names.length > 0) {
    yield forbidden('spec.be.retainDefaultStorage', 'fixed once the cluster exists: it adds a volume or takes one away');
  }
  for (const [index, volume] of (now.storage ?? []).entries()) {
    const old = was.storage?.find(({ name }) => name === volume.name);
    if (old !== undefined && old.storageClassName !== volume.storageClassName) yield forbidden(`spec.be.storage[${index}].storageClassName`, why);
  }
}

/** By host and this port Doris knows a node: under another it would be a second node, and the first one dead with all its data. */
function* portFaults(spec: Spec, before: Spec): Generator<FieldError> {
  const identities = [
    ['fe', 'edit_log_port', (of: Spec) => frontEndPorts(of.fe?.config).editLog],
    ['be', 'heartbeat_service_port', (of: Spec) => backEndPorts(of.be?.config).heartbeat],
    ['cn', 'heartbeat_service_port', (of: Spec) => backEndPorts(of.cn?.config).heartbeat],
    ['broker', 'broker_ipc_port', (of: Spec) => brokerPorts(of.broker?.config).ipc],
  ] as const;
  for (const [name, key, port] of identities) {
    if (spec[name] === undefined || before[name] === undefined || !Number.isFinite(port(spec)) || !Number.isFinite(port(before))) continue;
    if (port(spec) !== port(before)) {
      yield forbidden(`spec.${name}.config[${key}]`, `fixed once the cluster exists, at ${port(before)}: it is part of the name by which Doris knows the node`);
    }
  }
}

/** A volume grows and never shrinks. */
function* sizeFaults(spec: Spec, before: Spec): Generator<FieldError> {
  const isSmaller = (one: string | number | undefined, other: string | number | undefined) =>
    one !== undefined && other !== undefined && (quantityNanos(one) ?? 0n) < (quantityNanos(other) ?? 0n);
  const why = (was: string | number | undefined) => `must not be less than ${String(was)}: a volume can grow and not shrink`;
  const usesDefault = (of: Spec) => (of.be?.storage ?? []).length === 0 || of.be?.retainDefaultStorage === true;
  for (const name of ['fe', 'be'] as const) {
    const [now, was] = [spec[name]?.requests?.['storage'], before[name]?.requests?.['storage']];
    if (isSmaller(now, was) && (name === 'fe' || usesDefault(before))) yield invalid(`spec.${name}.requests.storage`, now, why(was));
  }
  for (const [index, { name, request }] of (spec.be?.storage ?? []).entries()) {
    const was = before.be?.storage?.find((one) => one.name === name)?.request;
    if (isSmaller(request, was)) yield invalid(`spec.be.storage[${index}].request`, request, why(was));
  }
}

/** Back, or past a version in between: what Doris does not promise to survive, unless its owner says that he knows. */
function* versionFaults(spec: Spec, before: Spec, annotations: Annotations): Generator<FieldError> {
  const told = new Set<string>();
  for (const name of COMPONENTS) {
    const [now, was] = [spec[name], before[name]];
    if (now === undefined || was === undefined) continue;
    const [wanted, running] = [now.version || spec.version, was.version || before.version];
    const field = now.version ? `spec.${name}.version` : 'spec.version';
    const [back, missing] = [downgrade(running, wanted), leftOut(running, wanted)];
    const allowed = annotations?.[back === undefined ? ALLOW_VERSION_JUMP : ALLOW_DOWNGRADE] === wanted;
    if ((back === undefined && missing === undefined) || allowed || told.has(field)) continue;
    told.add(field);
    const [what, key] =
      back === undefined ? [`${running} to ${wanted} leaves out ${missing}`, ALLOW_VERSION_JUMP] : [`Doris does not go back from ${back}`, ALLOW_DOWNGRADE];
    yield invalid(field, wanted, `${what}; to do it all the same annotate the DorisCluster with ${key}: "${wanted}"`);
  }
}
