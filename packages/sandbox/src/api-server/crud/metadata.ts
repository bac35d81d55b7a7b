import { timestamp } from '@binnacle/client';
import { invalid as fieldInvalid } from '@binnacle/schema';
import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, conflict, invalid } from '../refusals.ts';

/** Characters of a `generateName` that are kept, so that the whole fits into 63. */
const GENERATED_BASE = 58;

/**
 * Whether the object belongs where it is sent: namespace and name of the body agree with the URL, or are taken from there.
 * @throws {Refusal} 400
 */
export function located(served: Served, object: ApiObject, info: Pick<ResourceRequest, 'namespace' | 'name'>): ApiObject {
  const { namespace, name } = object.metadata;
  if (served.namespaced && info.namespace === undefined) {
    throw badRequest('an empty namespace may not be set during creation');
  }
  if ((namespace ?? '') !== '' && namespace !== (info.namespace ?? '')) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (info.name !== undefined && (name ?? '') !== '' && name !== info.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
  }
  return withMetadata(object, { namespace: served.namespaced ? info.namespace : undefined, name: info.name ?? name });
}

/**
 * Metadata of an object that is being created: what the server decides is decided here, whatever the client sent. A name that is missing still is (`named`).
 * @throws {Refusal} 500 when it names a version, as the real server does.
 */
export function freshMetadata(core: Core, object: ApiObject): ApiObject {
  const { resourceVersion } = object.metadata;
  if ((resourceVersion ?? '') !== '') {
    const message = 'resourceVersion should not be set on objects to be created';
    throw new Refusal(500, 'InternalError', message, { causes: [{ message }] });
  }
  return withMetadata(object, {
    uid: core.chance.uid(),
    creationTimestamp: timestamp(core.clock.now()),
    resourceVersion: undefined,
    selfLink: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  });
}

/** The object with a name made of its `generateName`, where it has none of its own. Source: apiserver, pkg/registry/rest/create.go, `BeforeCreate`, which comes after what may change the object. */
export function named(core: Core, object: ApiObject): ApiObject {
  const { name = '', generateName = '' } = object.metadata;
  if (name !== '' || generateName === '') return object;
  return withMetadata(object, { name: `${generateName.slice(0, GENERATED_BASE)}${core.chance.suffix(5)}` });
}

/** Metadata of an object that is being replaced: what nobody may change is as it was. */
export function keptMetadata(next: ApiObject, before: ApiObject): ApiObject {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, resourceVersion, name, namespace, generateName } = before.metadata;
  return withMetadata(next, {
    name,
    namespace,
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generation,
    resourceVersion,
    selfLink: undefined,
    generateName: next.metadata.generateName ?? generateName,
  });
}

/** @throws {Refusal} 409 when the request is about another object of that name. */
export function checkUid(served: Served, next: ApiObject, before: ApiObject): void {
  const [wanted, found] = [next.metadata.uid, before.metadata.uid];
  if ((wanted ?? '') === '' || wanted === found) return;
  const key = `/registry/${served.plural}/${before.metadata.namespace === undefined ? '' : `${before.metadata.namespace}/`}${before.metadata.name}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
  throw conflict(served, before.metadata.name!, why);
}

/** @throws {Refusal} 422 when a request says when the object is to be deleted: that is for deletions to say. Told twice, as by the real server. */
export function checkDeletion(served: Served, next: ApiObject, before: ApiObject): void {
  const { deletionTimestamp } = next.metadata;
  if ((deletionTimestamp ?? '') === '' || deletionTimestamp === before.metadata.deletionTimestamp) return;
  const error = fieldInvalid('metadata.deletionTimestamp', deletionTimestamp, 'field is immutable');
  throw invalid(served, before.metadata.name!, [error, error]);
}

/** Whether nothing keeps an object any more that is being deleted. */
export function mayGo(object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  // A namespace has finalizers of its own, for what is in it.
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
    const spec = object['spec'] as { readonly finalizers?: readonly string[] } | undefined;
    return (spec?.finalizers ?? []).length === 0;
  }
  return true;
}
