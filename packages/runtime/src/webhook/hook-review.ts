import type { AnyKind } from '@binnacle/client';
import type { Logger } from '../log.ts';
import type { Cache } from '../reconciler.ts';
import { kindId } from '../cache/id.ts';
import type { Hook, Operation, Write } from './hook.ts';
import { jsonPatch } from './json-patch.ts';
import { REVIEW_VERSION, record, requestOf } from './request.ts';
import type { AdmissionRequest } from './request.ts';
import type { AdmissionReview } from './review.ts';

/** What hooks decide from. */
export interface Knowledge {
  readonly cache: Cache;
  /** Whether these kinds were read once. */
  has(kinds: readonly AnyKind[]): boolean;
}

type Answer = Omit<AdmissionReview['response'], 'uid'>;

/** Answers reviews for one hook. What cannot be decided is let through, and says so. */
export function hookReviewer(hook: Hook, knowledge: Knowledge, log: Logger): (review: unknown) => AdmissionReview {
  const undecided = (why: string): Answer => ({ allowed: true, warnings: [`${hook.name}: ${why}: nobody has looked at it`] });
  const answer = (request: AdmissionRequest): Answer => {
    if (!knowledge.has(hook.reads ?? [])) return undecided('the operator has just started');
    try {
      return decided(hook, request, readable(knowledge.cache, hook));
    } catch (error) {
      log.error({ hook: hook.name, err: error }, 'a hook threw, the write is let through');
      return undecided('it failed');
    }
  };
  return (review) => {
    const request = requestOf(review);
    return { apiVersion: REVIEW_VERSION, kind: 'AdmissionReview', response: { uid: request.uid, ...answer(request) } };
  };
}

function decided(hook: Hook, request: AdmissionRequest, view: Cache): Answer {
  const write = writeOf(request);
  if (hook.type === 'filler') {
    const patch = write.object === undefined ? [] : jsonPatch(write.object, hook.fill(write, view));
    return patch.length === 0 ? { allowed: true } : { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
  }
  const verdict = hook.review(write, view);
  if (verdict.type === 'allow') return { allowed: true, ...(verdict.warnings === undefined ? {} : { warnings: verdict.warnings }) };
  const [code, reason] = verdict.type === 'later' ? [429, 'TooManyRequests'] : [403, 'Forbidden'];
  return { allowed: false, status: { code: code as number, reason: reason as string, message: verdict.message } };
}

function writeOf({ operation, namespace, name, object, before, user, dryRun, options }: AdmissionRequest): Write<AnyKind> {
  // A name that is to be generated is not known yet.
  const known = name === '' ? record((object ?? before)?.['metadata'])['generateName'] : name;
  const said = (option: string) => (typeof options[option] === 'string' ? { [option]: options[option] } : {});
  const ref = { name: typeof known === 'string' ? known : '', ...(namespace === '' ? {} : { namespace }) };
  return { operation: operation as Operation, ref, object, before, user, dryRun, ...said('propagationPolicy'), ...said('fieldManager') };
}

/** Only what the hook declared: the rest is not in the ClusterRole. */
function readable(cache: Cache, hook: Hook): Cache {
  const declared = new Set((hook.reads ?? []).map(kindId));
  const check = (kind: AnyKind): void => {
    if (!declared.has(kindId(kind))) throw new Error(`hook ${hook.name} does not declare ${kindId(kind)} in its reads`);
  };
  return {
    get: (kind, ref) => (check(kind), cache.get(kind, ref)),
    list: (kind, options) => (check(kind), cache.list(kind, options)),
    ownedBy: (kind, uid) => (check(kind), cache.ownedBy(kind, uid)),
    find: (index, key, options) => (check(index.kind), cache.find(index, key, options)),
  };
}
