/** Written by the node or the scheduler, who look at the pod alone. */
const BY_NODE = /^Pod\/\S+ (status\.|spec\.nodeName|is gone)/;

/**
 * Who writes what, and what of other objects they look at before: the first that fits an event says of it. What none fits is written by whoever tells the
 * story, or by the garbage collector, the namespace controller or the API server, who look at all.
 * Source: the informers of each controller in pkg/controller of Kubernetes 1.36.
 */
const READERS: readonly { readonly writes: RegExp; readonly reads: RegExp }[] = [
  { writes: BY_NODE, reads: /^\b$/ },
  // A ReplicaSet, StatefulSet or DaemonSet counts pods anew and does not read what it wrote of them; a Job has written down which it has not counted yet.
  {
    writes: /^Pod\//,
    reads: /^((ReplicaSet|StatefulSet|DaemonSet)\/\S+ (?!status\.)|(Job|Pod|ControllerRevision|PersistentVolumeClaim|Namespace|PodDisruptionBudget)\/)/,
  },
  { writes: /^Deployment\/\S+ (status|metadata)\b/, reads: /^(Deployment|ReplicaSet)\// },
  // Recreate waits for pods.
  { writes: /^ReplicaSet\/\S+ (is made|spec|metadata)\b/, reads: /^((Deployment|ReplicaSet|Namespace)\/|Pod\/\S+ (is gone|status\.phase))/ },
  { writes: /^ReplicaSet\/\S+ status\b/, reads: /^Pod\// },
  { writes: /^(StatefulSet|DaemonSet)\/\S+ status\b/, reads: /^(Pod|ControllerRevision)\// },
  { writes: /^Job\/\S+ (is made|spec|status|metadata)\b/, reads: /^(Pod|Job|CronJob)\// },
  { writes: /^CronJob\/\S+ status\b/, reads: /^Job\// },
  { writes: /^PodDisruptionBudget\/\S+ status\b/, reads: /^(Pod\/|\w+\/\S+ spec\.replicas)/ },
  { writes: /^ControllerRevision\/\S+ (is made|revision|metadata)\b/, reads: /^(ControllerRevision\/|(StatefulSet|DaemonSet)\/\S+ (is made|spec|metadata))/ },
  {
    writes: /^PersistentVolume(Claim)?\/\S+ (is made|spec|status|metadata|loses)\b/,
    reads: /^(PersistentVolume(Claim)?\/|(Pod|StatefulSet)\/\S+ (?!status\.(?!phase))|Pod\/\S+ status\.phase)/,
  },
  { writes: /^(ServiceAccount|ConfigMap\/kube-root-ca\.crt)\b/, reads: /^Namespace\// },
  // Told to go kind by kind, in any order, once the pods are gone.
  { writes: /^(ConfigMap|ServiceAccount)\/\S+ is (told to go|gone)/, reads: /^(Namespace|Pod|ConfigMap)\// },
  // The user's own.
  { writes: /^(Deployment|StatefulSet|DaemonSet|CronJob|PodDisruptionBudget|Service|ConfigMap)\/\S+ (is made|spec|metadata)\b/, reads: /^\b$/ },
  { writes: /^(Deployment|StatefulSet|DaemonSet|CronJob|PodDisruptionBudget|Service)\/\S+ is told to go/, reads: /^Namespace\// },
];

/** What a controller counts: a number does not say of which, and it follows whenever the controller comes to it, some of them left out. */
const COUNTS = /^(StatefulSet|DaemonSet|Deployment|ReplicaSet|Job|PodDisruptionBudget)\/\S+ status\.\S+ (up|down) to /;

/** What nobody but the namespace controller looks at. */
const ALONE = /^(ConfigMap|ServiceAccount|Service)\//;

/** What an event is of. */
export function objectOf(event: string): string {
  return event.slice(0, event.indexOf(' '));
}

/**
 * Whether one event may be the reason of another: whoever writes the later one looks at what the earlier one is of. All other orders between them are who is
 * faster, or follow from such that are looked at. Alike objects are many under one name: which of them an event is of, their number does not say, so what the
 * node does to one has to do with that one alone (see `Trace.lives`).
 */
export function mayCause(earlier: string, later: string): boolean {
  if (objectOf(earlier) === objectOf(later)) return !(objectOf(later).endsWith('*') && BY_NODE.test(later));
  if (COUNTS.test(earlier) || COUNTS.test(later)) return false;
  // A volume follows the claim that it was made for, and no other.
  const volume = /^PersistentVolume\/volume-of-(\S+)/.exec(later);
  if (volume !== null) return objectOf(earlier) === `PersistentVolumeClaim/${volume[1]}`;
  const reader = READERS.find(({ writes }) => writes.test(later));
  if (reader !== undefined) return reader.reads.test(earlier);
  return !ALONE.test(earlier) || later.startsWith('Namespace/');
}
