import { parseTimestamp, timestamp } from '@binnacle/client';
import type { FieldError } from '@binnacle/schema';
import { admissionOf, admitRequest } from '../admission/admission.ts';
import type { Admission } from '../admission/admission.ts';
import { checkNamespaceDeletion } from '../admission/namespace-lifecycle.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { CLEANUP_FINALIZER } from '../crd/definition-rules.ts';
import { DEFINITIONS } from '../crd/definition.ts';
import { fromStored, showOne, viewing } from '../core/present.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import { isTrue } from '../http/request-info.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion, objectKey, record, text, withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, invalidOptions, modified, notFound } from '../refusals.ts';
import { checkListOptions, listOptions, selection } from '../select/selection.ts';
import { WriteRace } from '../store/store.ts';
import type { Entry } from '../store/store.ts';
import { encodeContinue } from './continue.ts';
import { continueOf, itemOf, selectedFrom } from './list.ts';
import { mayGo } from './metadata.ts';
import { readDryRun } from './options.ts';
import { checkPreconditions } from './preconditions.ts';
import type { Preconditions } from './preconditions.ts';

const MAX_TRIES = 5;
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';
const JOB_WARNING =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/** Kinds whose deletion answers the object that has gone instead of a Status. Source: the real server's OpenAPI. */
const ANSWERED: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumeclaims',
  'persistentvolumes',
  'podtemplates',
  'resourcequotas',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csidrivers.storage.k8s.io',
]);

interface Deletion {
  readonly graceSeconds: number | undefined;
  readonly propagation: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly preconditions: Preconditions;
  readonly dryRun: boolean;
}

/** DELETE of one object: removes it, or marks it as being deleted while finalizers or a grace period hold it (spec/sandbox.md §2.6). */
export async function deleteObject(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const deletion = readDeletion(call);
  await askedFirst(core, served, objectKey(info.namespace, info.name!), deletion, admissionFor(served, info, call, deletion));
  const { status, object } = deleteAdmitted(core, served, info, call);
  return { status, object: object.kind === served.kind ? await fromStored(core, served, object) : object };
}

/** As `deleteObject`, when nobody is to be asked: an eviction has been let through already. Answers the object as it is stored. */
export function deleteAdmitted(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const deletion = readDeletion(call);
  if (served.bucket === 'jobs.batch' && deletion.propagation === undefined) call.warn(JOB_WARNING);
  if (served.bucket === 'namespaces') checkNamespaceDeletion(core, info.name!);
  return { status: 200, object: remove(core, served, objectKey(info.namespace, info.name!), info.name!, deletion) };
}

/**
 * DELETE of all that is selected; answers a list of it. Not atomic: what is written meanwhile may escape. What selects is read first, how to delete then, and
 * the revision last. Source: apiserver, pkg/endpoints/handlers/delete.go, `DeleteCollection`.
 */
export async function deleteCollection(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  checkListOptions(call);
  const selected = selection(served, info, call);
  const deletion = readDeletion(call);
  listOptions(call);
  if (served.bucket === 'jobs.batch' && deletion.propagation === undefined) call.warn(JOB_WARNING);
  const limit = Number(call.query.get('limit') ?? 0);
  const all = await selectedFrom(core, served, core.store.list(served.bucket, selected.prefix), selected);
  const found = limit > 0 ? all.slice(0, limit) : all;
  const view = await viewing(core, served, found);
  for (const entry of found) {
    await askedFirst(core, served, entry.key, deletion, admissionFor(served, { ...info, name: entry.object.metadata.name }, call, deletion));
    // One that has gone meanwhile is what was asked for.
    if (core.store.get(served.bucket, entry.key) !== undefined) remove(core, served, entry.key, entry.object.metadata.name!, deletion);
  }
  const items = found.map((entry) => itemOf(served, view(entry)));
  const left = all.length - found.length;
  const next = left > 0 ? encodeContinue({ revision: core.store.revision, after: found.at(-1)!.key }) : undefined;
  const remaining = left > 0 && !selected.selective ? { remainingItemCount: left } : {};
  const metadata = { resourceVersion: String(core.store.revision), ...continueOf(served, next), ...remaining };
  return { status: 200, object: { kind: served.listKind, apiVersion: groupVersion(served), metadata, items } };
}

