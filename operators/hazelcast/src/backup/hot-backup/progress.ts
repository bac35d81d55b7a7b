import type { MemberProgress, Run } from '../../api/hot-backup.ts';
import { folderOf } from './plan.ts';
import type { Member, Observed } from './plan.ts';

/** How far each member is, by ordinal. Pure. */
export function progress(o: Observed, run: Run): readonly MemberProgress[] {
  return run.members.map((pod) => {
    const member = o.members.find((one) => one.pod === pod);
    const state = stateOf(o, run, member, pod);
    return state === 'Copying' && member !== undefined && member.total > 0 ? { pod, state, completed: member.completed, total: member.total } : { pod, state };
  });
}

function stateOf(o: Observed, run: Run, member: Member | undefined, pod: string): MemberProgress['state'] {
  const upload = run.uploads?.find((one) => one.member === pod);
  const uploaded = o.uploads[pod];
  if (upload?.key !== undefined || (typeof uploaded === 'object' && uploaded.status === 'SUCCESS' && uploaded.key !== '')) return 'Uploaded';
  if (typeof uploaded === 'object' && uploaded.status !== 'IN_PROGRESS') return 'Failed';
  if (upload?.id !== undefined) return 'Uploading';
  if (upload !== undefined) return 'Copied';
  if (run.sequence === undefined || folderOf(member, run.sequence) === undefined) return 'Waiting';
  if (member?.task === 'SUCCESS') return 'Copied';
  return member?.task === 'IN_PROGRESS' ? 'Copying' : 'Failed';
}
