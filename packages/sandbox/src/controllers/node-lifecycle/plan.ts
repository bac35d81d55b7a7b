import type { DeepReadonly, Live } from '@binnacle/client';
import { parseTimestamp, timestamp } from '@binnacle/client';
import type { Lease, Node, Pod, Taint, Toleration } from '@binnacle/client/kinds';
import { tolerates } from '../node-fit.ts';
import { isTerminal, isTerminating } from '../pod.ts';

type LiveNode = Live<typeof Node>;
type LivePod = Live<typeof Pod>;

/** Without a word for this long a node is taken for dead. Source: the kubelet's lease duration. */
const GRACE_MS = 40_000;
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
export const NOT_READY = 'node.kubernetes.io/not-ready';
/** An administrator's word that a node is off, and will not come back with what ran there. */
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** The Ready condition of a node: `undefined` when it has none. */
export function readyOf(node: LiveNode): 'True' | 'False' | 'Unknown' | undefined {
  // Sound: the status of a condition is one of the three.
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status as 'True' | 'False' | 'Unknown' | undefined;
}

/** Ms until a node is taken for dead by its Lease: 0 or less when it is. `undefined`: never, since it does not say that it lives. */
export function untilDead(lease: Live<typeof Lease> | undefined, nowMs: number): number | undefined {
  const renewed = lease?.spec?.renewTime;
  return renewed === undefined ? undefined : parseTimestamp(renewed) + GRACE_MS - nowMs;
}

/** The taints that a node is to have: those that follow from its Ready condition, and all that others gave it. */
export function taintsFor(node: LiveNode, nowMs: number): readonly DeepReadonly<Taint>[] {
  const own = node.spec?.taints ?? [];
  const ready = readyOf(node);
  const key = ready === 'Unknown' ? UNREACHABLE : ready === 'False' ? NOT_READY : undefined;
  const others = own.filter((taint) => (taint.key !== UNREACHABLE && taint.key !== NOT_READY) || taint.key === key);
  const missing = ['NoSchedule', 'NoExecute'].filter((effect) => key !== undefined && !others.some((taint) => taint.key === key && taint.effect === effect));
  return [...others, ...missing.map((effect) => ({ key: key!, effect, timeAdded: timestamp(nowMs) }))];
}

/** Pods that a node's NoExecute taints drive away: those whose time is over, and ms until the next one's is. */
export function evictions(node: LiveNode, pods: readonly LivePod[], nowMs: number): { readonly due: readonly LivePod[]; readonly nextMs: number | undefined } {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  const left = pods
    .filter((pod) => !isTerminating(pod) && !isTerminal(pod))
    .map((pod) => ({ pod, ms: Math.min(...taints.map((taint) => toleratedUntil(taint, pod.spec?.tolerations ?? []) - nowMs)) }));
  const later = left.filter(({ ms }) => ms > 0 && Number.isFinite(ms)).map(({ ms }) => ms);
  return { due: left.filter(({ ms }) => ms <= 0).map(({ pod }) => pod), nextMs: later.length === 0 ? undefined : Math.min(...later) };
}

/** Ms since the epoch; the shortest of the tolerations that fit counts. */
function toleratedUntil(taint: DeepReadonly<Taint>, tolerations: readonly DeepReadonly<Toleration>[]): number {
  const fitting = tolerations.filter((toleration) => tolerates(toleration, taint));
  if (fitting.length === 0) return 0;
  const seconds = Math.min(...fitting.map(({ tolerationSeconds }) => tolerationSeconds ?? Infinity));
  return (taint.timeAdded === undefined ? 0 : parseTimestamp(taint.timeAdded)) + Math.max(0, seconds) * 1000;
}
