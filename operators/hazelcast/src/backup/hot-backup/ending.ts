import { parseTimestamp } from '@binnacle/client';
import { STATE_AGE_MS } from '../../protocol/member-state.ts';
import type { Run, Upload } from '../../api/hot-backup.ts';
import type { UploadState } from '../agent/client.ts';
import type { Action, Member } from './plan.ts';

/** What is left of a backup that is not to be finished. `uploads`: of those that have a number. */
export interface Left {
  readonly members: readonly Pick<Member, 'task'>[];
  readonly uploads: Readonly<Record<string, UploadState | 'lost'>>;
  /** Wall clock; ms. */
  readonly nowMs: number;
}

/** Times in the status have lost their parts of a second. */
const SECOND_MS = 1_000;

/** Whether what members say of their backup may be from before they were told to take this one. */
export function isOld({ triggeredAt, startedAt }: Run, nowMs: number): boolean {
  return nowMs - parseTimestamp(triggeredAt ?? startedAt) <= STATE_AGE_MS + SECOND_MS;
}

/**
 * What ends everything that a backup has begun: members stop copying, uploads stop, and what is in the bucket already is taken out again, since a part of a
 * backup is none. Uploads are cancelled first and looked at again: an agent may have been done when it was told (spec/hazelcast-core.md §8.3, 28). Pure.
 */
export function ending(o: Left, run: Run): readonly Action[] {
  const began = run.triggeredAt !== undefined || run.sequence !== undefined;
  const interrupt: readonly Action[] =
    began && ((run.uploads === undefined && isOld(run, o.nowMs)) || o.members.some(({ task }) => task === 'IN_PROGRESS')) ? [{ do: 'interrupt' }] : [];
  const numbered = (run.uploads ?? []).filter(isNumbered);
  const going = numbered.filter(({ member }) => statusOf(o.uploads[member]) === 'IN_PROGRESS');
  if (going.length > 0) {
    const message = `uploads are being cancelled: ${going.map(({ member }) => member).join(', ')}`;
    return [...interrupt, ...going.map((one) => ({ do: 'cancel', upload: one }) as const), { do: 'wait', reason: 'Ending', message }];
  }
  const there = numbered.filter(({ member }) => statusOf(o.uploads[member]) === 'SUCCESS');
  return [...interrupt, ...there.map((one) => ({ do: 'cleanup', upload: one }) as const), ...numbered.map((one) => ({ do: 'forget', upload: one }) as const)];
}

/** Pods whose part may be in the bucket, and nobody can tell or take it out: the agent forgot it, or its answer got lost. */
export function strayed(o: Left, run: Run): readonly string[] {
  return (run.uploads ?? []).filter((one) => !isNumbered(one) || (one.key !== undefined && o.uploads[one.member] === 'lost')).map(({ member }) => member);
}

/** Whether its agent can be asked about it. */
export function isNumbered(upload: Upload): upload is Upload & { readonly id: string } {
  return upload.id !== undefined;
}

function statusOf(state: UploadState | 'lost' | undefined): UploadState['status'] | undefined {
  return typeof state === 'object' ? state.status : undefined;
}
