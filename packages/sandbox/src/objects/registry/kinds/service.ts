import { isIP } from 'node:net';
import { duplicate, forbidden, invalid, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt, withKey, without } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { labelErrors } from '../../metadata.ts';
import { dnsLabel, dnsSubdomain } from '../../names.ts';
import { editEach } from '../decode/fill.ts';
import { isExternal } from '../decode/service.ts';
import type { Env, KindRules } from '../strategy.ts';
import { portNumber, protocol } from './pod-spec.ts';

/** Services: addresses and node ports are given once and kept, also when an update leaves them out. Source: spec/sandbox.md §2.17. */
export const service: KindRules = {
  name: dnsLabel,
  allowCreateOnUpdate: true,
  absent: /^spec\.ports/,
  newStatus: { loadBalancer: {} },
  create: (object, env) => ({ ...object, spec: allocated(normalized(objectAt(object, 'spec'), undefined), env) }),
  update: (next, before, env) => {
    const stored = objectAt(before, 'spec');
    const kept = withoutUnneeded(withOldValues(normalized(objectAt(next, 'spec'), stored), stored), stored);
    return { ...next, spec: allocated(kept, env) };
  },
  validate: (object) => serviceErrors(objectAt(object, 'spec')),
  validateStatus: balancerErrors,
  validateUpdate: (next, before) => addressChanges(objectAt(next, 'spec'), objectAt(before, 'spec')),
};

const needsAddress = (spec: JsonObject) => spec['type'] !== 'ExternalName';
const needsNodePort = (spec: JsonObject) => spec['type'] === 'NodePort' || (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false);
/** Source: pkg/registry/core/service/storage/alloc.go, `allocHealthCheckNodePort`. */
const needsHealthCheck = (spec: JsonObject) => spec['type'] === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local';
const isHeadless = (spec: JsonObject) => spec['clusterIP'] === 'None';

/** `clusterIP` and `clusterIPs` say the same: clients write the one or the other. */
function normalized(spec: JsonObject, stored: JsonObject | undefined): JsonObject {
  const address = stringAt(spec, 'clusterIP') ?? '';
  const addresses = listAt(spec, 'clusterIPs');
  const old = stored === undefined ? '' : (stringAt(stored, 'clusterIP') ?? '');
  if (stored === undefined || address !== old) {
    if (address !== '' && (addresses.length === 0 || (stored !== undefined && equal(addresses, stored['clusterIPs']))))
      return { ...spec, clusterIPs: [address] };
    if (stored !== undefined && address === '' && equal(addresses, stored['clusterIPs'])) return without(spec, 'clusterIPs');
  } else if (addresses.length > 0 && !equal(addresses, stored['clusterIPs'])) return { ...spec, clusterIP: addresses[0] };
  return spec;
}

function withOldValues(spec: JsonObject, stored: JsonObject): JsonObject {
  let out = spec;
  if (needsAddress(stored) && needsAddress(spec)) {
    if ((stringAt(out, 'clusterIP') ?? '') === '') out = withKey(out, 'clusterIP', stored['clusterIP']);
    if (listAt(out, 'clusterIPs').length === 0) out = withKey(out, 'clusterIPs', stored['clusterIPs']);
    for (const key of ['ipFamilies', 'ipFamilyPolicy']) if (out[key] === undefined) out = withKey(out, key, stored[key]);
  }
  if (needsHealthCheck(stored) && needsHealthCheck(spec) && (out['healthCheckNodePort'] ?? 0) === 0)
    out = withKey(out, 'healthCheckNodePort', stored['healthCheckNodePort']);
  if (!needsNodePort(stored) || !needsNodePort(spec)) return out;
  const ports = listAt(stored, 'ports').filter(isObject);
  const used = new Set(listAt(spec, 'ports').map((port) => (isObject(port) ? port['nodePort'] : undefined)));
  const byName = new Map(ports.map((port) => [stringAt(port, 'name') ?? '', port['nodePort']]));
  return editEach(out, 'ports', (port) => {
    const old = byName.get(stringAt(port, 'name') ?? '');
    return port['nodePort'] === undefined && old !== undefined && !used.has(old) ? { ...port, nodePort: old } : port;
  });
}

