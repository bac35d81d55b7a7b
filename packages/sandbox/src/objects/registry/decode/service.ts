import { objectAt, stringAt, without } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Defaults } from './defaults.ts';
import { edit, editEach, fill, fillText } from './fill.ts';

/** Seconds a client stays with its pod. */
const AFFINITY_SECONDS = 10_800;

/** Services. Addresses and node ports are not decoded but given, see kinds/service.ts. */
export const serviceDefaults: Readonly<Record<string, Defaults>> = {
  'io.k8s.api.core.v1.ServiceSpec': serviceSpec,
  'io.k8s.api.core.v1.ServiceStatus': (status) => fill(status, { loadBalancer: {} }),
  'io.k8s.api.core.v1.Service': balanced,
};

/** Source: pkg/apis/core/v1/defaults.go, `SetDefaults_Service`. */
function balanced(service: JsonObject): JsonObject {
  if (objectAt(service, 'spec')['type'] !== 'LoadBalancer') return service;
  return edit(service, 'status', (status) =>
    edit(status, 'loadBalancer', (balancer) =>
      editEach(balancer, 'ingress', (ingress) => ((stringAt(ingress, 'ip') ?? '') === '' ? ingress : fill(ingress, { ipMode: 'VIP' }))),
    ),
  );
}

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
