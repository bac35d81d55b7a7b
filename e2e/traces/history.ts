import type { Target } from '../target.ts';

/** One change of one object, as the watch of its kind told it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: string;
  readonly object: any;
  /** Of the cluster's one history: changes of different objects are before and after each other by it. */
  readonly version: number;
}

/** Where the kinds of a namespace are that a story may touch. */
const NAMESPACED: Readonly<Record<string, string>> = {
  ConfigMap: 'api/v1/configmaps',
  Pod: 'api/v1/pods',
  PersistentVolumeClaim: 'api/v1/persistentvolumeclaims',
  Service: 'api/v1/services',
  ServiceAccount: 'api/v1/serviceaccounts',
  ControllerRevision: 'apis/apps/v1/controllerrevisions',
  DaemonSet: 'apis/apps/v1/daemonsets',
  Deployment: 'apis/apps/v1/deployments',
  ReplicaSet: 'apis/apps/v1/replicasets',
  StatefulSet: 'apis/apps/v1/statefulsets',
  CronJob: 'apis/batch/v1/cronjobs',
  Job: 'apis/batch/v1/jobs',
  PodDisruptionBudget: 'apis/policy/v1/poddisruptionbudgets',
  HorizontalPodAutoscaler: 'apis/autoscaling/v2/horizontalpodautoscalers',
};

/** What follows every pod of every Service: told only where a story is about it. */
const OF_SERVICES: Readonly<Record<string, string>> = {
  Endpoints: 'api/v1/endpoints',
  EndpointSlice: 'apis/discovery.k8s.io/v1/endpointslices',
};

/** The version of the cluster now, from which on `history` can tell. */
export async function versionNow(target: Target): Promise<string> {
  const { json } = await target.ask('GET', '/api/v1/namespaces?limit=1');
  return json.metadata.resourceVersion;
}

/** All that happened since a version to the objects of a namespace, to itself and to the volumes of its claims, in the order in which it was stored. */
export async function history(target: Target, namespace: string, since: string, endpoints = false): Promise<readonly Change[]> {
  const watched = Object.entries({ ...NAMESPACED, ...(endpoints ? OF_SERVICES : {}) }).map(([kind, path]) => {
    const parts = path.split('/');
    return changes(target, kind, `/${parts.slice(0, -1).join('/')}/namespaces/${namespace}/${parts.at(-1)}`, since);
  });
  const volumes = changes(target, 'PersistentVolume', '/api/v1/persistentvolumes', since);
  const space = changes(target, 'Namespace', '/api/v1/namespaces', since, `&fieldSelector=metadata.name%3D${namespace}`);
  const own = (await volumes).filter(({ object }) => object.spec.claimRef?.namespace === namespace);
  const all = [...(await Promise.all(watched)).flat(), ...own, ...(await space)];
  return all.toSorted((a, b) => a.version - b.version);
}

async function changes(target: Target, kind: string, path: string, since: string, more = ''): Promise<readonly Change[]> {
  // The server ends it after a second, and tells all that was before at once.
  await using watch = await target.watch(`${path}?watch=true&resourceVersion=${since}&timeoutSeconds=1${more}`);
  const all: Change[] = [];
  for (let event = await watch.next(); event !== undefined; event = await watch.next()) {
    const { type, object } = event;
    if (type === 'ERROR') throw new Error(`${path}: ${JSON.stringify(object)}`);
    if (type !== 'BOOKMARK') all.push({ type: type as Change['type'], kind, object, version: Number(object.metadata.resourceVersion) });
  }
  return all;
}
