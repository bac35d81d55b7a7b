import type { DeepReadonly, Live } from '@binnacle/client';
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '@binnacle/client/kinds';
import { selects } from './labels.ts';

type LiveNode = Live<typeof Node>;

/** The taints of a node; a cordoned one counts as tainted, also before somebody has written the taint. */
export function taintsOf(node: LiveNode): readonly DeepReadonly<Taint>[] {
  const own = node.spec?.taints ?? [];
  const key = 'node.kubernetes.io/unschedulable';
  return node.spec?.unschedulable === true && !own.some((taint) => taint.key === key) ? [...own, { key, effect: 'NoSchedule' }] : own;
}

/** The first taint with one of these effects that nothing tolerates. */
export function untolerated(
  taints: readonly DeepReadonly<Taint>[],
  tolerations: readonly DeepReadonly<Toleration>[],
  effects: readonly string[],
): DeepReadonly<Taint> | undefined {
  return taints.find((taint) => effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** Whether a toleration is for this taint. */
export function tolerates(toleration: DeepReadonly<Toleration>, { key, value = '', effect }: DeepReadonly<Taint>): boolean {
  return (
    ((toleration.key ?? '') === '' || toleration.key === key) &&
    (toleration.operator === 'Exists' || (toleration.value ?? '') === value) &&
    ((toleration.effect ?? '') === '' || toleration.effect === effect)
  );
}

/** Whether a node is one of those that the pod's node selector and required node affinity ask for. */
export function affinityFits(spec: DeepReadonly<Pick<PodSpec, 'nodeSelector' | 'affinity'>> | undefined, node: LiveNode): boolean {
  const labels = node.metadata.labels ?? {};
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const selected = Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  return selected && (terms === undefined || terms.some((term) => matches(term, node)));
}

/** Whether a node is what a term of node affinity describes. An empty term describes none. */
export function matches({ matchExpressions = [], matchFields = [] }: DeepReadonly<NodeSelectorTerm>, { metadata }: LiveNode): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
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
