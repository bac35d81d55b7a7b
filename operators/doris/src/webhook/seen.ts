import { parseTimestamp } from '@binnacle/client';
import type { Live, Ref } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { View } from '@binnacle/runtime';
import { DorisCluster } from '../api/doris-cluster.ts';
import type { Node, Status } from '../api/status.ts';
import { clusterOf, labelsOf, namesOf, ordinalOf, podName } from '../cluster/names.ts';
import { isReady, nodesOf } from '../cluster/report.ts';
import type { Copies, Peer } from './disruption.ts';
import { Pod } from '../pod.ts';

/** On a pod, a StatefulSet, a claim or the account's Secret: `true` lets it go whatever that costs. It goes with the object, so nothing has to be put back. */
export const ALLOW_DISRUPTION = 'al-assad.github.io/allow-disruption';

/** Of which cluster and component an object is, if that holds something that can be lost, and the cluster is to stay. */
export interface Guarded {
  readonly cluster: Live<typeof DorisCluster>;
  readonly name: string;
  readonly namespace: string;
  readonly component: 'fe' | 'be';
}

type Labelled = { readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> } };

/** `undefined`: nothing of ours, nothing that holds data, or its owner said that it may go. */
export function guarded(object: Labelled | undefined, ref: Ref, view: View): Guarded | undefined {
  const component = object?.metadata?.labels?.['app.kubernetes.io/component'];
  if (component !== 'fe' && component !== 'be') return undefined;
  const cluster = stayingCluster(object, ref, view);
  // Taken out of the spec: that is how its owner says that it shall go.
  if (cluster?.spec[component] === undefined) return undefined;
  return { cluster, name: cluster.metadata.name, namespace: ref.namespace ?? '', component };
}

/** The cluster that an object belongs to, unless that is on its way out or the object may go. */
export function stayingCluster(object: Labelled | undefined, ref: Ref, view: View): Live<typeof DorisCluster> | undefined {
  const name = clusterOf(object?.metadata?.labels);
  if (name === undefined || object?.metadata?.annotations?.[ALLOW_DISRUPTION] === 'true') return undefined;
  const cluster = view.get(DorisCluster, { ...ref, name });
  return cluster?.metadata.deletionTimestamp === undefined ? cluster : undefined;
}

/** A component's members: those that Doris had when it was last asked, and those that the StatefulSet is to have. `leaving`: pods that were just let go. */
export function peersOf({ cluster, name, namespace, component }: Guarded, view: View, leaving: ReadonlySet<string>): readonly Peer[] {
  const nodes = new Map<string, Node>();
  for (const node of nodesOf(cluster, component) ?? []) {
    const ordinal = ordinalOf({ name, namespace }, component, node.host);
    if (ordinal !== undefined) nodes.set(podName(name, component, ordinal), node);
  }
  const replicas = view.get(StatefulSet, { namespace, name: namesOf(name, component).statefulSet })?.spec?.replicas ?? 0;
  const pods = new Map(view.list(Pod, { namespace, labels: labelsOf(name, component) }).map((pod) => [pod.metadata.name, pod]));
  // Before Doris was ever asked, every pod that is to be counts.
  const wanted = nodes.size === 0 ? Array.from({ length: replicas }, (_, ordinal) => podName(name, component, ordinal)) : nodes.keys();
  return [...wanted].map((own) => {
    const [pod, node] = [pods.get(own), nodes.get(own)];
    const up = pod !== undefined && pod.metadata.deletionTimestamp === undefined && isReady(pod) && !leaving.has(pod.metadata.uid);
    return { pod: own, serving: up && node?.alive !== false, counts: node === undefined || counts(node) };
  });
}

const counts = ({ role, tablets, decommissioned }: Node): boolean => role !== 'OBSERVER' && !(decommissioned === true && tablets === 0);

/** What Doris counts on of a node, whether or not it has a pod, when it was last asked; `undefined`: nothing. */
export function stillHolds({ cluster, name, namespace, component }: Guarded, ordinal: number): string | undefined {
  const node = nodesOf(cluster, component)?.find(({ host }) => ordinalOf({ name, namespace }, component, host) === ordinal);
  if (node === undefined) return undefined;
  if (component === 'fe') return node.role === 'OBSERVER' ? undefined : 'counts as a vote';
  return (node.tablets ?? 0) > 0 ? `has ${node.tablets} tablets on` : undefined;
}

/** What the operator saw last is believed for so long; ms. It looks once a minute while a back end is away; older means that no operator is at work. */
const BELIEVED_MS = 180_000;

/** Where the last copies are, if the operator has looked lately. `nowMs`: since 1970. */
export function copiesOf({ cluster }: Guarded, nowMs: number): Copies | undefined {
  const seen = (cluster.status as Status | undefined)?.lastCopies; // sound: a Live status is the declared one
  const at = seen === undefined ? undefined : parseTimestamp(seen.at);
  if (seen === undefined || at === undefined || nowMs - at > BELIEVED_MS) return undefined;
  return { away: seen.away, tablets: new Map(seen.holders.map(({ pod, tablets }) => [pod, tablets])) };
}
