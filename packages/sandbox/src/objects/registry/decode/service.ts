import { objectAt, without } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Defaults } from './defaults.ts';
import { editEach, fill, fillText } from './fill.ts';

/** Seconds a client stays with its pod. */
const AFFINITY_SECONDS = 10_800;

/** Services. Addresses and node ports are not decoded but given, see kinds/service.ts. */
export const serviceDefaults: Readonly<Record<string, Defaults>> = {
  'io.k8s.api.core.v1.ServiceSpec': serviceSpec,
  'io.k8s.api.core.v1.ServiceStatus': (status) => fill(status, { loadBalancer: {} }),
};

function serviceSpec(spec: JsonObject): JsonObject {
  let out = fillText(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  out = out['sessionAffinity'] === 'None' ? without(out, 'sessionAffinityConfig') : out;
  if (out['sessionAffinity'] === 'ClientIP' && objectAt(objectAt(out, 'sessionAffinityConfig'), 'clientIP')['timeoutSeconds'] === undefined) {
    out = { ...out, sessionAffinityConfig: { clientIP: { timeoutSeconds: AFFINITY_SECONDS } } };
  }
  out = editEach(out, 'ports', port);
  const type = out['type'];
  if (isExternal(out)) out = fillText(out, { externalTrafficPolicy: 'Cluster' });
  if (type === 'LoadBalancer') out = fill(out, { allocateLoadBalancerNodePorts: true });
  return type === 'ExternalName' ? out : fill(out, { internalTrafficPolicy: 'Cluster' });
}

function port(item: JsonObject): JsonObject {
  const out = fillText(item, { protocol: 'TCP' });
  const target = out['targetPort'];
  return target === undefined || target === 0 || target === '' ? { ...out, targetPort: out['port'] } : out;
}

/** Whether traffic from outside the cluster may come to it. */
export function isExternal(spec: JsonObject): boolean {
  const type = spec['type'];
  const ips = spec['externalIPs'];
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && Array.isArray(ips) && ips.length > 0);
}
