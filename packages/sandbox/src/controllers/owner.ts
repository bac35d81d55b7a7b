import type { AnyKind, Live, Ref } from '@binnacle/client';
import { apiVersionOf } from '@binnacle/client';
import type { OwnerReference } from '@binnacle/client/kinds';

interface Owned {
  readonly metadata: { readonly namespace?: string; readonly ownerReferences?: readonly OwnerReference[] };
}

/** The owner that controls an object, if any: there is one at most. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** The controller of an object as a name to reconcile, when it is of this kind. */
export function controllerRef(object: Owned, kind: AnyKind): readonly Ref[] {
  const owner = controllerOf(object);
  if (owner?.kind !== kind.kind || owner.apiVersion !== apiVersionOf(kind)) return [];
  return [{ ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }), name: owner.name }];
}

/** The reference by which `owner` controls what it makes. Its deletion in the foreground waits for them. */
export function controlledBy<K extends AnyKind>(kind: K, owner: Live<K>): OwnerReference {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true };
}
