import { list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { AGE, NAME, field, shown, wide, word } from './columns.ts';
import type { BuiltinColumn } from './columns.ts';
import { labelsText, selectorText } from './selector-text.ts';

function externalIp(service: ApiObject): string {
  const extra = list(field(service, 'spec', 'externalIPs')).map(String);
  const ingress = list(field(service, 'status', 'loadBalancer', 'ingress')).map((one) => text(record(one)['ip']) ?? text(record(one)['hostname']) ?? '');
  switch (word(service, 'spec.type')) {
    case 'LoadBalancer':
      return [...ingress, ...extra].join(',') || '<pending>';
    case 'ExternalName':
      return word(service, 'spec.externalName');
    default:
      return extra.join(',') || '<none>';
  }
}

function servicePorts(service: ApiObject): string {
  const ports = list(field(service, 'spec', 'ports')).map((port) => {
    const { port: number, nodePort, protocol = 'TCP' } = record(port);
    return typeof nodePort === 'number' && nodePort > 0 ? `${String(number)}:${nodePort}/${String(protocol)}` : `${String(number)}/${String(protocol)}`;
  });
  return ports.join(',') || '<none>';
}

/** At most three, and how many more there are. */
function some(values: readonly string[]): string {
  if (values.length === 0) return '<none>';
  return values.length <= 3 ? values.join(',') : `${values.slice(0, 3).join(',')} + ${values.length - 3} more...`;
}

/** Those that rules name; how many more there are counts the rules. Source: pkg/printers/internalversion/printers.go, `formatHosts`. */
function hosts(ofRules: readonly string[]): string {
  const first: string[] = [];
  let more = '';
  for (const host of ofRules) {
    if (first.length === 3) more = ` + ${ofRules.length - 3} more...`;
    else if (host !== '') first.push(host);
  }
  return first.length === 0 ? '*' : first.join(',') + more;
}

function endpointAddresses(endpoints: ApiObject): string {
  const addresses = list(endpoints['subsets']).flatMap((subset) => {
    const ips = list(record(subset)['addresses']).map((address) => word(address, 'ip'));
    const ports = list(record(subset)['ports']);
    return ports.length === 0 ? ips : ports.flatMap((port) => ips.map((ip) => `${ip}:${word(port, 'port')}`));
  });
  return some(addresses);
}

/** Columns of services and what stands behind them. Source: spec/sandbox.md §1.3. */
export const networkTables: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  services: [
    NAME,
    shown('Type', (object) => word(object, 'spec.type')),
    shown('Cluster-IP', (object) => word(object, 'spec.clusterIP', '<none>')),
    shown('External-IP', externalIp),
    shown('Port(s)', servicePorts),
    AGE,
    wide('Selector', (object) => labelsText(field(object, 'spec', 'selector'))),
  ],
  endpoints: [NAME, shown('Endpoints', endpointAddresses), AGE],
  'endpointslices.discovery.k8s.io': [
    NAME,
    shown('AddressType', (object) => word(object, 'addressType')),
    shown(
      'Ports',
      (object) =>
        list(object['ports'])
          .map((port) => word(port, 'port'))
          .join(',') || '<unset>',
    ),
    shown('Endpoints', (object) => {
      const addresses = list(object['endpoints']).flatMap((endpoint) => list(record(endpoint)['addresses']).map(String));
      return addresses.length === 0 ? '<unset>' : some(addresses);
    }),
    AGE,
  ],
  'ingresses.networking.k8s.io': [
    NAME,
    shown('Class', (object) => word(object, 'spec.ingressClassName', '<none>')),
    shown('Hosts', (object) => hosts(list(field(object, 'spec', 'rules')).map((rule) => word(rule, 'host')))),
    shown('Address', (object) =>
      list(field(object, 'status', 'loadBalancer', 'ingress'))
        .map((one) => word(one, 'ip') || word(one, 'hostname'))
        .join(','),
    ),
    shown('Ports', (object) => (list(field(object, 'spec', 'tls')).length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  'networkpolicies.networking.k8s.io': [NAME, shown('Pod-Selector', (object) => selectorText(field(object, 'spec', 'podSelector'))), AGE],
};
