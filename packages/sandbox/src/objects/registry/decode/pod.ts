import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { Defaults } from './defaults.ts';
import { edit, editEach, fill, fillText } from './fill.ts';

const CORE = 'io.k8s.api.core.v1.';

/** A pod and the parts that a template shares with it. */
export const podDefaults: Readonly<Record<string, Defaults>> = {
  [`${CORE}Pod`]: (pod) => edit(pod, 'spec', podOnly),
  [`${CORE}PodTemplateSpec`]: (template) => fill(template, { metadata: {} }),
  [`${CORE}PodSpec`]: podSpec,
  [`${CORE}Container`]: container,
  [`${CORE}EphemeralContainer`]: container,
  [`${CORE}ContainerPort`]: (port) => fillText(port, { protocol: 'TCP' }),
  [`${CORE}Probe`]: probe,
};

function podSpec(spec: JsonObject): JsonObject {
  const filled = fillText(fill(spec, { securityContext: {}, terminationGracePeriodSeconds: 30 }), {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
  });
  // Both names of the field are always shown together.
  const account = stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount');
  return account === undefined ? filled : withAccount(filled, account);
}

function withAccount(spec: JsonObject, account: string): JsonObject {
  if (spec['serviceAccountName'] === account && spec['serviceAccount'] === account) return spec;
  return { ...spec, serviceAccountName: account, serviceAccount: account };
}

function container(object: JsonObject): JsonObject {
  return fillText(fill(object, { resources: {} }), {
    imagePullPolicy: pullPolicy(stringAt(object, 'image') ?? ''),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
}

/** Always for `:latest` and for no tag at all, unless the image is named by digest. */
export function pullPolicy(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

function probe(object: JsonObject): JsonObject {
  const counted = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  let out = object;
  // Here 0 is Go's unset number.
  for (const [key, value] of Object.entries(counted)) if (out[key] === undefined || out[key] === 0) out = { ...out, [key]: value };
  return out;
}

/** What is filled in for pods only, so that old templates stay as they are. */
function podOnly(spec: JsonObject): JsonObject {
  // A negative one is as short as can be.
  const grace = spec['terminationGracePeriodSeconds'];
  const short = typeof grace === 'number' && grace < 0 ? { ...spec, terminationGracePeriodSeconds: 1 } : spec;
  let out = fill(short, { enableServiceLinks: true });
  for (const key of ['containers', 'initContainers']) {
    out = editEach(out, key, requestsFromLimits);
    if (spec['hostNetwork'] === true) out = editEach(out, key, (item) => editEach(item, 'ports', (port) => fill(port, { hostPort: port['containerPort'] })));
  }
  return out;
}

function requestsFromLimits(item: JsonObject): JsonObject {
  return edit(item, 'resources', (resources) => {
    const limits = resources['limits'];
    if (!isObject(limits)) return resources;
    const requests = objectAt(resources, 'requests');
    const all = fill(requests, limits);
    return all === resources['requests'] ? resources : { ...resources, requests: all };
  });
}

/** How the node may treat a pod that is short of memory, from what its containers ask for. */
export function qosClass(spec: JsonObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')].filter(isObject);
  let any = false;
  let guaranteed = containers.length > 0;
  for (const item of containers) {
    const resources = objectAt(item, 'resources');
    const [requests, limits] = [computeOf(objectAt(resources, 'requests')), computeOf(objectAt(resources, 'limits'))];
    if (Object.keys(requests).length + Object.keys(limits).length > 0) any = true;
    for (const key of ['cpu', 'memory']) {
      if (limits[key] === undefined || (requests[key] ?? limits[key]) !== limits[key]) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

function computeOf(resources: JsonObject): JsonObject {
  const known = Object.entries(resources).filter(([key, value]) => (key === 'cpu' || key === 'memory') && value !== '0');
  return Object.fromEntries(known);
}