/** Asks the webhooks whether an object may be deleted. One that is not there, or is another one than was meant, is refused without them. @throws {Refusal} */
async function askedFirst(core: Core, served: Served, key: string, { preconditions }: Deletion, admission: Admission): Promise<void> {
  const entry = core.store.get(served.bucket, key);
  if (entry === undefined) return;
  checkPreconditions(served, entry.object, preconditions);
  await admitRequest(core, admission, undefined, await showOne(core, served, entry));
}

function admissionFor(served: Served, info: ResourceRequest, call: Call, deletion: Deletion): Admission {
  const { graceSeconds, propagation, dryRun } = deletion;
  const options = {
    ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
  };
  return admissionOf(served, info, call, dryRun, options);
}

/** Begins the deletion of one object, as a controller inside the server does. */
export function markForDeletion(core: Core, served: Served, key: string): void {
  const name = core.store.get(served.bucket, key)?.object.metadata.name;
  const plain: Deletion = { graceSeconds: undefined, propagation: undefined, preconditions: { uid: undefined, resourceVersion: undefined }, dryRun: false };
  if (name !== undefined) remove(core, served, key, name, plain);
}

/**
 * @throws {Refusal} 404, 409 for preconditions.
 */
function remove(core: Core, served: Served, key: string, name: string, deletion: Deletion): ApiObject {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const entry = core.store.get(served.bucket, key);
    if (entry === undefined) throw notFound(served, name);
    checkPreconditions(served, entry.object, deletion.preconditions);
    try {
      return removeOnce(core, served, entry, deletion);
    } catch (error) {
      if (!(error instanceof WriteRace)) throw error;
    }
  }
  throw modified(served, name);
}

function removeOnce(core: Core, served: Served, entry: Entry, deletion: Deletion): ApiObject {
  // Nothing but metadata changes, which is the same in all versions: no object need be converted to go.
  const before = entry.object;
  const marked = terminating(core, served, before, deletion);
  if (mayGo(marked)) {
    // What goes at once was never marked; a pod is, once, since it could have had a grace period.
    const gone = served.bucket === 'pods' && before.metadata.deletionTimestamp === undefined ? marked : before;
    if (deletion.dryRun) return ANSWERED.has(served.bucket) ? gone : success(served, before);
    // The mark is a write of its own, also where nobody will be waited for.
    const last = gone === before ? entry : core.store.put(served.bucket, entry.key, gone, entry);
    const removed = core.store.remove(served.bucket, entry.key, gone, last);
    // Its version is that of its end. Source: apiserver, pkg/storage/etcd3/store.go, `conditionalDelete`.
    return ANSWERED.has(served.bucket) ? removed.object : success(served, before);
  }
  if (marked === before || deletion.dryRun) return marked;
  return core.store.put(served.bucket, entry.key, marked, entry).object;
}

/** The object with the marks of deletion; itself when it has them already. */
function terminating(core: Core, served: Served, before: ApiObject, deletion: Deletion): ApiObject {
  if (isPending(served, before, deletion)) return before;
  const finalizers = finalizersFor(served, before, deletion);
  const changed = finalizers !== before.metadata.finalizers;
  const grace = graceSeconds(served, before, deletion);
  const { deletionTimestamp, deletionGracePeriodSeconds, generation } = before.metadata;
  const now = core.clock.now();
  if (deletionTimestamp === undefined) {
    const marks = { deletionTimestamp: timestamp(now + grace * 1000), deletionGracePeriodSeconds: grace };
    const bumped = (generation ?? 0) > 0 ? { generation: generation! + 1 } : {};
    return phased(served, withMetadata(before, { ...marks, ...bumped, finalizers }));
  }
  // Asking again can only make it shorter.
  if (deletion.graceSeconds !== undefined && grace < (deletionGracePeriodSeconds ?? 0)) {
    const began = parseTimestamp(deletionTimestamp) - (deletionGracePeriodSeconds ?? 0) * 1000;
    return withMetadata(before, {
      deletionTimestamp: timestamp(Math.max(began + grace * 1000, Math.min(now, began))),
      deletionGracePeriodSeconds: grace,
      finalizers,
    });
  }
  return changed ? withMetadata(before, { finalizers }) : before;
}

/** Whether a pod is going already, and no sooner by this. Source: apiserver, pkg/registry/rest/delete.go, `BeforeDelete`. */
function isPending(served: Served, { metadata }: ApiObject, { graceSeconds: wanted }: Deletion): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  const left = deletionGracePeriodSeconds ?? 0;
  return served.bucket === 'pods' && deletionTimestamp !== undefined && left > 0 && (wanted === undefined || wanted >= left);
}

