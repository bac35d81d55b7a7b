import { forbidden, invalid, required, tooLong } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';

/** Most members of a cluster. */
const MEMBERS_MOST = 300;
/** Ports that every member listens on: clients, members, REST. */
const TAKEN = [5701, 5702, 8081] as const;
const NAME = /^[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/;

/** The name becomes that of Services. */
export function* nameFaults(name: string): Iterable<FieldError> {
  if (!NAME.test(name)) yield invalid('metadata.name', name, 'must look like a DNS-1035 label: it starts with a letter and has letters, digits and dashes');
}

/** Pods carry their set's name with a dash and a revision of ten characters in one label, which holds 63; bytes. */
const NAME_MOST = 52;

/** A name with which no pod or Service could be made. Only of a new one: a revision may be shorter, so an old one may have pods. */
export function* newNameFaults(name: string): Iterable<FieldError> {
  if (name.includes('.')) yield invalid('metadata.name', name, 'must not contain dots: Services are called by it, whose names are labels');
  if (name.length > NAME_MOST) yield tooLong('metadata.name', NAME_MOST);
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A name that becomes one of a volume, a port or a part of a Service's: Kubernetes takes no other, and would say so of an object that the user never wrote. */
export function* labelFaults(path: string, name: string): Iterable<FieldError> {
  if (!LABEL.test(name) || name.length > 63)
    yield invalid(path, name, 'must be lower-case letters, digits and dashes, and begin and end with a letter or digit');
}

/** Size, exposure and WAN endpoints. */
export function* networkFaults(spec: Spec): Iterable<FieldError> {
  if (spec.clusterSize > MEMBERS_MOST) yield invalid('spec.clusterSize', spec.clusterSize, `may not be greater than ${MEMBERS_MOST}`);
  const expose = spec.exposeExternally;
  if (expose !== undefined) {
    if (expose.type === 'Unisocket' && expose.memberAccess !== undefined)
      yield forbidden('spec.exposeExternally.memberAccess', 'can\'t be set when exposeExternally.type is set to "Unisocket"');
    if (expose.discoveryServiceType !== 'LoadBalancer' && expose.discoveryServiceType !== 'NodePort')
      yield invalid('spec.exposeExternally.discoveryServiceType', expose.discoveryServiceType, 'service type not supported');
  }
  if (spec.tls !== undefined && spec.tls.secretName === '' && spec.tls.mutualAuthentication !== 'None')
    yield required('spec.tls.secretName', 'TLS Secret name must be set');
  yield* wanFaults(spec);
}

function* wanFaults(spec: Spec): Iterable<FieldError> {
  const ranges: { readonly from: number; readonly to: number }[] = [];
  for (const [index, wan] of (spec.advancedNetwork?.wan ?? []).entries()) {
    const path = `spec.advancedNetwork.wan[${index}]`;
    const type = wan.serviceType ?? '';
    // Other words passed the kind we replace and failed at the Service; here they are named at once.
    if (type !== '' && type !== 'LoadBalancer' && type !== 'ClusterIP')
      yield forbidden(path, 'invalid serviceType value, possible values are ClusterIP and LoadBalancer');
    if (wan.name === undefined || wan.name === '') yield required(`${path}.name`, 'it is part of the name of a Service');
    else yield* labelFaults(`${path}.name`, wan.name);
    if (wan.port === undefined || wan.port === 0) yield required(`${path}.port`);
    if (wan.portCount === undefined || wan.portCount === 0) yield required(`${path}.portCount`, 'a Service without ports cannot be');
    const from = wan.port ?? 0;
    const to = from + (wan.portCount ?? 0) - 1;
    if (to > 65_535) yield invalid(`${path}.portCount`, wan.portCount, 'the last port may not be greater than 65535');
    if (TAKEN.some((port) => port >= from && port <= to)) yield invalid(path, `${from}-${to}`, `wan ports conflicting with one of ${TAKEN.join(',')}`);
    ranges.push({ from, to });
  }
  ranges.sort((a, b) => a.from - b.from);
  for (const [index, range] of ranges.entries()) {
    const next = ranges[index + 1];
    if (next !== undefined && next.from <= range.to)
      yield invalid('spec.advancedNetwork.wan', `${range.from}-${range.to}`, `wan ports overlapping with ${next.from}-${next.to}`);
  }
}
