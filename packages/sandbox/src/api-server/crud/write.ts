import { definition } from '@binnacle/schema';
import { trackUpdate } from '../../objects/apply/index.ts';
import type { JsonObject } from '../../objects/json.ts';
import { blank, strategyOf } from '../../objects/registry/index.ts';
import { admissionOf, admitCreate, admitUpdate, confirm } from '../admission/admission.ts';
import type { Admission } from '../admission/admission.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { fromStored, showOne, toStored } from '../core/present.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion, objectKey, withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { alreadyExists, badRequest, conflict, invalid, modified, notFound } from '../refusals.ts';
import { WriteRace } from '../store/store.ts';
import { commitUpdate, ordered } from './commit.ts';
import { decodeBody, reportProblems, schemaOf } from './decode.ts';
import type { Decoded } from './decode.ts';
import { checkDeletion, checkUid, freshMetadata, keptMetadata, located, named } from './metadata.ts';
import { writeOptions } from './options.ts';
import type { WriteOptions } from './options.ts';
import { atRest, rulesOf } from './rules.ts';

/** How often a generated name is drawn again when it is taken. Source: the real server. */
const NAME_TRIES = 8;

/** One write to one kind of object. */
export interface Writing {
  readonly core: Core;
  readonly served: Served;
  readonly info: ResourceRequest;
  readonly call: Call;
  readonly options: WriteOptions;
  /** The subresource that field owners are recorded under, where it is not the one of the path's rules. */
  readonly ownedAs?: string;
  /** What webhooks are asked about, where that is not the object itself. */
  readonly shown?: (object: ApiObject) => ApiObject;
}

/** POST: makes an object. */
export async function createObject(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const writing: Writing = { core, served, info, call, options: writeOptions('CreateOptions', call, false) };
  const object = validFields(writing, decodeBody(served, call));
  return insert(writing, located(served, object, info), 'track');
}

/** PUT: replaces an object; makes it, for the kinds whose clients expect that. */
export async function updateObject(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const writing: Writing = { core, served, info, call, options: writeOptions('UpdateOptions', call, false) };
  const said = located(served, validFields(writing, decodeBody(served, call)), info);
  if ((said.metadata.name ?? '') === '') throw badRequest('name must be provided');
  const rules = rulesOf(core, served);
  // What cannot be read is told before what is not there.
  const next = rules.decode(said);
  const key = objectKey(info.namespace, info.name!);
  const subresource = info.subresource ?? '';
  if (core.store.get(served.bucket, key) === undefined) {
    if (!rules.allowCreateOnUpdate || subresource !== '') throw notFound(served, info.name!);
    const { uid } = next.metadata;
    if ((uid ?? '') !== '') throw conflict(served, info.name!, `Precondition failed: UID in precondition: ${uid}, UID in object meta: `);
    return insert(writing, withMetadata(next, { resourceVersion: undefined }), 'track');
  }
  const { resourceVersion } = next.metadata;
  checkUid(served, next, core.store.get(served.bucket, key)!.object);
  if ((resourceVersion ?? '') === '' && !rules.allowUnconditionalUpdate) {
    const message = 'Invalid value: 0: must be specified for an update';
    // The resource stands where all other such answers have the kind: so does Kubernetes' own.
    throw invalid({ group: served.group, kind: served.plural }, info.name!, [{ reason: 'FieldValueInvalid', field: 'metadata.resourceVersion', message }]);
  }
  const object = await commitUpdate(core, served, key, info.name!, writing.options.dryRun, (before) => replaced(writing, next, before, 'track'));
  return { status: 200, object };
}

