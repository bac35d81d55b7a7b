import type { Live } from '@binnacle/client';
import type { Pod } from '../../pod.ts';

/** Whether it has the condition Ready. */
export function isReady(pod: Live<typeof Pod>): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

export const isTerminating = (pod: Live<typeof Pod>): boolean => pod.metadata.deletionTimestamp !== undefined;

/** 2 of `hazelcast-2`. A pod of a StatefulSet always ends in one. */
export function ordinalOf(pod: Live<typeof Pod>): number {
  return Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1);
}

/** What is wrong with a pod that will not come up by waiting, or undefined. */
export interface PodFault {
  readonly reason: string;
  readonly message: string;
}

/** Reasons for which a container waits that are no fault. */
const NORMAL = ['', 'ContainerCreating', 'PodInitializing'];

/** The first fault of a pod: it failed, or a container, the init container too, waits for something else than its turn. */
export function faultOf(pod: Live<typeof Pod>): PodFault | undefined {
  const { phase, message = '', reason = '' } = pod.status ?? {};
  if (phase === 'Failed' || phase === 'Unknown') return { reason: reason || phase, message };
  for (const { state } of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const waiting = state?.waiting;
    if (waiting !== undefined && !NORMAL.includes(waiting.reason ?? '')) return { reason: waiting.reason ?? '', message: waiting.message ?? '' };
  }
  return undefined;
}

/** How often the member was started again. */
export function restartsOf(pod: Live<typeof Pod>): number {
  return pod.status?.containerStatuses?.find(({ name }) => name === 'hazelcast')?.restartCount ?? 0;
}
