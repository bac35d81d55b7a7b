/** A dead node, or one that was and for which another was added; times in ms since 1970. */
export interface Failed {
  readonly pod: string;
  readonly ordinal: number;
  readonly deadSinceMs: number;
  readonly addedAtMs: number | undefined;
}

/** A node that is to be there, as Doris sees it. */
export interface Seen {
  readonly pod: string;
  readonly ordinal: number;
  readonly alive: boolean;
}

/** `nodes`: of the component, those that were added too. `max`: how many may be added. */
export interface ObservedFailover {
  readonly nodes: readonly Seen[];
  readonly known: readonly Failed[];
  readonly max: number;
  readonly afterMs: number;
  readonly withdraw: boolean;
  readonly nowMs: number;
}

/** `failed`: what is to be remembered. `heldBack`: why a node that has been dead for long enough gets none in its place. */
export interface FailoverDecision {
  readonly failed: readonly Failed[];
  readonly added: readonly Failed[];
  readonly withdrawn: readonly Failed[];
  readonly heldBack: 'AtMaximum' | 'TooManyDead' | undefined;
}

/**
 * For which nodes another one is added: each that has been dead for long enough, up to a maximum. Nothing is taken away here: a node that is back is forgotten, and if
 * one was added for it only when that is wanted; the one too many then leaves as any other, its data first. When more than half are dead it is not nodes that
 * fail but what is between them, or the front ends have only just begun to ask: nothing is added then.
 */
export function failoverPlan({ nodes, known, max, afterMs, withdraw, nowMs }: ObservedFailover): FailoverDecision {
  const dead = nodes.filter((one) => !one.alive);
  const tooMany = dead.length * 2 > nodes.length;
  const failed: Failed[] = [];
  const [added, withdrawn]: [Failed[], Failed[]] = [[], []];
  let heldBack: FailoverDecision['heldBack'];
  let count = known.filter((one) => one.addedAtMs !== undefined).length;
  for (const { pod, ordinal, alive } of nodes) {
    const before = known.find((one) => one.pod === pod);
    if (alive) {
      if (before?.addedAtMs === undefined) continue;
      if (withdraw) withdrawn.push(before);
      else failed.push(before);
      continue;
    }
    const now: Failed = before ?? { pod, ordinal, deadSinceMs: nowMs, addedAtMs: undefined };
    const due = now.addedAtMs === undefined && nowMs - now.deadSinceMs >= afterMs;
    if (!due) failed.push(now);
    else if (tooMany || count >= max) {
      heldBack = tooMany ? 'TooManyDead' : 'AtMaximum';
      failed.push(now);
    } else {
      count += 1;
      added.push(now);
      failed.push({ ...now, addedAtMs: nowMs });
    }
  }
  return { failed, added, withdrawn, heldBack };
}
