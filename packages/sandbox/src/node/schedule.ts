import type { Live } from '@binnacle/client';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '@binnacle/client/kinds';
import { affinityFits, matches, taintsOf, untolerated } from '../controllers/node-fit.ts';
import { isTerminal } from '../controllers/pod.ts';
import { NO_PROVISIONER, smallestFitting } from '../controllers/volume/bind.ts';
import { claimsUsedBy } from '../controllers/volume/protection.ts';
import type { Shortage } from './resources.ts';
import { shortages } from './resources.ts';
import { best } from './score.ts';
import type { Layout } from './topology.ts';
import { crowded, lopsided, unknownTerm } from './topology.ts';

type LivePod = Live<typeof Pod>;
type LiveNode = Live<typeof Node>;

/** What decides where a pod may run. `pods`: all that count on their nodes, with those that were bound a moment ago. */
export interface Situation extends Layout {
  readonly pod: LivePod;
  readonly claim: (name: string) => Live<typeof PersistentVolumeClaim> | undefined;
  readonly volume: (name: string) => Live<typeof PersistentVolume> | undefined;
  readonly volumes: () => readonly Live<typeof PersistentVolume>[];
  readonly storageClass: (name: string) => Live<typeof StorageClass> | undefined;
}

export type Placement =
  | { readonly do: 'bind'; readonly node: string }
  /** Claims that wait for a node: this one. `volume`: one that was made by hand is theirs; else one is to be made there. The pod is bound when they are. */
  | { readonly do: 'selectNode'; readonly node: string; readonly claims: readonly { readonly name: string; readonly volume?: Live<typeof PersistentVolume> }[] }
  /** Nowhere, or not yet. */
  | { readonly do: 'wait'; readonly message: string }
  /** Bound, gated, or somebody else's to schedule; or its claims are being bound. */
  | { readonly do: 'nothing' };

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const HOSTNAME = 'kubernetes.io/hostname';

/**
 * Where a pending pod goes. Obeys taints, node selectors and affinity, requests, host ports, required (anti-)affinity between pods, spreading and claims; then
 * weighs what is only wished for. Evicts nobody for a pod of higher priority. Source: the filters and default weights of Kubernetes' own scheduler.
 */
export function place(situation: Situation): Placement {
  const { pod, nodes } = situation;
  const { nodeName = '', schedulingGates = [], schedulerName = 'default-scheduler' } = pod.spec ?? {};
  if (nodeName !== '' || schedulingGates.length > 0 || schedulerName !== 'default-scheduler') return { do: 'nothing' };
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return { do: 'nothing' };
  const nowhere = (why: string): Placement => ({ do: 'wait', message: `0/${nodes.length} nodes are available: ${why}.` });
  if (unknownTerm(pod))
    return nowhere('the sandbox does not read the labels of namespaces, so it cannot tell what namespaceSelector in an affinity term is about');
  const claims = claimsUsedBy(pod).map((name) => ({ name, found: situation.claim(name) }));
  for (const { name, found } of claims) {
    if (found === undefined) return nowhere(`persistentvolumeclaim "${name}" not found`);
    if (found.metadata.deletionTimestamp !== undefined) return nowhere(`persistentvolumeclaim "${name}" is being deleted`);
    if (found.status?.phase === 'Lost') return nowhere(`persistentvolumeclaim "${name}" bound to non-existent persistentvolume`);
    if (found.status?.phase !== 'Bound' && !delayed(found, situation)) return nowhere('pod has unbound immediate PersistentVolumeClaims');
  }
  const misfits = new Map(nodes.map((node) => [node, misfitOf(situation, node)] as const));
  const fitting = nodes.filter((node) => misfits.get(node)?.length === 0);
  const chosen = best(pod, fitting, situation)?.metadata.name;
  if (chosen === undefined) return nowhere(explained([...misfits.values()].flat()));
  const unbound = claims.filter(({ found }) => found?.status?.phase !== 'Bound');
  const at = nodes.find(({ metadata }) => metadata.name === chosen)!;
  const select = unbound.flatMap(({ name, found }) => {
    if (found === undefined || found.metadata.annotations?.[SELECTED_NODE] !== undefined || reserved(found, situation) !== undefined) return [];
    const volume = smallestFitting(
      found,
      situation.volumes().filter((one) => reaches(one, at)),
    );
    return volume === undefined ? [{ name }] : [{ name, volume }];
  });
  if (select.length > 0) return { do: 'selectNode', node: chosen, claims: select };
  return unbound.length > 0 ? { do: 'nothing' } : { do: 'bind', node: chosen };
}

