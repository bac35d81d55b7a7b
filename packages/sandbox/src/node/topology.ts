import type { DeepReadonly, Live } from '@binnacle/client';
import type { LabelSelector, Node, Pod, PodAffinityTerm, TopologySpreadConstraint } from '@binnacle/client/kinds';
import { selects } from '../controllers/labels.ts';
import { affinityFits, taintsOf, untolerated } from '../controllers/node-fit.ts';

type LivePod = Live<typeof Pod>;
type LiveNode = Live<typeof Node>;
type Term = DeepReadonly<PodAffinityTerm>;
type Constraint = DeepReadonly<TopologySpreadConstraint>;

/** The cluster as it would be: every pod that counts, with its `nodeName`. */
export interface Layout {
  readonly nodes: readonly LiveNode[];
  readonly pods: readonly LivePod[];
}

/** What a term says that is not understood here: the labels of namespaces are not read. */
export function unknownTerm(pod: LivePod): boolean {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const required = [podAffinity, podAntiAffinity].flatMap((one) => one?.requiredDuringSchedulingIgnoredDuringExecution ?? []);
  const preferred = [podAffinity, podAntiAffinity].flatMap((one) =>
    (one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  );
  return [...required, ...preferred].some(({ namespaceSelector: by }) => Object.keys(by?.matchLabels ?? {}).length + (by?.matchExpressions ?? []).length > 0);
}

/** Whether a term of `owner` is about `other`: by labels and namespace, wherever it runs. */
export function concerns(owner: LivePod, term: Term, other: LivePod): boolean {
  const everywhere = term.namespaceSelector !== undefined;
  const namespaces = (term.namespaces ?? []).length === 0 && !everywhere ? [owner.metadata.namespace] : (term.namespaces ?? []);
  return (everywhere || namespaces.includes(other.metadata.namespace)) && selects(withKeys(owner, term), other.metadata.labels);
}

/** Label keys of the owner narrow a selector down to its own sort, e.g. to the pods of its revision. */
function withKeys(owner: LivePod, term: Pick<Term, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>): DeepReadonly<LabelSelector> | undefined {
  if (term.labelSelector === undefined) return undefined;
  const values = (keys: readonly string[] | undefined, operator: string) =>
    (keys ?? []).flatMap((key) => {
      const value = owner.metadata.labels?.[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const added = [...values(term.matchLabelKeys, 'In'), ...values(term.mismatchLabelKeys, 'NotIn')];
  return { ...term.labelSelector, matchExpressions: [...(term.labelSelector.matchExpressions ?? []), ...added] };
}

/** How many pods that a term is about are in the same domain as `node`. Undefined: the node is in no such domain. */
export function inDomain(owner: LivePod, term: Term, node: LiveNode, { nodes, pods }: Layout): number | undefined {
  const domain = node.metadata.labels?.[term.topologyKey];
  if (domain === undefined) return undefined;
  const names = new Set(nodes.filter(({ metadata }) => metadata.labels?.[term.topologyKey] === domain).map(({ metadata }) => metadata.name));
  return pods.filter((other) => other.metadata.uid !== owner.metadata.uid && names.has(other.spec?.nodeName ?? '') && concerns(owner, term, other)).length;
}

/** Why the pods that are there keep a pod off a node. */
export function crowded(pod: LivePod, node: LiveNode, layout: Layout): string | undefined {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const near = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  // The first of a group that wants to be together finds nobody, and may start it.
  const first = near.every((term) => concerns(pod, term, pod)) && !near.some((term) => layout.pods.some((other) => concerns(pod, term, other)));
  const missing = near.some((term) => {
    const count = inDomain(pod, term, node, layout);
    return count === undefined || (count === 0 && !first);
  });
  if (missing) return "node(s) didn't match pod affinity rules";
  const apart = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (apart.some((term) => (inDomain(pod, term, node, layout) ?? 0) > 0)) return "node(s) didn't match pod anti-affinity rules";
  const place = (name: string | undefined, key: string) => layout.nodes.find(({ metadata }) => metadata.name === name)?.metadata.labels?.[key];
  const unwanted = layout.pods.some((other) =>
    (other.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).some((term) => {
      const domain = node.metadata.labels?.[term.topologyKey];
      return domain !== undefined && domain === place(other.spec?.nodeName, term.topologyKey) && concerns(other, term, pod);
    }),
  );
  return unwanted ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
}

/** Why spreading keeps a pod off a node: a domain would get too far ahead of the emptiest one. */
export function lopsided(pod: LivePod, node: LiveNode, layout: Layout): string | undefined {
  for (const constraint of constraints(pod, 'DoNotSchedule')) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const counts = spread(pod, constraint, layout);
    const fewest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
    const self = selects(withKeys(pod, constraint), pod.metadata.labels) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + self - fewest > constraint.maxSkew) return "node(s) didn't match pod topology spread constraints";
  }
  return undefined;
}

export function constraints(pod: LivePod, what: 'DoNotSchedule' | 'ScheduleAnyway'): readonly Constraint[] {
  return (pod.spec?.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === what);
}

/** Pods that a constraint counts, by domain, over the nodes that the pod could go to. */
export function spread(pod: LivePod, constraint: Constraint, { nodes, pods }: Layout): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const open = nodes.filter(
    (node) =>
      (constraint.nodeAffinityPolicy === 'Ignore' || affinityFits(pod.spec, node)) &&
      (constraint.nodeTaintsPolicy !== 'Honor' || untolerated(taintsOf(node), pod.spec?.tolerations ?? [], ['NoSchedule', 'NoExecute']) === undefined),
  );
  for (const { metadata } of open) {
    const domain = metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) continue;
    const counted = pods.filter(
      (other) =>
        other.spec?.nodeName === metadata.name &&
        other.metadata.uid !== pod.metadata.uid &&
        other.metadata.namespace === pod.metadata.namespace &&
        other.metadata.deletionTimestamp === undefined &&
        selects(withKeys(pod, constraint), other.metadata.labels),
    ).length;
    counts.set(domain, (counts.get(domain) ?? 0) + counted);
  }
  return counts;
}