/** A namespace says in its status that it is going. */
function phased(served: Served, object: ApiObject): ApiObject {
  return served.bucket === 'namespaces' ? { ...object, status: { ...record(object['status']), phase: 'Terminating' } } : object;
}

function finalizersFor(served: Served, before: ApiObject, deletion: Deletion): readonly string[] | undefined {
  const present = before.metadata.finalizers;
  const others = (present ?? []).filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  // A kind stays until its objects have gone.
  if (served.bucket === DEFINITIONS) {
    if (before.metadata.deletionTimestamp !== undefined || present?.includes(CLEANUP_FINALIZER)) return present;
    return [...(present ?? []), CLEANUP_FINALIZER];
  }
  switch (deletion.propagation) {
    case 'Orphan':
      return present?.includes(ORPHAN) && !present.includes(FOREGROUND) ? present : [...others, ORPHAN];
    case 'Foreground':
      return present?.includes(FOREGROUND) && !present.includes(ORPHAN) ? present : [...others, FOREGROUND];
    case 'Background':
      return others.length === (present ?? []).length ? present : others;
    default:
      // Jobs keep their pods unless told otherwise: a rule from the time before garbage collection.
      if (served.bucket === 'jobs.batch' && (present ?? []).length === others.length) return [...others, ORPHAN];
      return present;
  }
}

/** How long a pod may take to stop; nothing else has a grace period. */
function graceSeconds(served: Served, before: ApiObject, deletion: Deletion): number {
  if (served.bucket !== 'pods') return 0;
  const spec = record(before['spec']);
  const phase = text(record(before['status'])['phase']);
  // Nobody runs it: there is nothing to wait for.
  if ((text(spec['nodeName']) ?? '') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  if (deletion.graceSeconds !== undefined) return Math.max(0, deletion.graceSeconds);
  return typeof spec['terminationGracePeriodSeconds'] === 'number' ? spec['terminationGracePeriodSeconds'] : 30;
}

function success(served: Served, object: ApiObject): ApiObject {
  const details = { name: object.metadata.name, ...(served.group === '' ? {} : { group: served.group }), kind: served.plural, uid: object.metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** `DeleteOptions` as a query says them. @throws {Refusal} 400 */
function queriedOptions({ query }: Call): Readonly<Record<string, unknown>> {
  const grace = query.get('gracePeriodSeconds');
  if (grace !== null && grace !== '' && !/^[-+]?\d+$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  return {
    dryRun: query.getAll('dryRun'),
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(query.has('propagationPolicy') ? { propagationPolicy: query.get('propagationPolicy') } : {}),
    ...(query.has('orphanDependents') ? { orphanDependents: isTrue(query.get('orphanDependents')) } : {}),
  };
}

/** Reads `DeleteOptions` of the body; of the query where there is none. Source: apiserver, pkg/endpoints/handlers/delete.go. @throws {Refusal} 400, 415, 422 */
function readDeletion(call: Call): Deletion {
  const said = readBody(call);
  const body = said === undefined ? queriedOptions(call) : record(said.value);
  const errors: FieldError[] = [];
  const dryRun = readDryRun(Array.isArray(body['dryRun']) ? body['dryRun'].map(String) : [], errors);
  const policy = text(body['propagationPolicy']);
  const orphan = body['orphanDependents'];
  if (policy !== undefined && orphan !== undefined && orphan !== null) {
    const message = `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`;
    errors.push({ reason: 'FieldValueInvalid', field: 'propagationPolicy', message });
  }
  if (policy !== undefined && !['Background', 'Foreground', 'Orphan'].includes(policy)) {
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan", "nil"`;
    errors.push({ reason: 'FieldValueNotSupported', field: 'propagationPolicy', message });
  }
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  const preconditions = record(body['preconditions']);
  return {
    graceSeconds: typeof body['gracePeriodSeconds'] === 'number' ? body['gracePeriodSeconds'] : undefined,
    // Sound: checked above.
    propagation: (policy as Deletion['propagation']) ?? (orphan === true ? 'Orphan' : orphan === false ? 'Background' : undefined),
    preconditions: { uid: text(preconditions['uid']), resourceVersion: text(preconditions['resourceVersion']) },
    dryRun,
  };
}
