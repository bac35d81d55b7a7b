import type { DeepReadonly, Live } from '@binnacle/client';
import { DaemonSet } from '@binnacle/client/kinds';
import type { Node, NodeSelectorTerm, Pod, PodSpec, Toleration } from '@binnacle/client/kinds';
import { affinityFits, taintsOf, untolerated } from '../node-fit.ts';
import { controlledBy } from '../owner.ts';
import type { PodRevision } from '../revision.ts';

type Spec = DeepReadonly<PodSpec>;

/** Daemons stay where others are driven away, and run where nobody else may. Source: the defaults of Kubernetes' own controller. */
const TOLERATED: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

/** Whether a node is to get a daemon, and whether one that is there may stay. */
export function wanted(template: Spec | undefined, node: Live<typeof Node>): { readonly run: boolean; readonly stay: boolean } {
  if (!affinityFits(template, node)) return { run: false, stay: false };
  const tolerations = [...(template?.tolerations ?? []), ...TOLERATED];
  const stay = untolerated(taintsOf(node), tolerations, ['NoExecute']) === undefined;
  return { run: stay && untolerated(taintsOf(node), tolerations, ['NoSchedule']) === undefined, stay };
}

/** Which of its templates a DaemonSet is at, as the API server counts them. Of use to nobody any more, and still told. */
const GENERATION = 'deprecated.daemonset.template.generation';

/** The pod of a node. The scheduler binds it like any other, and may find it no room; so the node is asked for by affinity. */
export function podFor(set: Live<typeof DaemonSet>, node: string, revision: PodRevision) {
  const { metadata, spec } = revision.template;
  const generation = set.metadata.annotations?.[GENERATION];
  return {
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: {
        ...metadata?.labels,
        ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
        'controller-revision-hash': hashOf(revision.name, set),
      },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controlledBy(DaemonSet, set)],
    },
    spec: { ...spec, affinity: { ...spec?.affinity, nodeAffinity: onlyOn(spec, node) }, tolerations: [...(spec?.tolerations ?? []), ...TOLERATED] },
  };
}

/** What pods carry of a revision's name: its last part. */
export function hashOf(revision: string, set: Live<typeof DaemonSet>): string {
  return revision.slice(set.metadata.name.length + 1);
}

function onlyOn(spec: Spec | undefined, node: string) {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  // The terms of the template have decided already: they need not be asked again.
  const term: NodeSelectorTerm = { matchFields };
  return { ...spec?.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
}

/** The node a daemon is on or meant for. */
export function nodeOf(pod: Live<typeof Pod>): string {
  const bound = pod.spec?.nodeName ?? '';
  if (bound !== '') return bound;
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === 'metadata.name')?.values?.[0] ?? '';
}
