import { parseTimestamp, timestamp } from '@binnacle/client';
import type { DeepReadonly, Live, Ref } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { done, waitFor } from '@binnacle/runtime';
import type { Context, Outcome, References } from '@binnacle/runtime';
import { bucketUri, unnameable } from '../../../api/bucket-uri.ts';
import { hasFormed } from '../../../api/check/update.ts';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import type { Buckets } from '../../bucket/client.ts';
import { BucketError } from '../../bucket/error.ts';
import type { BucketErrorCode } from '../../bucket/error.ts';
import { WAY_OUT, bucketPlan } from './bucket-plan.ts';
import type { Observed } from './bucket-plan.ts';
import { archivesOf, restoresFrom } from './archives.ts';
import type { Archive } from './archives.ts';
import { tellLeftBehind } from './left-behind.ts';
import { namespaceGoes } from './namespace.ts';
import type { REMOVAL_NEEDS } from './remove.ts';
import { withSchedule } from './with-schedule.ts';

type Cx = Context<typeof HotBackup, (typeof REMOVAL_NEEDS.owns)[number], (typeof REMOVAL_NEEDS.reads)[number]>;

/** What deleting from buckets takes; `deleting` is memory that may be lost. */
export interface Deleting {
  readonly buckets: Buckets;
  /** Who names which Secret, so that one that comes or changes wakes him. */
  readonly references: References;
  /** HotBackups of which a pass waits for a bucket now. */
  readonly deleting: Set<string>;
}

/** Passes that wait for buckets at the same time: fewer than the controller has, so that a bucket that does not answer holds up no backup. */
const PASSES_MOST = 2;
/** How long a pass goes on deleting; ms. What is left is for the next. */
const WORK_MS = 30_000;
/** What is written down must be there before it is acted on: hence another pass, at once; ms. */
const AT_ONCE_MS = 10;
/** How long until a cluster that is to be restored from it, or others that wait for their buckets, are looked at again; ms. */
const AGAIN_MS = 2_000;
/** How long until a bucket is tried again: as long as it has been tried, within these; ms. */
const RETRY_MS = { least: 5_000, most: 300_000 } as const;
/** How long the bucket of a backup that failed is tried if it does not answer; ms. */
const GIVEN_UP_MS = 600_000;

/** What is wrong, and what to do. */
const REASONS: Readonly<Record<BucketErrorCode, readonly [reason: string, what: string]>> = {
  unreachable: ['BucketUnreachable', 'It is tried again'],
  denied: ['BucketDenied', 'Give the account of the Secret the right to delete objects there'],
  missing: ['BucketNotFound', 'Correct the Secret or make the bucket'],
  credentials: ['InvalidCredentials', 'Correct the Secret'],
  refused: ['RemovalFails', 'Mend that or delete it there'],
};

/**
 * Deletes the objects of a backup if `spec.deletionPolicy` says so, before its HotBackup goes: those that its status names, one by one, and nothing is looked for.
 * `status.removal` has what may still be there, so that whoever goes on after a crash knows; an object that is deleted twice is gone.
 */
export async function removeFromBucket(hb: Backup, doors: Deleting, cx: Cx): Promise<Outcome> {
  const observed = await observe(hb, cx);
  const action = bucketPlan(observed);
  doors.references.note(refOf(hb), []);
  switch (action.do) {
    case 'wait':
      if (action.reason === 'RemovalFails' && hasFailed(hb)) return leave(hb, action.message, cx);
      return waitFor(action.reason, action.message, { afterMs: AGAIN_MS });
    case 'begin':
      cx.status({ removal: { startedAt: timestamp(cx.clock.now()), left: [...action.left] } });
      return waitFor('RemovingBackup', `being deleted from ${observed.bucket}`, { afterMs: AT_ONCE_MS });
    case 'delete':
      return await remove(hb, action.archives, observed.bucket, doors, cx);
    case 'finish':
      if (action.kept !== undefined) tellLeftBehind(action.kept, cx);
      if (action.removed > 0) cx.event('Normal', 'BackupRemoved', `its ${action.removed} objects are gone from ${observed.bucket}`, 'Delete');
      return over(hb, cx);
    default:
      return action satisfies never;
  }
}

async function observe(hb: Backup, cx: Cx): Promise<Observed> {
  const uri = hb.spec.bucketURI ?? '';
  const { scheme, bucket } = bucketUri(uri);
  const { own, strange } = archivesOf(hb);
  const restored = (await cx.list(Hazelcast)).find((hz) => {
    const source = hz.spec.persistence?.restore?.bucketConfig?.bucketURI;
    // A cluster that has formed once never restores again.
    return hz.metadata.deletionTimestamp === undefined && source !== undefined && !hasFormed(hz) && restoresFrom(source, uri, own);
  });
  const nameless = secretOf(hb) === '' ? 'there is no spec.secretName, and the operator has not the identity of the pods' : undefined;
  return {
    wanted: hb.spec.deletionPolicy === 'Delete',
    bucket: `${scheme}${bucket}`,
    own,
    strange,
    neededBy: restored?.metadata.name,
    keptBecause: (await ofAnother(hb, own, cx)) ?? (await withSchedule(hb, cx)),
    problem: nameless ?? unnameable(uri),
    left: hb.status?.removal?.left,
  };
}

