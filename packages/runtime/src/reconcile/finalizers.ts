import { ApiError, isInvalid, isNotFound } from '@binnacle/client';
import type { JsonPatchOperation, Live } from '@binnacle/client';
import { refTo } from '../cache/id.ts';
import type { AnyResource } from '../context.ts';
import type { World } from '../reconciler.ts';

/** Puts a finalizer on a live object; nothing when it is there. @throws {ApiError} `Conflict` when somebody changed the list since. */
export async function addFinalizer(kind: AnyResource, object: Live<AnyResource>, name: string, world: World, fieldManager: string): Promise<void> {
  const present = object.metadata.finalizers;
  if (present?.includes(name) === true) return;
  const { uid, resourceVersion } = object.metadata;
  const operations: readonly JsonPatchOperation[] =
    present === undefined
      ? [
          // There is no list to compare with, so nobody may have written anything.
          { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
          { op: 'add', path: '/metadata/finalizers', value: [name] },
        ]
      : [
          { op: 'test', path: '/metadata/uid', value: uid },
          { op: 'test', path: '/metadata/finalizers', value: present },
          { op: 'add', path: '/metadata/finalizers/-', value: name },
        ];
  await guarded(kind, object, operations, world, fieldManager);
}

/** Takes one finalizer off, and no other; nothing when the object has gone meanwhile. @throws {ApiError} `Conflict` when somebody changed the list since. */
export async function removeFinalizer(kind: AnyResource, object: Live<AnyResource>, name: string, world: World, fieldManager: string): Promise<void> {
  const index = object.metadata.finalizers?.indexOf(name) ?? -1;
  if (index === -1) return;
  const operations: readonly JsonPatchOperation[] = [
    { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
    { op: 'test', path: `/metadata/finalizers/${index}`, value: name },
    { op: 'remove', path: `/metadata/finalizers/${index}` },
  ];
  try {
    await guarded(kind, object, operations, world, fieldManager);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function guarded(
  kind: AnyResource,
  object: Live<AnyResource>,
  operations: readonly JsonPatchOperation[],
  world: World,
  fieldManager: string,
): Promise<void> {
  try {
    await world.api.patch(kind, refTo(object), { type: 'json', operations }, { fieldManager, signal: world.signal });
  } catch (error) {
    if (!isInvalid(error)) throw error;
    // A failed test is 422 like a bad object; it only means that our picture of the list is old.
    throw new ApiError({ code: 409, reason: 'Conflict', message: `the finalizers changed meanwhile: ${error.message}` }, { cause: error });
  }
}
