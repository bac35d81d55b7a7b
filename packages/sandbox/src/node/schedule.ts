import type { DeepReadonly, Live } from '@binnacle/client';
import type { Node, NodeSelectorTerm, PersistentVolumeClaim, Pod, StorageClass } from '@binnacle/client/kinds';
import { selects } from '../controllers/labels.ts';
import { isTerminal } from '../controllers/pod.ts';
import { claimsUsedBy } from '../controllers/volume/protection.ts';

type LivePod = Live<typeof Pod>;
type LiveNode = Live<typeof Node>;

/** What decides whether a pod may run here. */
export interface Situation {
  readonly pod: LivePod;
  readonly node: LiveNode;
  /** Pods on this node. */
  readonly here: readonly LivePod[];
  readonly claim: (name: string) => Live<typeof PersistentVolumeClaim> | undefined;
  readonly storageClass: (name: string) => Live<typeof StorageClass> | undefined;
}

export type Placement =
  | { readonly do: 'bind' }
  /** Claims that wait for a node: this one. The pod is bound when they are. */
  | { readonly do: 'selectNode'; readonly claims: readonly string[] }
  /** Not here, or not yet. */
  | { readonly do: 'wait'; readonly message: string }
  /** Bound, gated, or somebody else's to schedule. */
  | { readonly do: 'nothing' };

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/**
 * Whether a pending pod may be bound to a node now. Knows taints, node selectors and required node affinity, required anti-affinity between hosts, and
 * claims. Does not weigh nodes against each other, nor count what they have: nodes of the sandbox are as large as they have to be.
 */
export function place(situation: Situation): Placement {
  const { pod, node } = situation;
  const { nodeName = '', schedulingGates = [], schedulerName = 'default-scheduler' } = pod.spec ?? {};
  if (nodeName !== '' || schedulingGates.length > 0 || schedulerName !== 'default-scheduler') return { do: 'nothing' };
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return { do: 'nothing' };
  const misfit = misfitOf(situation);
  if (misfit !== undefined) return { do: 'wait', message: `0/1 nodes are available: 1 ${misfit}.` };
  return placeClaims(situation, node.metadata.name);
}

function misfitOf({ pod, node, here }: Situation): string | undefined {
  const { tolerations = [], nodeSelector = {}, affinity } = pod.spec ?? {};
  const taints = [
    ...(node.spec?.taints ?? []),
    ...(node.spec?.unschedulable === true ? [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] : []),
  ];
  const untolerated = taints.find(
    ({ key, value = '', effect }) =>
      effect !== 'PreferNoSchedule' &&
      !tolerations.some(
        (toleration) =>
          (toleration.key === undefined || toleration.key === '' || toleration.key === key) &&
          (toleration.operator === 'Exists' || (toleration.value ?? '') === value) &&
          (toleration.effect === undefined || toleration.effect === '' || toleration.effect === effect),
      ),
  );
  if (untolerated?.key === 'node.kubernetes.io/unschedulable') return 'node(s) were unschedulable';
  if (untolerated !== undefined) return `node(s) had untolerated taint(s) {${untolerated.key}: ${untolerated.value ?? ''}}`;
  const labels = node.metadata.labels ?? {};
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const fits =
    Object.entries(nodeSelector).every(([key, value]) => labels[key] === value) && (terms === undefined || terms.some((term) => matches(term, node)));
  if (!fits) return "node(s) didn't match Pod's node affinity/selector";
  const apart = (affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).filter(
    (term) => term.topologyKey === 'kubernetes.io/hostname',
  );
  const crowded = apart.some(({ labelSelector, namespaces = [pod.metadata.namespace] }) =>
    here.some(
      (other) => other.metadata.uid !== pod.metadata.uid && namespaces.includes(other.metadata.namespace) && selects(labelSelector, other.metadata.labels),
    ),
  );
  return crowded ? "node(s) didn't match pod anti-affinity rules" : undefined;
}

function matches({ matchExpressions = [], matchFields = [] }: DeepReadonly<NodeSelectorTerm>, { metadata }: LiveNode): boolean {
  const numbers = matchExpressions.filter(({ operator }) => operator === 'Gt' || operator === 'Lt');
  const others = matchExpressions.filter(({ operator }) => operator !== 'Gt' && operator !== 'Lt');
  return (
    selects({ matchExpressions: others }, metadata.labels) &&
    selects({ matchExpressions: matchFields }, { 'metadata.name': metadata.name }) &&
    numbers.every(({ key, operator, values = [] }) => {
      const [has, limit] = [Number(metadata.labels?.[key] ?? Number.NaN), Number(values[0])];
      return operator === 'Gt' ? has > limit : has < limit;
    })
  );
}

function placeClaims({ pod, claim, storageClass }: Situation, node: string): Placement {
  const select: string[] = [];
  let unbound = false;
  for (const name of claimsUsedBy(pod)) {
    const found = claim(name);
    if (found === undefined) return { do: 'wait', message: `0/1 nodes are available: persistentvolumeclaim "${name}" not found.` };
    if (found.metadata.deletionTimestamp !== undefined)
      return { do: 'wait', message: `0/1 nodes are available: persistentvolumeclaim "${name}" is being deleted.` };
    if (found.status?.phase === 'Lost')
      return { do: 'wait', message: `0/1 nodes are available: persistentvolumeclaim "${name}" bound to non-existent persistentvolume.` };
    if (found.status?.phase === 'Bound') continue;
    const delayed = storageClass(found.spec?.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer';
    const selected = found.metadata.annotations?.[SELECTED_NODE];
    if (!delayed) return { do: 'wait', message: '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.' };
    unbound = true;
    // Another node that was faster keeps it.
    if (selected !== undefined && selected !== node) return { do: 'nothing' };
    if (selected === undefined) select.push(name);
  }
  if (select.length > 0) return { do: 'selectNode', claims: select };
  return unbound ? { do: 'nothing' } : { do: 'bind' };
}
