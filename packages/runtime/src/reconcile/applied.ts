import type { Live } from '@binnacle/client';
import type { AnyLive } from '../cache/id.ts';
import type { AnyResource } from '../context.ts';
import type { Whole } from './desired.ts';
import { contains, hashOf, textHashOf } from './canonical.ts';

/**
 * What we applied last, to each child of each primary object: an identical apply changes nothing on the server and costs a write all the same
 * (spec/runtime.md §2, "No-op apply skip"). In memory only: after a restart each child is applied once. One entry a child, dropped with the primary object.
 */
export interface Applied {
  /** Whether applying `wanted` again would change nothing on `live`. */
  isNoop(primary: Live<AnyResource>, live: AnyLive, wanted: Whole): boolean;
  /** `theirs`: whether the operator that was here before us owns some of it. */
  applied(primary: Live<AnyResource>, result: AnyLive, wanted: Whole, theirs: boolean): void;
  /** Whether the operator that was here before us may own some of it. */
  mayBeTheirs(primary: Live<AnyResource>, live: AnyLive): boolean;
  /** Drops what was remembered of other children than these; called when all that is wanted is known. */
  retain(primary: Live<AnyResource>, uids: ReadonlySet<string>): void;
  /** `key`: the primary object's place. */
  forget(key: string): void;
}

interface Memory {
  /** Of its text: the same steps say the same in the same order, and then this is all that has to be looked at. */
  readonly text: string;
  /** Of its content. */
  readonly hash: string;
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly theirs: boolean;
}

/** Remembers nothing yet. `keyOf` names a primary object's place. */
export function applied(keyOf: (primary: Live<AnyResource>) => string): Applied {
  const memory = new Map<string, Map<string, Memory>>();

  function set(primary: Live<AnyResource>, object: AnyLive, wanted: Pick<Memory, 'text' | 'hash' | 'theirs'>): void {
    const key = keyOf(primary);
    let children = memory.get(key);
    if (children === undefined) memory.set(key, (children = new Map()));
    const { uid, resourceVersion, generation } = object.metadata;
    children.set(uid, { text: wanted.text, hash: wanted.hash, theirs: wanted.theirs, resourceVersion, generation });
  }

  return {
    isNoop(primary, live, wanted) {
      const last = memory.get(keyOf(primary))?.get(live.metadata.uid);
      // What an earlier apply wanted and this one does not must go, and only the server knows what that was: hence the hash, beside the comparison.
      if (last === undefined) return false;
      const text = textHashOf(wanted);
      if (last.text !== text && last.hash !== hashOf(wanted)) return false;
      if (last.resourceVersion === live.metadata.resourceVersion) return true;
      const { apiVersion: _a, kind: _k, metadata, spec, ...rest } = wanted;
      // Defaults and sidecars that admission put in make the comparison say no; the generation tells that nobody touched the spec since.
      const sameSpec = last.generation !== undefined && last.generation === live.metadata.generation;
      if (!contains(live.metadata, metadata) || !contains(live, rest) || !(sameSpec || contains(live, { spec }))) return false;
      set(primary, live, { text, hash: last.hash, theirs: last.theirs });
      return true;
    },
    applied: (primary, result, wanted, theirs) => set(primary, result, { text: textHashOf(wanted), hash: hashOf(wanted), theirs }),
    mayBeTheirs: (primary, live) => memory.get(keyOf(primary))?.get(live.metadata.uid)?.theirs ?? true,
    retain(primary, uids) {
      const children = memory.get(keyOf(primary));
      for (const uid of children?.keys() ?? []) if (!uids.has(uid)) children?.delete(uid);
    },
    forget: (key) => void memory.delete(key),
  };
}
