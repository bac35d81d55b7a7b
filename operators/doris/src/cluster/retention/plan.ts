/** A volume of a component, by its claim. */
export interface Volume {
  readonly claim: string;
  readonly ordinal: number;
  /** Its node left, and what it held is elsewhere. */
  readonly left: boolean;
  /** Somebody said that it stays. */
  readonly kept: boolean;
  /** When it is to be deleted; ms since 1970, NaN: a time that nobody can read. `undefined`: never so far. */
  readonly deleteAtMs: number | undefined;
  /** Its pod is there still. */
  readonly used: boolean;
}

/** `wanted`: nodes from this ordinal on are none any more. `afterMs`: how long a volume stays; `undefined`: for good. */
export interface ObservedVolumes {
  readonly wanted: number;
  readonly afterMs: number | undefined;
  readonly nowMs: number;
  readonly volumes: readonly Volume[];
}

export type VolumeAction =
  /** It is wanted again, or stays after all: what was said of its end is taken back. */
  | { readonly do: 'takeBack'; readonly volume: Volume }
  | { readonly do: 'announce'; readonly volume: Volume; readonly atMs: number }
  | { readonly do: 'delete'; readonly volume: Volume };

/**
 * What becomes of volumes that nobody uses, and when to look again: each is announced first, and deleted when its time has come, unless somebody took that back. One
 * whose node did not leave by us, or whose time nobody can read, is never deleted.
 */
export function retentionPlan({ wanted, afterMs, nowMs, volumes }: ObservedVolumes): {
  readonly actions: readonly VolumeAction[];
  readonly nextMs: number | undefined;
} {
  const actions: VolumeAction[] = [];
  let nextMs: number | undefined;
  for (const volume of volumes) {
    const { ordinal, left, kept, deleteAtMs, used } = volume;
    if (ordinal < wanted || kept || !left || afterMs === undefined) {
      if (deleteAtMs !== undefined) actions.push({ do: 'takeBack', volume });
    } else if (deleteAtMs === undefined) actions.push({ do: 'announce', volume, atMs: nowMs + afterMs });
    else if (deleteAtMs > nowMs) nextMs = Math.min(nextMs ?? Infinity, deleteAtMs - nowMs);
    else if (deleteAtMs <= nowMs && !used) actions.push({ do: 'delete', volume });
  }
  return { actions, nextMs };
}
