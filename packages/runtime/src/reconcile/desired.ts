import { apiVersionOf } from '@binnacle/client';
import type { AnyKind, Live, Ref } from '@binnacle/client';
import type { OwnerReference } from '@binnacle/client/kinds';
import type { AnyResource, Desired, Owner } from '../context.ts';

/** An object in full as it is sent, still without a status. */
export interface Whole {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    /** Over which version alone it is written. */
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly [field: string]: unknown;
}

/** What a step wants, with what goes without saying filled in. @throws {Error} when a cluster-scoped object was to be owned by one in a namespace. */
export function whole<K extends AnyKind>(kind: K, desired: Desired<K>, primary: Live<AnyResource>, owner: Owner): Whole {
  const { name, labels, annotations, ...content } = desired as Desired<AnyKind>;
  const ref = childRef(kind, name, primary);
  if (owner !== 'none' && kind.scope === 'Cluster' && primary.metadata.namespace !== undefined) {
    throw new Error(
      `${kind.kind} ${name} lives in no namespace: the garbage collector would delete it at once if ${primary.kind} owned it; say { owner: 'none' }`,
    );
  }
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: {
      ...ref,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === 'none' ? {} : { ownerReferences: [ownerReference(primary, owner)] }),
    },
    ...content,
  };
}

/** Where a child of that name is: in the namespace of the primary object, if it lives in one at all. */
export function childRef(kind: AnyKind, name: string, primary: Live<AnyResource>): Ref {
  const { namespace } = primary.metadata as { readonly namespace?: string };
  return kind.scope === 'Cluster' || namespace === undefined ? { name } : { namespace, name };
}

function ownerReference(primary: Live<AnyResource>, owner: Exclude<Owner, 'none'>): OwnerReference {
  const { apiVersion, kind, metadata } = primary;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid };
  return owner === 'controller' ? { ...reference, controller: true, blockOwnerDeletion: true } : reference;
}
