import { parseTimestamp, timestamp } from '@binnacle/client';
import type { Run, Upload } from '../../api/hot-backup.ts';
import { archiveOf, keyOfArchive } from './archive.ts';
import { isNumbered } from './ending.ts';
import { askOf, fail, folderOf, sequenceOf } from './plan.ts';
import type { Action, Observed } from './plan.ts';

/**
 * How long an upload of which nobody knows whether it began is waited for before another is begun; ms. Two at a time would write the same object, and the
 * first that ends takes the folder from under the other.
 */
export const UNKNOWN_MS = 600_000;
/** How often an agent is asked for one upload at most. */
export const ATTEMPTS_MOST = 3;

/** What one upload has come to. */
type Step =
  | { readonly type: 'there'; readonly key: string }
  | { readonly type: 'going'; readonly reason: 'Uploading' | 'UploadUnknown' }
  | { readonly type: 'ask' | 'again' }
  | { readonly type: 'failed'; readonly why: string };

/**
 * The copies to the bucket. An agent uploads whatever is newest on its volume and tells only a number, which dies with its process: so it is written down that
 * an agent is to be asked, then it is asked; who finds the note and no number looks at the volume, from which the agent takes a folder that is in the bucket.
 */
export function upload(o: Observed, run: Run, sequence: string, uploads: readonly Upload[]): readonly Action[] {
  const steps = uploads.map((one) => ({ one, step: stepOf(o, sequence, one) }));
  for (const { one, step } of steps) if (step.type === 'failed') return [fail(run, `Upload failed: ${one.member}: ${step.why}`)];
  const asked = steps.find(({ step }) => step.type === 'ask');
  if (asked !== undefined) return [{ do: 'upload', upload: asked.one }];
  const after = steps.map(({ one, step }): Upload => {
    if (step.type === 'there') return { ...one, key: step.key };
    return step.type === 'again' ? { member: one.member, uuid: one.uuid, askedAt: timestamp(o.nowMs), attempt: one.attempt + 1 } : one;
  });
  // Remembered before the agents forget: after a crash nobody could tell any more that it is there.
  const asking = after.filter((_, index) => steps[index]?.step.type === 'again');
  if (asking.length > 0 || after.some(({ key }, index) => key !== uploads[index]?.key)) return [{ do: 'remember', run: { ...run, uploads: after }, asking }];
  const away = steps.flatMap(({ one, step }) => (step.type === 'going' ? [{ member: one.member, reason: step.reason }] : []));
  const [first] = away;
  if (first !== undefined) return [{ do: 'wait', reason: first.reason, message: `being uploaded: ${away.map(({ member }) => member).join(', ')}` }];
  return [
    ...uploads.filter(isNumbered).map((one) => ({ do: 'forget', upload: one }) as const),
    { do: 'finish', state: 'Success', message: '', backupUUIDs: uploads.flatMap(({ key }) => key ?? []) },
  ];
}

function stepOf(o: Observed, sequence: string, one: Upload): Step {
  if (one.key !== undefined) return { type: 'there', key: one.key };
  if (!isNumbered(one)) return unnumbered(o, sequence, one);
  const state = o.uploads[one.member];
  if (state === undefined) return { type: 'failed', why: 'its member is gone' };
  // Its process is another one: nothing of the old upload goes on.
  if (state === 'lost') return onVolume(o, sequence, one) ?? again(one, 'its agent was restarted each time');
  switch (state.status) {
    case 'IN_PROGRESS':
      return { type: 'going', reason: 'Uploading' };
    case 'SUCCESS':
      return judged(o, sequence, one, state.key);
    case 'FAILURE':
      return { type: 'failed', why: state.message };
    case 'CANCELED':
      return { type: 'failed', why: 'Upload canceled' };
  }
}

function unnumbered(o: Observed, sequence: string, one: Upload): Step {
  const there = onVolume(o, sequence, one);
  if (there !== undefined) return there;
  if (o.unasked.has(askOf(one))) return { type: 'ask' };
  if (o.nowMs - parseTimestamp(one.askedAt) < UNKNOWN_MS) return { type: 'going', reason: 'UploadUnknown' };
  return again(one, 'its agent did not answer');
}

/** What the volume tells before an agent is asked: that it is done, or would take another backup for this one. Undefined: it may be asked. */
function onVolume(o: Observed, sequence: string, one: Upload): Step | undefined {
  const member = o.members.find(({ pod }) => pod === one.member);
  if (member === undefined) return { type: 'failed', why: 'its member is gone' };
  const newest = member.backups.at(-1);
  if (folderOf(member, sequence) !== undefined)
    return newest !== undefined && sequenceOf(newest) > sequence
      ? { type: 'failed', why: `a newer backup is on the volume: ${sequenceOf(newest)}` }
      : undefined;
  if (o.unasked.has(askOf(one))) return { type: 'failed', why: 'its backup is no longer on the volume' };
  return { type: 'there', key: keyOfArchive(o.bucketURI, o.cluster, `${sequence}/${one.uuid}`) };
}

/** Done only with a key, and with that of this backup: with an empty one it was cancelled while it ended, with another the agent took another folder. */
function judged(o: Observed, sequence: string, one: Upload, key: string): Step {
  if (key === '') return { type: 'failed', why: 'Upload canceled' };
  const wanted = archiveOf(o.cluster, `${sequence}/${one.uuid}`);
  return key.endsWith(wanted) ? { type: 'there', key } : { type: 'failed', why: `the agent uploaded another backup: ${key}` };
}

function again(one: Upload, why: string): Step {
  return one.attempt < ATTEMPTS_MOST ? { type: 'again' } : { type: 'failed', why };
}
