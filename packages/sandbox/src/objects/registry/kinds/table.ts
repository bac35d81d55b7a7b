import { conditional, creatable, event, lease, namespace, node, priorityClass } from './cluster.ts';
import { configMap, controllerRevision, endpoints, secret } from './config.ts';
import { autoscaler, disruptionBudget, limitRange } from './limits.ts';
import { endpointSlice, ingress } from './network.ts';
import { pod } from './pod.ts';
import { binding, role } from './rights.ts';
import { service } from './service.ts';
import { claim, storageClass, volume } from './storage.ts';
import { cronJob, daemonSet, deployment, job, replicaSet, statefulSet } from './workloads.ts';
import type { KindRules } from '../strategy.ts';

const HOOKS = 'admissionregistration.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';

/** The kinds that have rules of their own, by `plural.group`. Every other built-in kind does what most do: types and required fields are checked. */
export const kindRules: Readonly<Record<string, KindRules>> = {
  pods: pod,
  services: service,
  configmaps: configMap,
  secrets: secret,
  namespaces: namespace,
  nodes: node,
  events: event,
  endpoints,
  limitranges: limitRange,
  persistentvolumeclaims: claim,
  persistentvolumes: volume,
  'events.events.k8s.io': event,
  'statefulsets.apps': statefulSet,
  'deployments.apps': deployment,
  'replicasets.apps': replicaSet,
  'daemonsets.apps': daemonSet,
  'controllerrevisions.apps': controllerRevision,
  'jobs.batch': job,
  'cronjobs.batch': cronJob,
  'leases.coordination.k8s.io': lease,
  'endpointslices.discovery.k8s.io': endpointSlice,
  'ingresses.networking.k8s.io': ingress,
  'horizontalpodautoscalers.autoscaling': autoscaler,
  'poddisruptionbudgets.policy': disruptionBudget,
  'storageclasses.storage.k8s.io': storageClass,
  'priorityclasses.scheduling.k8s.io': priorityClass,
  [`roles.${RBAC}`]: role,
  [`clusterroles.${RBAC}`]: role,
  [`rolebindings.${RBAC}`]: binding,
  [`clusterrolebindings.${RBAC}`]: binding,
  'runtimeclasses.node.k8s.io': { ...conditional, ...creatable },
  'csidrivers.storage.k8s.io': conditional,
  'csinodes.storage.k8s.io': conditional,
  'csistoragecapacities.storage.k8s.io': conditional,
  'volumeattachments.storage.k8s.io': conditional,
  [`mutatingwebhookconfigurations.${HOOKS}`]: conditional,
  [`validatingwebhookconfigurations.${HOOKS}`]: conditional,
  [`validatingadmissionpolicies.${HOOKS}`]: conditional,
  [`validatingadmissionpolicybindings.${HOOKS}`]: conditional,
  [`mutatingadmissionpolicies.${HOOKS}`]: conditional,
  [`mutatingadmissionpolicybindings.${HOOKS}`]: conditional,
};