/** Refuses or warns of fields that were dropped. */
function validFields({ served, call, options }: Writing, { object, problems }: Decoded): ApiObject {
  reportProblems(call, options.fieldValidation, problems, (summary) =>
    badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: ${summary}`),
  );
  return object;
}

/**
 * Stores a new object. `owners`: whether its field manager is still to be recorded.
 * @throws {Refusal}
 */
export async function insert(writing: Writing, wanted: ApiObject, owners: 'track' | 'known'): Promise<Result> {
  const { core, served } = writing;
  const rules = rulesOf(core, served);
  const fresh = freshMetadata(core, wanted);
  // Before admission and registry have their say: what they add is nobody's.
  const owned = owners === 'track' ? track(writing, undefined, rules.decode(fresh)) : fresh;
  const admitted = await admitCreate(core, admissionFor(writing), owned);
  const isNamed = (admitted.metadata.name ?? '') !== '';
  for (let tries = 1; ; tries++) {
    const prepared = rules.prepareForCreate(withMetadata(named(core, admitted), rules.hasGeneration ? { generation: 1 } : {}));
    const name = prepared.metadata.name ?? '';
    const errors = rules.validateCreate(prepared, writing.options.dryRun);
    if (errors.length > 0) throw invalid({ group: served.group, kind: prepared.kind }, name, errors);
    rules.warnings(prepared, undefined, '').forEach(writing.call.warn);
    await confirm(core, admissionFor(writing), prepared, undefined);
    const key = objectKey(prepared.metadata.namespace, name);
    const existing = core.store.get(served.bucket, key);
    if (existing === undefined) return { status: 201, object: await store(writing, key, prepared) };
    if (isNamed || tries >= NAME_TRIES) throw alreadyExists(served, name, existing.object.metadata.deletionTimestamp !== undefined);
  }
}

async function store({ core, served, options }: Writing, key: string, wanted: ApiObject): Promise<ApiObject> {
  const object = atRest(served, wanted);
  const stored = ordered(await toStored(core, served, object));
  try {
    return await (options.dryRun ? fromStored(core, served, stored) : showOne(core, served, core.store.put(served.bucket, key, stored, undefined)));
  } catch (error) {
    throw error instanceof WriteRace ? alreadyExists(served, object.metadata.name!, false) : error;
  }
}

/**
 * What replaces `before` when a client wants `next`: checked, and with what it may not write put back.
 * @throws {Refusal} 409 when the client has read another version; 422 when it breaks rules.
 */
export async function replaced(writing: Writing, next: ApiObject, before: ApiObject, owners: 'track' | 'known'): Promise<ApiObject> {
  const { core, served, info, call, shown = (object) => object } = writing;
  const rules = rulesOf(core, served);
  const subresource = info.subresource ?? '';
  const name = before.metadata.name!;
  const { resourceVersion } = next.metadata;
  if ((resourceVersion ?? '') !== '' && resourceVersion !== before.metadata.resourceVersion) throw modified(served, name);
  // A patch has read the object itself; that it is another one now is one more rule that it breaks. Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
  const foreign = call.method === 'PATCH' ? foreignUid(next, before) : undefined;
  if (foreign === undefined) checkUid(served, next, before);
  checkDeletion(served, next, before);
  // Whoever writes owns what the request says, not what the kind's rules and webhooks make of it: so in Kubernetes owners are the first thing to be worked out.
  // Source: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/update.go and patch.go, the order of transformers.
  const kept = keptMetadata(owners === 'track' ? track(writing, before, next) : next, before);
  const prepared = rules.prepareForUpdate(kept, before, subresource);
  const changed = await admitUpdate(core, admissionFor(writing), prepared, before, shown);
  // What a webhook wrote is held to what this request may write, as if the client had written it.
  const admitted = changed === prepared ? prepared : rules.prepareForUpdate(keptMetadata(changed, before), before, subresource);
  const judged = foreign === undefined ? admitted : withMetadata(admitted, { uid: foreign });
  const errors = rules.validateUpdate(judged, before, subresource, (text) => call.warn(text));
  if (errors.length > 0) throw invalid({ group: served.group, kind: admitted.kind }, name, errors);
  rules.warnings(admitted, before, subresource).forEach(call.warn);
  await confirm(core, admissionFor(writing), shown(admitted), shown(before));
  return admitted;
}

/** The uid that a request says, where the object has another one. */
function foreignUid(next: ApiObject, before: ApiObject): string | undefined {
  const { uid } = next.metadata;
  return (uid ?? '') === '' || uid === before.metadata.uid ? undefined : uid;
}

function admissionFor({ served, info, call, options, ownedAs }: Writing): Admission {
  const { dryRun, fieldManager, fieldValidation } = options;
  return admissionOf(served, ownedAs === undefined ? info : { ...info, subresource: ownedAs }, call, dryRun, { fieldManager, fieldValidation });
}

/** Records who owns which fields. */
function track({ core, served, info, options, ownedAs }: Writing, before: ApiObject | undefined, after: ApiObject): ApiObject {
  // Sound: tracking changes nothing but `metadata.managedFields`.
  return trackUpdate({
    before,
    after,
    manager: options.fieldManager,
    apiVersion: groupVersion(served),
    schema: schemaOf(served),
    resolve: definition,
    subresource: ownedAs ?? info.subresource,
    now: core.clock.now(),
    ...blankOf(served),
    ...resetFields(served, ownedAs ?? info.subresource),
  }) as ApiObject;
}

/** What is on an object of a built-in kind before anything is said of it; of a custom kind nothing is. */
export function blankOf(served: Served): { readonly blank?: JsonObject } {
  return served.custom === undefined ? { blank: blank(served.bucket) } : {};
}

/**
 * What an endpoint does not write, where that is not the status alone. A custom kind without the status subresource has its status written like any other field.
 * Source: `GetResetFields` of the strategies; apiextensions-apiserver, pkg/registry/customresource/status_strategy.go.
 */
export function resetFields(served: Served, subresource: string | undefined): { readonly reset?: readonly string[] } {
  if (served.custom !== undefined && !served.custom.status) return { reset: [] };
  if (subresource !== 'status') return {};
  return { reset: served.custom === undefined ? strategyOf(served).statusResets : ['metadata', 'spec'] };
}
