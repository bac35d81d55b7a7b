import type { Live } from '@binnacle/client';
import type { Node, Pod } from '@binnacle/client/kinds';
import { matches, taintsOf, untolerated } from '../controllers/node-fit.ts';
import { load } from './resources.ts';
import type { Layout } from './topology.ts';
import { constraints, inDomain, spread } from './topology.ts';

type LivePod = Live<typeof Pod>;
type LiveNode = Live<typeof Node>;

/** How much each wish weighs against the others: Kubernetes' own default weights. */
const WISHES: readonly { readonly weight: number; readonly of: (pod: LivePod, node: LiveNode, layout: Layout) => number }[] = [
  { weight: 3, of: (pod, node) => (untolerated(taintsOf(node), pod.spec?.tolerations ?? [], ['PreferNoSchedule']) === undefined ? 1 : 0) },
  { weight: 2, of: nodeWish },
  { weight: 2, of: podWish },
  { weight: 2, of: spreadWish },
  { weight: 1, of: (_pod, node, layout) => 1 - load(node, on(node, layout)) },
];

/** Of nodes that all fit, the one that fits best; among equals the one with fewest pods, then the first by name. */
export function best(pod: LivePod, fitting: readonly LiveNode[], layout: Layout): LiveNode | undefined {
  if (fitting.length <= 1) return fitting[0];
  const scores = new Map(fitting.map((node) => [node, 0]));
  for (const { weight, of } of WISHES) {
    const raw = fitting.map((node) => of(pod, node, layout));
    const [least, most] = [Math.min(...raw), Math.max(...raw)];
    // Each wish counts from 0 to 1 over the nodes there are, so that large numbers of one do not drown the others.
    if (most > least) for (const [i, node] of fitting.entries()) scores.set(node, scores.get(node)! + (weight * (raw[i]! - least)) / (most - least));
  }
  const key = (node: LiveNode) => [-scores.get(node)!, on(node, layout).length] as const;
  return fitting.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (Math.abs(left[0] - right[0]) > 1e-9) return left[0] - right[0];
    return left[1] - right[1] || (a.metadata.name < b.metadata.name ? -1 : 1);
  })[0];
}

function on(node: LiveNode, { pods }: Layout): readonly LivePod[] {
  return pods.filter(({ spec }) => spec?.nodeName === node.metadata.name);
}

function nodeWish(pod: LivePod, node: LiveNode): number {
  const wishes = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return wishes.reduce((sum, { weight, preference }) => sum + (matches(preference, node) ? weight : 0), 0);
}

function podWish(pod: LivePod, node: LiveNode, layout: Layout): number {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const sum = (wishes: NonNullable<typeof podAffinity>['preferredDuringSchedulingIgnoredDuringExecution']) =>
    (wishes ?? []).reduce((total, { weight, podAffinityTerm }) => total + weight * (inDomain(pod, podAffinityTerm, node, layout) ?? 0), 0);
  return sum(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution) - sum(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
}

function spreadWish(pod: LivePod, node: LiveNode, layout: Layout): number {
  return constraints(pod, 'ScheduleAnyway').reduce((sum, constraint) => {
    const counts = spread(pod, constraint, layout);
    const domain = node.metadata.labels?.[constraint.topologyKey];
    // A node in no domain is worse than the fullest one.
    return sum - (domain === undefined ? Math.max(0, ...counts.values()) + 1 : (counts.get(domain) ?? 0));
  }, 0);
}
