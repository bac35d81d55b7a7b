import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { showOne } from '../core/present.ts';
import { asDefinition, DEFINITIONS } from '../crd/definition.ts';
import { deleteCollection, deleteObject } from '../crud/delete.ts';
import { listObjects } from '../crud/list.ts';
import { patchObject, patchType } from '../crud/patch.ts';
import { reached, wantedRevision } from '../crud/revision.ts';
import { createObject, updateObject } from '../crud/write.ts';
import { negotiate } from '../http/accept.ts';
import { textAnswer } from '../http/call.ts';
import type { Call, Outgoing, Result } from '../http/call.ts';
import { objectAnswer } from '../http/present-answer.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { objectKey } from '../object.ts';
import { badRequest, methodNotAllowed, notFound, unknownResource } from '../refusals.ts';
import { answerSubresource } from '../subresource/subresource.ts';
import { tableOptions } from '../tables/table.ts';
import { watchObjects } from '../watch/watch.ts';
import { review } from '../auth/reviews.ts';

/** Answers a request about objects. */
export async function answerResource(core: Core, info: ResourceRequest, call: Call): Promise<Outgoing> {
  const served = core.catalog.find(info.group, info.version, info.plural);
  if (served === undefined) {
    if (core.catalog.hasGroupVersion(info.group, info.version)) throw unknownResource();
    return textAnswer(404, '404 page not found\n');
  }
  checkScope(served, info);
  if (served.custom?.deprecation !== undefined) call.warn(served.custom.deprecation);
  if (isNameless(served, info)) throw nameless(served, info, call);
  if (info.subresource !== undefined) return answerSubresource(core, served, info, call);
  if (!served.verbs.includes(info.verb) || !isComplete(info)) throw methodNotAllowed();
  if (!served.verbs.includes('get')) return resultAnswer(core, served, call, review(core, served, info, call));
  switch (info.verb) {
    case 'list':
      return listObjects(core, served, info, call, negotiate(call.headers['accept'], true));
    case 'watch':
      return watchObjects(core, served, info, call, negotiate(call.headers['accept'], true));
    case 'get':
      return getObject(core, served, info, call);
    default:
      return resultAnswer(core, served, call, await write(core, served, info, call));
  }
}

async function write(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  switch (info.verb) {
    case 'create':
      checkDefinitionStays(core, served);
      return createObject(core, served, info, call);
    case 'update':
      return updateObject(core, served, info, call);
    case 'patch':
      return patchObject(core, served, info, call);
    case 'delete':
      return deleteObject(core, served, info, call);
    default:
      return deleteCollection(core, served, info, call);
  }
}

/** Answers the stored object; also for subresources that show all of it. @throws {Refusal} 404 */
export async function getObject(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Outgoing> {
  const form = negotiate(call.headers['accept'], true);
  const wanted = wantedRevision(call.query);
  if (wanted !== undefined) await reached(core, wanted, call.signal);
  const entry = core.store.get(served.bucket, objectKey(info.namespace, info.name!));
  if (entry === undefined) throw notFound(served, info.name!);
  return objectAnswer(core, 200, await showOne(core, served, entry), served, form, tableOptions(call.query));
}

/** Puts what a write has answered into the form that was asked for. */
export function resultAnswer(core: Core, served: Served, call: Call, { status, object }: Result): Outgoing {
  // A Status, a list or a review is no row of the kind's table.
  const isOwn = object.kind === served.kind;
  const form = negotiate(call.headers['accept'], true);
  return objectAnswer(core, status, object, served, isOwn ? form : { ...form, as: 'object' }, tableOptions(call.query));
}

/** Objects are made in a collection, and replaced or patched by name. */
function isComplete({ verb, name }: ResourceRequest): boolean {
  switch (verb) {
    case 'create':
      return name === undefined;
    case 'update':
    case 'patch':
      return name !== undefined;
    default:
      return true;
  }
}

/** A name is missing before a subresource, or at the end of a path to a custom resource. Built-in kinds have no method there. */
function isNameless({ custom, subresources }: Served, { verb, name, subresource }: ResourceRequest): boolean {
  if (name === '') return subresources.some((one) => one.name === subresource);
  return custom !== undefined && name === undefined && (verb === 'update' || verb === 'patch');
}

/**
 * What is told first of all that may be wrong with such a request. Of custom resources a path without a name is a collection, which can be neither read nor
 * deleted under a subresource. Sources: customresource_handler.go of apiextensions-apiserver, naming.go of apiserver.
 */
function nameless({ custom, group, plural }: Served, { verb, subresource }: ResourceRequest, call: Call): Refusal {
  if (custom !== undefined) {
    if (subresource !== undefined && verb !== 'update' && verb !== 'patch')
      return new Refusal(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind "${plural}.${group}"`, { group, kind: plural });
    if (verb === 'patch') patchType(call, true);
  }
  return badRequest('name must be provided');
}

/** A path within a namespace for what has none, or without one for a single object that has. */
function checkScope(served: Served, info: ResourceRequest): void {
  const single = info.name !== undefined || info.verb === 'create';
  if (served.namespaced ? single && info.namespace === undefined : info.namespace !== undefined) throw unknownResource();
}

function checkDefinitionStays(core: Core, served: Served): void {
  if (served.custom === undefined) return;
  const entry = core.store.get(DEFINITIONS, served.bucket);
  if (entry === undefined || asDefinition(entry.object).metadata.deletionTimestamp === undefined) return;
  throw new Refusal(405, 'MethodNotAllowed', 'create not allowed while custom resource definition is terminating', {});
}
