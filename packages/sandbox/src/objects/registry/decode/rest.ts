import { isObject, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Defaults } from './defaults.ts';
import { lists } from './core-parts.ts';
import { fill, fillText } from './fill.ts';

const RBAC = 'rbac.authorization.k8s.io';
const HOOKS = 'io.k8s.api.admissionregistration.v1.';
const NET = 'io.k8s.api.networking.v1.';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

/** A list that Go writes even when there is none. */
const nullable =
  (key: string): Defaults =>
  (object) =>
    object[key] === undefined ? { ...object, [key]: null } : object;

/** Rights, storage classes, webhooks, network and what else has defaults of its own. */
export const restDefaults: Readonly<Record<string, Defaults>> = {
  'io.k8s.api.rbac.v1.Role': nullable('rules'),
  'io.k8s.api.rbac.v1.ClusterRole': nullable('rules'),
  'io.k8s.api.rbac.v1.RoleRef': (ref) => fillText(ref, { apiGroup: RBAC }),
  'io.k8s.api.rbac.v1.Subject': (subject) => (subject['kind'] === 'User' || subject['kind'] === 'Group' ? fillText(subject, { apiGroup: RBAC }) : subject),
  'io.k8s.api.storage.v1.StorageClass': (storage) => fill(storage, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'io.k8s.api.scheduling.v1.PriorityClass': (priority) => fill(priority, { preemptionPolicy: 'PreemptLowerPriority' }),
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec': autoscaler,
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': nullable('currentMetrics'),
  'io.k8s.api.coordination.v1.Lease': (lease) => fill(lease, { spec: {} }),
  'io.k8s.api.discovery.v1.EndpointSlice': (slice) => nullable('ports')(nullable('endpoints')(slice)),
  'io.k8s.api.discovery.v1.EndpointPort': (port) => fill(port, { name: '', protocol: 'TCP' }),
  'io.k8s.api.discovery.v1.Endpoint': (endpoint) => fill(endpoint, { conditions: {} }),
  'io.k8s.api.core.v1.LimitRange': (range) => (isObject(range['spec']) ? range : { ...range, spec: { limits: null } }),
  'io.k8s.api.core.v1.LimitRangeSpec': nullable('limits'),
  'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec': (spec) => fill(spec, { minReplicas: 1 }),
  [`${HOOKS}ValidatingWebhook`]: webhook,
  [`${HOOKS}MutatingWebhook`]: (hook) => fill(webhook(hook), { reinvocationPolicy: 'Never' }),
  [`${HOOKS}RuleWithOperations`]: (rule) => fill(rule, { scope: '*' }),
  [`${HOOKS}NamedRuleWithOperations`]: (rule) => fill(rule, { scope: '*' }),
  [`${HOOKS}ServiceReference`]: (reference) => fill(reference, { port: 443 }),
  [`${HOOKS}ValidatingAdmissionPolicySpec`]: (spec) => fill(spec, { failurePolicy: 'Fail' }),
  [`${HOOKS}MutatingAdmissionPolicySpec`]: (spec) => fill(spec, { failurePolicy: 'Fail' }),
  [`${HOOKS}MatchResources`]: (match) => fill(match, { namespaceSelector: {}, objectSelector: {}, matchPolicy: 'Equivalent' }),
  [`${NET}NetworkPolicyPort`]: (port) => fill(port, { protocol: 'TCP' }),
  [`${NET}NetworkPolicySpec`]: (spec) => fill(spec, { policyTypes: lists(spec, 'egress') ? ['Ingress', 'Egress'] : ['Ingress'] }),
  [`${NET}IngressStatus`]: (status) => fill(status, { loadBalancer: {} }),
  [`${NET}IngressClassSpec`]: (spec) => (isObject(spec['parameters']) ? { ...spec, parameters: fill(spec['parameters'], { scope: 'Cluster' }) } : spec),
  [`${EXTENSIONS}CustomResourceDefinitionSpec`]: customResource,
};

function webhook(hook: JsonObject): JsonObject {
  return fill(hook, { namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, failurePolicy: 'Fail', matchPolicy: 'Equivalent' });
}

function autoscaler(spec: JsonObject): JsonObject {
  const target = { type: 'Utilization', averageUtilization: 80 };
  const out = fill(spec, { minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] });
  const behavior = out['behavior'];
  if (!isObject(behavior)) return out;
  const policies = [{ type: 'Percent', value: 100, periodSeconds: 15 }];
  const up = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, ...policies] };
  const scaleUp = fill(objectAt(behavior, 'scaleUp'), up);
  const scaleDown = fill(objectAt(behavior, 'scaleDown'), { selectPolicy: 'Max', policies });
  if (scaleUp === behavior['scaleUp'] && scaleDown === behavior['scaleDown']) return out;
  return { ...out, behavior: { ...behavior, scaleUp, scaleDown } };
}

function customResource(spec: JsonObject): JsonObject {
  const names = objectAt(spec, 'names');
  const kind = stringAt(names, 'kind');
  const filled = kind === undefined ? names : fillText(names, { singular: kind.toLowerCase(), listKind: `${kind}List` });
  const out = filled === spec['names'] || kind === undefined ? spec : { ...spec, names: filled };
  // A conversion that is there and names no strategy is for validation to refuse. Source: apiextensions-apiserver, pkg/apis/apiextensions/v1/defaults.go.
  return fill(out, { conversion: { strategy: 'None' } });
}
