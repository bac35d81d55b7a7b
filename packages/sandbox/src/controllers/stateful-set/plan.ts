import type { Live } from '@binnacle/client';
import type { Pod, StatefulSet } from '@binnacle/client/kinds';
import { isRunningAndReady, isTerminal, isTerminating, untilAvailable } from '../pod.ts';

type LivePod = Live<typeof Pod>;

/** What a StatefulSet has and wants. `pods` are those it controls; revisions are names of ControllerRevisions. */
export interface Observed {
  readonly set: Live<typeof StatefulSet>;
  readonly pods: readonly LivePod[];
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly nowMs: number;
}

export type Action =
  | { readonly do: 'create'; readonly ordinal: number; readonly revision: string }
  /** Bring labels and claims of a pod that stays to what they should be. Cheap, and nothing when they are. */
  | { readonly do: 'keep'; readonly ordinal: number; readonly pod: LivePod }
  /** Beyond the wanted ordinals: its claims may go with it (whenScaled). Comes before its `delete`. */
  | { readonly do: 'condemn'; readonly ordinal: number; readonly pod: LivePod }
  | { readonly do: 'delete'; readonly pod: LivePod; readonly why: 'ended' | 'condemned' | 'outdated' };

/** The next moves, in order. `afterMs`: a pod becomes available then, which nobody will announce. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly afterMs: number | undefined;
}

/** The ordinal of a pod of this set by its name, or undefined when the name is not one of the set's. */
export function ordinalOf(set: string, pod: string): number | undefined {
  const match = /^(.*)-(0|[1-9]\d*)$/.exec(pod);
  return match?.[1] === set ? Number(match[2]) : undefined;
}

/** The revision a pod was made from. */
export function revisionOf(pod: LivePod): string {
  return pod.metadata.labels?.['controller-revision-hash'] ?? '';
}

/**
 * What the StatefulSet controller does next, phase by phase: bring up wanted ordinals ascending, take down the rest descending, replace outdated pods
 * descending. OrderedReady stops at the first pod that is not running, ready and available; that also holds an update up for ever on a broken pod,
 * which reverting the template does not heal. That is how Kubernetes is. Source: spec/sandbox.md §2.13.
 */
export function plan(observed: Observed): Plan {
  const { set, nowMs } = observed;
  const { replicas, condemned } = sort(observed);
  const minReady = set.spec?.minReadySeconds ?? 0;
  const ordered = set.spec?.podManagementPolicy !== 'Parallel';
  const waits: number[] = [];
  const available = (pod: LivePod) => {
    const ms = isRunningAndReady(pod) ? untilAvailable(pod, minReady, nowMs) : undefined;
    if (ms !== undefined && ms > 0) waits.push(ms);
    return ms === 0;
  };
  const actions: Action[] = condemned.map(({ ordinal, pod }) => ({ do: 'condemn', ordinal, pod }));
  const finished = bringUp(observed, replicas, ordered, available, actions) || takeDown(replicas, condemned, ordered, available, actions);
  if (!finished) replaceOutdated(observed, replicas, available, actions);
  return { actions, afterMs: waits.length === 0 ? undefined : Math.min(...waits) };
}

interface Wanted {
  readonly ordinal: number;
  readonly pod: LivePod | undefined;
}
interface Condemned {
  readonly ordinal: number;
  readonly pod: LivePod;
}

/** Wanted ordinals ascending, the others descending. */
function sort({ set, pods }: Observed): { readonly replicas: readonly Wanted[]; readonly condemned: readonly Condemned[] } {
  const start = set.spec?.ordinals?.start ?? 0;
  const end = start + (set.spec?.replicas ?? 1);
  const byOrdinal = new Map(
    pods.flatMap((pod) => {
      const ordinal = ordinalOf(set.metadata.name, pod.metadata.name);
      return ordinal === undefined ? [] : [[ordinal, pod] as const];
    }),
  );
  const replicas = Array.from({ length: end - start }, (_, i) => ({ ordinal: start + i, pod: byOrdinal.get(start + i) }));
  const condemned = [...byOrdinal]
    .filter(([ordinal]) => ordinal < start || ordinal >= end)
    .toSorted(([a], [b]) => b - a)
    .map(([ordinal, pod]) => ({ ordinal, pod }));
  return { replicas, condemned };
}

type Available = (pod: LivePod) => boolean;

/** True: nothing else may be done in this pass. */
function bringUp(observed: Observed, replicas: readonly Wanted[], ordered: boolean, available: Available, actions: Action[]): boolean {
  for (const { ordinal, pod } of replicas) {
    if (pod === undefined) {
      actions.push({ do: 'create', ordinal, revision: revisionFor(observed, ordinal) });
      if (ordered) return true;
      continue;
    }
    if (isTerminal(pod)) {
      if (!isTerminating(pod)) actions.push({ do: 'delete', pod, why: 'ended' });
      return true;
    }
    // Also a pod that holds the others up: it may be Pending because somebody deleted its claim.
    if (!isTerminating(pod)) actions.push({ do: 'keep', ordinal, pod });
    if (ordered && (isTerminating(pod) || !available(pod))) return true;
  }
  return false;
}

/** True: nothing else may be done in this pass. */
function takeDown(replicas: readonly Wanted[], condemned: readonly Condemned[], ordered: boolean, available: Available, actions: Action[]): boolean {
  const unhealthy = [...replicas, ...condemned.toReversed()].find(({ pod }) => pod === undefined || !isHealthy(pod));
  for (const { pod } of condemned) {
    if (isTerminating(pod)) {
      if (ordered) return true;
      continue;
    }
    if (ordered && pod !== unhealthy?.pod && !available(pod)) return true;
    actions.push({ do: 'delete', pod, why: 'condemned' });
    if (ordered) return true;
  }
  return false;
}

/** One at a time also with Parallel: that policy is about scaling alone. */
function replaceOutdated({ set, updateRevision }: Observed, replicas: readonly Wanted[], available: Available, actions: Action[]): void {
  if (set.spec?.updateStrategy?.type === 'OnDelete') return;
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const { pod } of replicas.slice(partition).toReversed()) {
    if (pod === undefined) return;
    if (revisionOf(pod) !== updateRevision && !isTerminating(pod)) {
      actions.push({ do: 'delete', pod, why: 'outdated' });
      return;
    }
    if (isTerminating(pod) || !available(pod)) return;
  }
}

/** Pods below the partition come back as what they were. */
function revisionFor({ set, currentRevision, updateRevision }: Observed, ordinal: number): string {
  const strategy = set.spec?.updateStrategy;
  if (strategy?.type === 'OnDelete') return updateRevision;
  const start = set.spec?.ordinals?.start ?? 0;
  return ordinal < start + (strategy?.rollingUpdate?.partition ?? 0) ? currentRevision : updateRevision;
}

function isHealthy(pod: LivePod): boolean {
  return isRunningAndReady(pod) && !isTerminating(pod);
}
