import { timestamp } from '@binnacle/client';
import type { Condition } from '@binnacle/client';

/** A condition as it is set: all but the time, which follows from what was there. */
export type NewCondition = Omit<Condition, 'lastTransitionTime' | 'reason' | 'message'> & { readonly reason: string; readonly message: string };

/**
 * The list with the condition in it, in place of the one of its type or at the end. `lastTransitionTime` moves only when `status` does, so that it tells
 * since when. `nowMs`: wall clock. The list itself is not changed.
 */
export function setCondition(list: readonly Condition[], condition: NewCondition, nowMs: number): readonly Condition[] {
  const before = list.find((other) => other.type === condition.type);
  const unchanged = before !== undefined && before.status === condition.status ? before.lastTransitionTime : undefined;
  const set: Condition = { ...condition, lastTransitionTime: unchanged ?? timestamp(nowMs) };
  return before === undefined ? [...list, set] : list.map((other) => (other.type === condition.type ? set : other));
}