function delayed(claim: Live<typeof PersistentVolumeClaim>, { storageClass }: Situation): boolean {
  return storageClass(claim.spec?.storageClassName ?? '')?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** The volume that waits for its claim to be bound. */
function reserved(claim: Live<typeof PersistentVolumeClaim>, { volumes }: Situation): Live<typeof PersistentVolume> | undefined {
  return volumes().find(({ spec }) => spec?.claimRef?.uid === claim.metadata.uid);
}

type Misfit = string | Shortage;

/** Why a pod cannot go to a node: the first reason, or all resources that are short. Empty: it can. */
function misfitOf(situation: Situation, node: LiveNode): readonly Misfit[] {
  const { pod, pods } = situation;
  const taint = untolerated(taintsOf(node), pod.spec?.tolerations ?? [], ['NoSchedule', 'NoExecute']);
  if (taint?.key === 'node.kubernetes.io/unschedulable') return ['node(s) were unschedulable'];
  if (taint !== undefined) return [`node(s) had untolerated taint(s) {${taint.key}: ${taint.value ?? ''}}`];
  if (!affinityFits(pod.spec, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  const here = pods.filter(({ spec, metadata }) => spec?.nodeName === node.metadata.name && metadata.uid !== pod.metadata.uid);
  if (portsTaken(pod, here)) return ["node(s) didn't have free ports for the requested pod ports"];
  const short = shortages(pod, node, here);
  if (short.length > 0) return short;
  if (volumesElsewhere(situation, node)) return ['node(s) had volume node affinity conflict'];
  if (noVolumeHere(situation, node)) return ["node(s) didn't find available persistent volumes to bind"];
  return [crowded(pod, node, situation) ?? lopsided(pod, node, situation) ?? []].flat();
}

function portsTaken(pod: LivePod, here: readonly LivePod[]): boolean {
  const ports = ({ spec }: LivePod) =>
    (spec?.containers ?? []).flatMap(({ ports: all = [] }) =>
      all.filter(({ hostPort = 0 }) => hostPort !== 0).map(({ hostPort, protocol = 'TCP' }) => `${protocol} ${hostPort}`),
    );
  const taken = new Set(here.flatMap(ports));
  return ports(pod).some((port) => taken.has(port));
}

/** A volume may be on some nodes only; and one that is being made is made for the node that was chosen. */
function volumesElsewhere(situation: Situation, node: LiveNode): boolean {
  return claimsUsedBy(situation.pod).some((name) => {
    const found = situation.claim(name);
    const selected = found?.status?.phase === 'Bound' ? undefined : found?.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined) return selected !== node.metadata.name;
    const volume = situation.volume(found?.spec?.volumeName ?? '') ?? (found === undefined ? undefined : reserved(found, situation));
    return volume !== undefined && !reaches(volume, node);
  });
}

/** A claim that nobody makes a volume for needs one that is there, and that this node reaches. */
function noVolumeHere(situation: Situation, node: LiveNode): boolean {
  return claimsUsedBy(situation.pod).some((name) => {
    const found = situation.claim(name);
    if (found === undefined || found.status?.phase === 'Bound' || (found.spec?.volumeName ?? '') !== '' || reserved(found, situation) !== undefined)
      return false;
    if (situation.storageClass(found.spec?.storageClassName ?? '')?.provisioner !== NO_PROVISIONER) return false;
    return (
      smallestFitting(
        found,
        situation.volumes().filter((one) => reaches(one, node)),
      ) === undefined
    );
  });
}

/** Whether a volume can be mounted on a node. */
function reaches({ spec }: Live<typeof PersistentVolume>, node: LiveNode): boolean {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms;
  const labelled = { ...node, metadata: { ...node.metadata, labels: { [HOSTNAME]: node.metadata.name, ...node.metadata.labels } } };
  return terms === undefined || terms.some((term) => matches(term, labelled));
}

/** The reasons with their numbers of nodes, as Kubernetes lists them; then what was asked for and what the roomiest node has left. */
function explained(misfits: readonly Misfit[]): string {
  const short = misfits.filter((misfit) => typeof misfit !== 'string');
  const names = misfits.map((misfit) =>
    typeof misfit === 'string' ? misfit : misfit.resource === 'pods' ? 'Too many pods' : `Insufficient ${misfit.resource}`,
  );
  const counted = [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${all.length} ${name}`).toSorted((a, b) => (a < b ? -1 : 1));
  const details = [...Map.groupBy(short, ({ resource }) => resource)].map(([resource, all]) => {
    const roomiest = all.toSorted((a, b) => b.free - a.free)[0]!;
    return ` ${resource}: asked for ${readable(resource, roomiest.asked)}, free at most ${readable(resource, roomiest.free)} of ${readable(resource, roomiest.has)}`;
  });
  if (misfits.length === 0) return 'there is no node';
  return counted.join(', ') + (details.length === 0 ? '' : `.${details.join(';')}`);
}

function readable(resource: string, amount: number): string {
  if (resource !== 'memory' && resource !== 'ephemeral-storage') return String(Math.round(amount * 1000) / 1000);
  return Math.abs(amount) >= 2 ** 30 ? `${Math.round((amount / 2 ** 30) * 100) / 100}Gi` : `${Math.round((amount / 2 ** 20) * 100) / 100}Mi`;
}
