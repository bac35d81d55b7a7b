import { parseTimestamp } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import type { Job } from '@binnacle/client/kinds';
import { faultOf } from '../../../hazelcast/members/pods.ts';
import type { Pod } from '../../../pod.ts';

/** How long a pod may be on its way before it is worth a word; ms. A volume that cannot be mounted, or a Job that may make no pod, is told by Events alone. */
const PATIENCE_MS = 60_000;

/** What keeps a Job from its work, in Kubernetes' words; undefined: nothing that is known. `pods`: all there are, of whichever Job. Pure. */
export function heldBy(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[], nowMs: number): string | undefined {
  const { name, uid, creationTimestamp } = job.metadata;
  const own = pods.filter(({ metadata, status }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true && status?.phase !== 'Succeeded');
  const active = own.filter(({ status }) => status?.phase !== 'Failed');
  for (const pod of active) {
    const fault = unscheduled(pod) ?? faultOf(pod);
    if (fault !== undefined) return `pod ${pod.metadata.name}: ${[fault.reason, fault.message].filter((text) => text !== '').join(': ')}`;
  }
  if (active.some(({ status }) => status?.phase === 'Running') || nowMs - parseTimestamp(creationTimestamp) <= PATIENCE_MS) return undefined;
  if (active.length > 0) return `pod ${active[0]!.metadata.name} does not start: its Events say why`;
  const failed = job.status?.failed ?? 0;
  return failed > 0 ? `${failed} of its pods failed, it is tried again: see the log of Job ${name}` : `Job ${name} has no pod: its Events say why`;
}

function unscheduled({ status }: Live<typeof Pod>): { readonly reason: string; readonly message: string } | undefined {
  const found = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return found?.status === 'False' ? { reason: found.reason ?? '', message: found.message ?? '' } : undefined;
}