/** A service that changes its type gives back what the new type has no use for, where the request did not change it as well. */
function withoutUnneeded(spec: JsonObject, stored: JsonObject): JsonObject {
  let out = spec;
  const drop = (...keys: readonly string[]) => {
    for (const key of keys) if (equal(out[key], stored[key])) out = without(out, key);
  };
  if (needsAddress(stored) && !needsAddress(spec)) drop('clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy');
  if (needsNodePort(stored) && !needsNodePort(spec) && equal(nodePorts(spec), nodePorts(stored)))
    out = editEach(out, 'ports', (port) => without(port, 'nodePort'));
  if (stored['type'] === 'LoadBalancer' && spec['type'] !== 'LoadBalancer') drop('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  if (isExternal(stored) && !isExternal(spec)) drop('externalTrafficPolicy');
  if (needsHealthCheck(stored) && !needsHealthCheck(spec)) drop('healthCheckNodePort');
  return out;
}

const nodePorts = (spec: JsonObject) => listAt(spec, 'ports').flatMap((port) => (isObject(port) && port['nodePort'] !== undefined ? [port['nodePort']] : []));

function allocated(spec: JsonObject, env: Env): JsonObject {
  if (!needsAddress(spec)) return spec;
  let out = spec;
  if (out['ipFamilyPolicy'] === undefined) {
    const dual = isHeadless(out) && Object.keys(objectAt(out, 'selector')).length === 0;
    out = { ...out, ipFamilyPolicy: dual ? 'RequireDualStack' : 'SingleStack' };
  }
  if (listAt(out, 'ipFamilies').length === 0)
    out = { ...out, ipFamilies: out['ipFamilyPolicy'] === 'RequireDualStack' && isHeadless(out) ? ['IPv4', 'IPv6'] : ['IPv4'] };
  if ((stringAt(out, 'clusterIP') ?? '') === '') {
    const address = env.allocateClusterIP();
    out = { ...out, clusterIP: address, clusterIPs: [address] };
  }
  if (needsHealthCheck(out) && (out['healthCheckNodePort'] ?? 0) === 0) out = { ...out, healthCheckNodePort: env.allocateNodePort() };
  return needsNodePort(out) ? editEach(out, 'ports', (port) => (port['nodePort'] === undefined ? { ...port, nodePort: env.allocateNodePort() } : port)) : out;
}

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

function serviceErrors(spec: JsonObject): readonly FieldError[] {
  const type = stringAt(spec, 'type') ?? '';
  const ports = listAt(spec, 'ports').filter(isObject);
  const found: FieldError[] = [];
  if (!TYPES.includes(type)) found.push(unsupported('spec.type', type, TYPES));
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') found.push(required('spec.ports'));
  if (isHeadless(spec) && (type === 'LoadBalancer' || type === 'NodePort')) {
    found.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
  }
  if (type === 'ExternalName') {
    if (listAt(spec, 'clusterIPs').length > 0) found.push(forbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
    if ((stringAt(spec, 'externalName') ?? '') === '') found.push(required('spec.externalName'));
  }
  for (const [at, address] of type === 'ExternalName' ? [] : listAt(spec, 'clusterIPs').entries()) {
    if (typeof address === 'string' && address !== 'None' && isIP(address) === 0)
      found.push(invalid(`spec.clusterIPs[${at}]`, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
  }
  found.push(...trafficErrors(spec));
  const affinity = spec['sessionAffinity'];
  if (affinity !== 'None' && affinity !== 'ClientIP') found.push(unsupported('spec.sessionAffinity', affinity, ['ClientIP', 'None']));
  return [...found, ...labelErrors(spec['selector'], 'spec.selector'), ...portErrors(ports, type)];
}

/** Source: pkg/apis/core/validation/validation.go, `validateServiceExternalTrafficPolicy`, `validateServiceInternalTrafficFieldsValue`. */
function trafficErrors(spec: JsonObject): readonly FieldError[] {
  const [outside, inside] = [spec['externalTrafficPolicy'], spec['internalTrafficPolicy']];
  const found: FieldError[] = [];
  if (!isExternal(spec)) {
    if (outside !== undefined) found.push(invalid('spec.externalTrafficPolicy', outside, 'may only be set for externally-accessible services'));
  } else if (outside !== 'Cluster' && outside !== 'Local') found.push(unsupported('spec.externalTrafficPolicy', outside, ['Cluster', 'Local']));
  if (!needsHealthCheck(spec) && (spec['healthCheckNodePort'] ?? 0) !== 0) {
    const when = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    found.push(invalid('spec.healthCheckNodePort', spec['healthCheckNodePort'], when));
  }
  if (inside !== undefined && inside !== 'Cluster' && inside !== 'Local') found.push(unsupported('spec.internalTrafficPolicy', inside, ['Cluster', 'Local']));
  return found;
}

const IP_MODES = ['Proxy', 'VIP'];

/** Source: pkg/apis/core/validation/validation.go, `ValidateLoadBalancerStatus`. */
function balancerErrors(object: JsonObject): readonly FieldError[] {
  const at = 'status.loadBalancer.ingress';
  const points = listAt(objectAt(objectAt(object, 'status'), 'loadBalancer'), 'ingress').filter(isObject);
  if (points.length > 0 && objectAt(object, 'spec')['type'] !== 'LoadBalancer') return [forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")];
  return points.flatMap((point, index) => {
    const [ip, mode, hostname] = [stringAt(point, 'ip') ?? '', point['ipMode'], stringAt(point, 'hostname') ?? ''];
    const found: FieldError[] = [];
    if (ip !== '' && isIP(ip) === 0) found.push(invalid(`${at}[${index}].ip`, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
    if (mode !== undefined && ip === '') found.push(forbidden(`${at}[${index}].ipMode`, 'may not be specified when `ip` is not set'));
    else if (typeof mode === 'string' && !IP_MODES.includes(mode)) found.push(unsupported(`${at}[${index}].ipMode`, mode, IP_MODES));
    if (hostname === '') return found;
    found.push(...dnsSubdomain(hostname).map((text) => invalid(`${at}[${index}].hostname`, hostname, text)));
    return isIP(hostname) === 0 ? found : [...found, invalid(`${at}[${index}].hostname`, hostname, 'must be a DNS name, not an IP address')];
  });
}

function portErrors(ports: readonly JsonObject[], type: string): readonly FieldError[] {
  const names = new Set<string>();
  const numbers = new Set<string>();
  return ports.flatMap((port, at) => {
    const field = `spec.ports[${at}]`;
    const name = stringAt(port, 'name') ?? '';
    const found: FieldError[] = [];
    if (name === '' && ports.length > 1) found.push(required(`${field}.name`));
    else if (name !== '') {
      found.push(...dnsLabel(name).map((text) => invalid(`${field}.name`, name, text)));
      if (names.has(name)) found.push(duplicate(`${field}.name`, name));
      names.add(name);
    }
    for (const key of ['port', 'targetPort']) if (typeof port[key] !== 'string') found.push(...portNumber(port[key] ?? 0, `${field}.${key}`, 'Invalid'));
    found.push(...protocol(port, `${field}.protocol`));
    if (type === 'ClusterIP' && port['nodePort'] !== undefined) found.push(forbidden(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    const number = `${stringAt(port, 'protocol')}/${String(port['port'] as number)}`;
    if (numbers.has(number)) found.push(duplicate(field, { protocol: port['protocol'], port: port['port'] }));
    numbers.add(number);
    return found;
  });
}

function addressChanges(spec: JsonObject, stored: JsonObject): readonly FieldError[] {
  if (!needsAddress(spec) || !needsAddress(stored)) return [];
  const old = listAt(stored, 'clusterIPs');
  const now = listAt(spec, 'clusterIPs');
  if (old.length > 0 && now.length === 0) return [invalid('spec.clusterIPs[0]', now, 'primary clusterIP can not be unset')];
  return old.flatMap((address, at) => (at < now.length && now[at] !== address ? [invalid(`spec.clusterIPs[${at}]`, now, 'may not change once set')] : []));
}
