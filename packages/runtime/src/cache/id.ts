import { apiVersionOf } from '@binnacle/client';
import type { AnyKind, Live, Ref } from '@binnacle/client';

/** An object of whatever kind. */
export type AnyLive = Live<AnyKind>;

/** `apps/v1/statefulsets`: the same for two values of one kind. */
export function kindId(kind: AnyKind): string {
  return `${apiVersionOf(kind)}/${kind.plural}`;
}

/** `prod/web`, or `/web` for what lives in no namespace. Neither part can hold a slash. */
export function keyOf(ref: Ref): string {
  return `${ref.namespace ?? ''}/${ref.name}`;
}

/** The way back from `keyOf`. */
export function refOf(key: string): Ref {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  return slash === 0 ? { name } : { namespace: key.slice(0, slash), name };
}

/** Where an object is. */
export function refTo(object: AnyLive): Ref {
  const { namespace, name } = object.metadata as { readonly namespace?: string; readonly name: string };
  return namespace === undefined ? { name } : { namespace, name };
}
