import { isIP } from 'node:net';
import { duplicate, invalid, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { immutable } from '../../metadata.ts';
import { dnsLabel, dnsSubdomain } from '../../names.ts';
import type { KindRules } from '../strategy.ts';
import { portName, portNumber } from './pod-spec.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ADDRESSES = 100;

export const endpointSlice: KindRules = {
  lists: [['endpoints'], ['ports']],
  // Endpoints that a change leaves as they are pass: older versions took more. Source: pkg/apis/discovery/validation/validation.go, `ValidateEndpointSlice`.
  validate: (object, before) => {
    const type = stringAt(object, 'addressType') ?? '';
    const same = before !== undefined && equal(before['endpoints'], object['endpoints']);
    const endpoints = same ? [] : listAt(object, 'endpoints').map((one) => (isObject(one) ? one : {}));
    const found: FieldError[] = [];
    if (type === '') found.push(required('addressType'));
    else if (!ADDRESS_TYPES.includes(type)) found.push(unsupported('addressType', type, ADDRESS_TYPES));
    for (const [at, endpoint] of endpoints.entries()) found.push(...endpointErrors(endpoint, `endpoints[${at}]`, type));
    return [...found, ...slicePortErrors(listAt(object, 'ports').filter(isObject))];
  },
  validateUpdate: (next, before) => immutable(next, before, 'addressType', 'addressType'),
};

function endpointErrors(endpoint: JsonObject, field: string, type: string): readonly FieldError[] {
  const addresses = listAt(endpoint, 'addresses');
  const found: FieldError[] = addresses.length === 0 ? [required(`${field}.addresses`, 'must contain at least 1 address')] : [];
  if (addresses.length > MAX_ADDRESSES) found.push({ reason: 'FieldValueTooMany', field: `${field}.addresses`, message: 'Too many' });
  for (const [at, value] of addresses.entries()) {
    const address = typeof value === 'string' ? value : '';
    const where = `${field}.addresses[${at}]`;
    if (type === 'FQDN') found.push(...domainErrors(address, where));
    else if (type === 'IPv4' || type === 'IPv6') found.push(...addressErrors(address, where, type));
  }
  const hostname = stringAt(endpoint, 'hostname');
  return hostname === undefined ? found : [...found, ...dnsLabel(hostname).map((text) => invalid(`${field}.hostname`, hostname, text))];
}

function domainErrors(address: string, field: string): readonly FieldError[] {
  const found = dnsSubdomain(address);
  const short = found.length === 0 && !address.includes('.') ? ['should be a domain with at least two segments separated by dots'] : [];
  return [...found, ...short].map((text) => invalid(field, address, text));
}

function addressErrors(address: string, field: string, type: 'IPv4' | 'IPv6'): readonly FieldError[] {
  const family = isIP(address);
  if (family === 0) return [invalid(field, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
  return family === (type === 'IPv4' ? 4 : 6) ? [] : [invalid(field.replace(/\[\d+\]$/, ''), address, `must be an ${type} address`)];
}

function slicePortErrors(ports: readonly JsonObject[]): readonly FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, at) => {
    const name = stringAt(port, 'name') ?? '';
    const found: FieldError[] = names.has(name) ? [duplicate(`ports[${at}].name`, name)] : [];
    names.add(name);
    if (name !== '') found.push(...dnsLabel(name).map((text) => invalid(`ports[${at}].name`, name, text)));
    return found;
  });
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

export const ingress: KindRules = {
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const rules = listAt(spec, 'rules').map((one) => (isObject(one) ? one : {}));
    const found: FieldError[] = [];
    if (rules.length === 0 && spec['defaultBackend'] === undefined) {
      found.push(invalid('spec', spec['rules'] ?? [], 'either `defaultBackend` or `rules` must be specified'));
    }
    if (isObject(spec['defaultBackend'])) found.push(...backendErrors(spec['defaultBackend'], 'spec.defaultBackend'));
    for (const [at, rule] of rules.entries()) found.push(...hostErrors(rule, `spec.rules[${at}]`));
    const name = stringAt(spec, 'ingressClassName');
    return name === undefined ? found : [...found, ...dnsSubdomain(name).map((text) => invalid('spec.ingressClassName', name, text))];
  },
};

function hostErrors(rule: JsonObject, field: string): readonly FieldError[] {
  const host = stringAt(rule, 'host') ?? '';
  const found: FieldError[] = [];
  if (isIP(host) !== 0) found.push(invalid(`${field}.host`, host, 'must be a DNS name, not an IP address'));
  else if (host !== '') found.push(...dnsSubdomain(host.replace(/^\*\./, '')).map((text) => invalid(`${field}.host`, host, text)));
  if (!isObject(rule['http'])) return found;
  const paths = listAt(rule['http'], 'paths').map((one) => (isObject(one) ? one : {}));
  if (paths.length === 0) found.push(required(`${field}.http.paths`));
  for (const [at, path] of paths.entries()) found.push(...pathErrors(path, `${field}.http.paths[${at}]`));
  return found;
}

function pathErrors(item: JsonObject, field: string): readonly FieldError[] {
  const path = stringAt(item, 'path') ?? '';
  const type = stringAt(item, 'pathType');
  const found: FieldError[] = [];
  if (type === undefined) found.push(required(`${field}.pathType`, 'pathType must be specified'));
  else if (!PATH_TYPES.includes(type)) found.push(unsupported(`${field}.pathType`, type, PATH_TYPES));
  else if (type !== 'ImplementationSpecific' && !path.startsWith('/')) found.push(invalid(`${field}.path`, path, 'must be an absolute path'));
  return [...found, ...backendErrors(objectAt(item, 'backend'), `${field}.backend`)];
}

/** Source: pkg/apis/networking/validation/validation.go, `validateIngressBackend`. */
function backendErrors(backend: JsonObject, field: string): readonly FieldError[] {
  const service = backend['service'];
  const isResource = isObject(backend['resource']);
  if (!isObject(service)) return isResource ? [] : [invalid(field, '', 'resource or service backend is required')];
  if (isResource) return [invalid(field, '', 'cannot set both resource and service backends')];
  const name = stringAt(service, 'name') ?? '';
  const port = objectAt(service, 'port');
  const found: FieldError[] = name === '' ? [required(`${field}.service.name`)] : dnsLabel(name).map((text) => invalid(`${field}.service.name`, name, text));
  const [portCalled, number] = [stringAt(port, 'name') ?? '', port['number'] ?? 0];
  // Told of the backend as a whole: so does the real server.
  if (portCalled !== '' && number !== 0) return [...found, invalid(field, '', 'cannot set both port name & port number')];
  if (portCalled !== '') return [...found, ...portName(portCalled).map((text) => invalid(`${field}.service.port.name`, portCalled, text))];
  return number === 0 ? [...found, required(field, 'port name or number is required')] : [...found, ...portNumber(number, `${field}.service.port.number`)];
}
