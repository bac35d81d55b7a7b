import type { Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import type { Pod } from '@binnacle/client/kinds';

type LivePod = Live<typeof Pod>;

/** Whether a condition of the pod is `True`. */
export function hasCondition(pod: LivePod, type: string): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

/** Its Ready condition says so. */
export function isReady(pod: LivePod): boolean {
  return hasCondition(pod, 'Ready');
}

/** Deleted, and perhaps still running out its grace period. */
export function isTerminating(pod: LivePod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Ended for good: phase Succeeded or Failed. */
export function isTerminal(pod: LivePod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Neither ended nor being deleted. */
export function isActive(pod: LivePod): boolean {
  return !isTerminal(pod) && !isTerminating(pod);
}

/** In phase Running and Ready. */
export function isRunningAndReady(pod: LivePod): boolean {
  return pod.status?.phase === 'Running' && isReady(pod);
}

/**
 * Ms until a ready pod will have been ready for `minReadySeconds`: 0 when it is available now, undefined when it is not ready.
 */
export function untilAvailable(pod: LivePod, minReadySeconds: number, nowMs: number): number | undefined {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready' && condition.status === 'True');
  if (ready === undefined) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = ready.lastTransitionTime === undefined ? nowMs : parseTimestamp(ready.lastTransitionTime);
  return Math.max(0, since + minReadySeconds * 1000 - nowMs);
}
