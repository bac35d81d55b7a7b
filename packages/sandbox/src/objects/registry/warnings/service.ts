import { listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { addressWarnings } from './addresses.ts';

const OLD_HINTS = 'service.kubernetes.io/topology-aware-hints';

/** Source: pkg/api/service/warnings.go, `GetWarningsForService`. */
export function serviceWarnings(service: JsonObject): readonly string[] {
  const spec = objectAt(service, 'spec');
  const text = (key: string) => stringAt(spec, key) ?? '';
  const isNamed = text('type') === 'ExternalName';
  const isHeadless = text('type') === 'ClusterIP' && text('clusterIP') === 'None';
  const external = listAt(spec, 'externalIPs').map(String);
  const balancer = text('loadBalancerIP');
  const own = text('clusterIP') === 'None' || isNamed ? [] : listAt(spec, 'clusterIPs').map(String);
  const when = (holds: boolean, warning: string) => (holds ? [warning] : []);
  const ignored = (field: string) => `spec.${field} is ignored for headless services`;
  return [
    ...when(
      objectAt(objectAt(service, 'metadata'), 'annotations')[OLD_HINTS] !== undefined,
      `annotation ${OLD_HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    ),
    ...own.flatMap((address, index) => addressWarnings(`spec.clusterIPs[${index}]`, address)),
    ...when(isHeadless && balancer !== '', ignored('loadBalancerIP')),
    ...when(isHeadless && external.length > 0, ignored('externalIPs')),
    ...when(isHeadless && text('sessionAffinity') !== 'None', ignored('SessionAffinity')),
    ...external.flatMap((address, index) => addressWarnings(`spec.externalIPs[${index}]`, address)),
    ...when(external.length > 0 && !isHeadless && !isNamed, 'spec.externalIPs is deprecated and may no longer be implemented in some clusters'),
    ...(balancer === '' ? [] : addressWarnings('spec.loadBalancerIP', balancer)),
    ...when(isNamed && external.length > 0, 'spec.externalIPs is ignored when spec.type is "ExternalName"'),
    ...when(!isNamed && text('externalName') !== '', 'spec.externalName is ignored when spec.type is not "ExternalName"'),
    ...when(text('trafficDistribution') === 'PreferClose', 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'),
  ];
}
