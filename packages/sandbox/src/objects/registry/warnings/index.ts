import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { dnsLabel } from '../../names.ts';
import { addressWarnings } from './addresses.ts';
import { fractions, podWarnings } from './pod.ts';
import { serviceWarnings } from './service.ts';

/** What is odd and allowed, of an object that is written. `before`: of a change. Source: `WarningsOnCreate` and `WarningsOnUpdate` of the kinds' strategies. */
type Warnings = (next: JsonObject, before: JsonObject | undefined) => readonly string[];

/** By `plural.group`, and by `plural.group/status` for writes of the status. A kind that is missing has none. */
export const kindWarnings: Readonly<Record<string, Warnings>> = {
  pods: (next, before) => (before === undefined ? [...nameWarnings(next, "the Pod's hostname"), ...podWarnings(next, '')] : []),
  'pods/status': (next) => ['podIPs', 'hostIPs'].flatMap((key) => addresses(listAt(objectAt(next, 'status'), key), `status.${key}`)),
  'deployments.apps': (next, before) => [...newName(next, before), ...changedTemplate(next, before)],
  'replicasets.apps': (next, before) => [...newName(next, before), ...changedTemplate(next, before)],
  'daemonsets.apps': (next, before) => (before === undefined || templateGeneration(next) !== templateGeneration(before) ? templateWarnings(next) : []),
  'statefulsets.apps': (next, before) => [...changedTemplate(next, before), ...statefulWarnings(objectAt(next, 'spec'))],
  'jobs.batch': (next, before) => [...newName(next, before), ...(isChanged(next, before) ? jobWarnings(objectAt(next, 'spec'), 'spec') : [])],
  'cronjobs.batch': cronJobWarnings,
  services: (next) => serviceWarnings(next),
  'services/status': balancerWarnings,
  'ingresses.networking.k8s.io/status': balancerWarnings,
  'ingresses.networking.k8s.io': (next, before) => (before === undefined ? ingressWarnings(next) : []),
  'endpointslices.discovery.k8s.io': sliceWarnings,
  secrets: (next) => (next['type'] === 'kubernetes.io/tls' ? pairWarnings(objectAt(next, 'data')) : []),
  serviceaccounts: (next, before) => (before === undefined || !has(before, MOUNTABLE) ? accountWarnings(next) : []),
  persistentvolumeclaims: (next) => [
    ...(has(next, OLD_CLASS) ? [`metadata.annotations[${OLD_CLASS}]: ${CLASS_FIELD}`] : []),
    ...claimWarnings(objectAt(next, 'spec'), 'spec'),
  ],
};

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';
const CLASS_FIELD = 'deprecated since v1.8; use "storageClassName" attribute instead';
const INGRESS_CLASS = 'kubernetes.io/ingress.class';
/** Controllers that write slices from addresses in their proper form. */
const SLICE_WRITERS = new Set(['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']);
const MANY_COMPLETIONS = 100_000;
const MANY_AT_ONCE = 10_000;

const annotationsOf = (object: JsonObject) => objectAt(objectAt(object, 'metadata'), 'annotations');
const has = (object: JsonObject, annotation: string) => annotationsOf(object)[annotation] !== undefined;
const templateGeneration = (object: JsonObject) => annotationsOf(object)['deprecated.daemonset.template.generation'];
const isChanged = (next: JsonObject, before: JsonObject | undefined) =>
  before === undefined || objectAt(next, 'metadata')['generation'] !== objectAt(before, 'metadata')['generation'];