async function ofAnother(hb: Backup, own: readonly Archive[], cx: Cx): Promise<string | undefined> {
  const entries = new Set(own.map(({ entry }) => entry));
  const other = (await cx.list(HotBackup)).find(
    ({ metadata, status }) => metadata.uid !== hb.metadata.uid && status?.backupUUIDs?.some((entry) => entries.has(entry)) === true,
  );
  return other === undefined ? undefined : `HotBackup ${other.metadata.name} is of it as well`;
}

async function remove(hb: Backup, archives: readonly Archive[], bucket: string, doors: Deleting, cx: Cx): Promise<Outcome> {
  const name = secretOf(hb);
  doors.references.note(refOf(hb), [{ kind: 'Secret', name }]);
  const secret = await cx.get(Secret, name);
  if (secret === undefined) return (await namespaceGoes(hb, cx)) ? giveUp(hb, archives, bucket, cx) : secretMissing(hb, bucket, cx);
  if (doors.deleting.size >= PASSES_MOST) return waitFor('RemovingBackup', 'waits until others are deleted from their buckets', { afterMs: AGAIN_MS });
  const { uid } = hb.metadata;
  const opened = { uri: hb.spec.bucketURI ?? '', namespace: refOf(hb).namespace, credentials: credentialsOf(secret) };
  const gone = new Set<string>();
  const until = cx.clock.monotonic() + WORK_MS;
  let failed: BucketError | undefined;
  doors.deleting.add(uid);
  try {
    for (const { entry, key } of archives) {
      if (cx.clock.monotonic() > until) break;
      await doors.buckets.delete(opened, key, cx);
      gone.add(entry);
    }
  } catch (error) {
    if (!(error instanceof BucketError)) throw error;
    failed = error;
  } finally {
    doors.deleting.delete(uid);
  }
  const left = archives.map(({ entry }) => entry).filter((entry) => !gone.has(entry));
  cx.status({ removal: { startedAt: hb.status?.removal?.startedAt ?? timestamp(cx.clock.now()), left } });
  if (failed === undefined) return waitFor('RemovingBackup', `being deleted from ${bucket}`, { afterMs: AT_ONCE_MS });
  const [reason, what] = REASONS[failed.code];
  return again(hb, reason, `cannot be deleted from ${bucket}: ${failed.message}. ${what}, ${WAY_OUT}`, cx);
}

function secretMissing(hb: Backup, bucket: string, cx: Cx): Outcome {
  return again(hb, 'SecretNotFound', `Secret ${secretOf(hb)}, with which ${bucket} is opened, is not there. Make it, ${WAY_OUT}`, cx);
}

/** No Secret can be made any more where this one was: to wait would hold the namespace for ever. Names the objects: with the HotBackup goes the only list of them. */
function giveUp(hb: Backup, archives: readonly Archive[], bucket: string, cx: Cx): Outcome {
  const keys = archives.map(({ key }) => key).join(', ');
  const why = `Secret ${secretOf(hb)}, with which it is opened, has gone with the namespace`;
  tellLeftBehind(`${archives.length} of its ${archivesOf(hb).own.length} objects may still be in ${bucket}, since ${why}; delete them there: ${keys}`, cx);
  return over(hb, cx);
}

/** Waits, the longer the longer it has failed. */
function again(hb: Backup, reason: string, message: string, cx: Cx): Outcome {
  const triedMs = cx.clock.now() - parseTimestamp(hb.status?.removal?.startedAt ?? timestamp(cx.clock.now()));
  if (hasFailed(hb) && (reason !== 'BucketUnreachable' || triedMs > GIVEN_UP_MS)) return leave(hb, message, cx);
  return waitFor(reason, message, { afterMs: Math.min(Math.max(triedMs, RETRY_MS.least), RETRY_MS.most) });
}

function hasFailed({ status }: Backup): boolean {
  return status?.state === 'Failure';
}

/** What a backup that failed may have left holds nobody up: it mostly failed for what is wrong now too, and a schedule would make one after the other. */
function leave(hb: Backup, why: string, cx: Cx): Outcome {
  tellLeftBehind(`a part of the backup that failed may be in the bucket: ${why.replace(`, ${WAY_OUT}`, '')}`, cx);
  return over(hb, cx);
}

/** What a backup that failed left on the volumes may take longer: of the bucket it is not told again. */
function over(hb: Backup, cx: Cx): Outcome {
  const { folder, objects } = hb.status?.remains ?? {};
  if (objects !== undefined) cx.status({ remains: folder === undefined ? undefined : { folder }, removal: undefined });
  return done;
}

function refOf({ metadata: { namespace = '', name } }: Backup): Required<Ref> {
  return { namespace, name };
}

function secretOf({ spec }: Backup): string {
  return spec.secretName || spec.secret || '';
}

function credentialsOf({ data }: DeepReadonly<Live<typeof Secret>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
}
