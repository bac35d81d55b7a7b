import type { JsonObject } from '../json.ts';

/** Parts of workloads that an object of the kind always has; of a list that is never left out there is null. */
const TEMPLATE = { metadata: {}, spec: { containers: null } };
const JOB = { template: TEMPLATE };

/** Parts that Kubernetes' own types hold as values, beside `spec` and `status`. Source: the types of k8s.io/api; a pointer would be absent. */
const PARTS: Readonly<Record<string, JsonObject>> = {
  'deployments.apps': { spec: { strategy: {}, template: TEMPLATE } },
  'statefulsets.apps': { spec: { serviceName: '', updateStrategy: {}, template: TEMPLATE } },
  'daemonsets.apps': { spec: { updateStrategy: {}, template: TEMPLATE } },
  'replicasets.apps': { spec: { template: TEMPLATE } },
  'jobs.batch': { spec: JOB },
  'cronjobs.batch': { spec: { jobTemplate: { metadata: {}, spec: JOB } } },
  'roles.rbac.authorization.k8s.io': { rules: null },
  'clusterroles.rbac.authorization.k8s.io': { rules: null },
  'rolebindings.rbac.authorization.k8s.io': { roleRef: {} },
  limitranges: { spec: { limits: null } },
  'endpointslices.discovery.k8s.io': { endpoints: null, ports: null },
  pods: { spec: { containers: null } },
  podtemplates: { template: TEMPLATE },
  persistentvolumeclaims: { spec: { resources: {} } },
  'horizontalpodautoscalers.autoscaling': { spec: { scaleTargetRef: {} } },
  'customresourcedefinitions.apiextensions.k8s.io': { spec: { names: {} } },
};

/**
 * What an object of a built-in kind is before anything is said of it. Who makes an object does not own the parts that every one has, only what is in them;
 * of a custom kind there are none. `bucket`: plural and group.
 */
export function blank(bucket: string): JsonObject {
  return PARTS[bucket] ?? { spec: {} };
}