function nameWarnings(object: JsonObject, use: string): readonly string[] {
  const wrong = dnsLabel(stringAt(objectAt(object, 'metadata'), 'name') ?? '');
  if (wrong.length === 0) return [];
  return [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`];
}

const newName = (next: JsonObject, before: JsonObject | undefined) => (before === undefined ? nameWarnings(next, 'Pod names and hostnames') : []);
const templateWarnings = (object: JsonObject) => podWarnings(objectAt(objectAt(object, 'spec'), 'template'), 'spec.template');
const changedTemplate = (next: JsonObject, before: JsonObject | undefined) => (isChanged(next, before) ? templateWarnings(next) : []);

const addresses = (items: readonly unknown[], path: string) =>
  items.filter(isObject).flatMap((item, index) => addressWarnings(`${path}[${index}].ip`, stringAt(item, 'ip') ?? ''));

function statefulWarnings(spec: JsonObject): readonly string[] {
  const claims = listAt(spec, 'volumeClaimTemplates').filter(isObject);
  const limit = spec['revisionHistoryLimit'];
  return [
    ...claims.flatMap((claim, index) => claimWarnings(objectAt(claim, 'spec'), `spec.volumeClaimTemplates[${index}]`)),
    ...(typeof limit === 'number' && limit < 0
      ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
      : []),
  ];
}

function jobWarnings(spec: JsonObject, path: string): readonly string[] {
  const [completions, parallelism] = [Number(spec['completions'] ?? 0), Number(spec['parallelism'] ?? 0)];
  const many = spec['completionMode'] === 'Indexed' && completions > MANY_COMPLETIONS && parallelism > MANY_AT_ONCE;
  const message =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
  return [...(many ? [`${path}: ${message}`] : []), ...podWarnings(objectAt(spec, 'template'), `${path}.template`)];
}

function cronJobWarnings(next: JsonObject, before: JsonObject | undefined): readonly string[] {
  const spec = objectAt(next, 'spec');
  const job = isChanged(next, before) ? jobWarnings(objectAt(objectAt(spec, 'jobTemplate'), 'spec'), 'spec.jobTemplate.spec') : [];
  const zone = before !== undefined && (stringAt(spec, 'schedule') ?? '').includes('TZ');
  const page = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
  return [
    ...newName(next, before),
    ...job,
    ...(zone ? [`cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${page} for more details`] : []),
  ];
}

function balancerWarnings(next: JsonObject): readonly string[] {
  const path = 'status.loadBalancer.ingress';
  const balancers = listAt(objectAt(objectAt(next, 'status'), 'loadBalancer'), 'ingress').filter(isObject);
  return balancers.flatMap((one, index) => addressWarnings(`${path}[${index}]`, stringAt(one, 'ip') ?? ''));
}

function ingressWarnings(next: JsonObject): readonly string[] {
  if (!has(next, INGRESS_CLASS) || objectAt(next, 'spec')['ingressClassName'] !== undefined) return [];
  return [`annotation "${INGRESS_CLASS}" is deprecated, please use 'spec.ingressClassName' instead`];
}

function sliceWarnings(next: JsonObject, before: JsonObject | undefined): readonly string[] {
  const old = before === undefined && next['addressType'] === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
  if (SLICE_WRITERS.has(stringAt(objectAt(objectAt(next, 'metadata'), 'labels'), 'endpointslice.kubernetes.io/managed-by') ?? '')) return old;
  const endpoints = listAt(next, 'endpoints').filter(isObject);
  const odd = endpoints.flatMap((endpoint, index) =>
    listAt(endpoint, 'addresses').flatMap((address, at) => addressWarnings(`endpoints[${index}].addresses[${at}]`, String(address))),
  );
  return [...old, ...odd];
}

/** A certificate and a key that do not belong together, or are none. */
function pairWarnings(data: JsonObject): readonly string[] {
  const bytes = (key: string) => Buffer.from(stringAt(data, key) ?? '', 'base64');
  try {
    const matches = new X509Certificate(bytes('tls.crt')).checkPrivateKey(createPrivateKey(bytes('tls.key')));
    return matches ? [] : ['tls: private key does not match public key'];
  } catch {
    return ['tls: failed to find any PEM data in certificate input'];
  }
}

function accountWarnings(next: JsonObject): readonly string[] {
  if (!has(next, MOUNTABLE)) return [];
  return [`metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`];
}

function claimWarnings(spec: JsonObject, path: string): readonly string[] {
  const resources = objectAt(spec, 'resources');
  return ['requests', 'limits'].flatMap((key) => fractions(objectAt(resources, key), `${path}.resources.${key}`, ['storage']));
}
