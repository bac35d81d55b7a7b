import type { Call, Fate, Moment, Point } from './fate.ts';

/**
 * The points at which something can go wrong, and how many more there were that are one of these. Two deaths are the same when API server, calls and time are; or,
 * at questions, when API server and calls are and what asked about says the same. Two lost answers are the same when they say the same to the same question, and
 * the API server is the same: an answer that changes nothing and of which nobody heard was not asked for.
 */
export function pointsOf(calls: Fate['calls'], moments: readonly Moment[]): { readonly points: readonly Point[]; readonly same: number } {
  const seen = new Set<string>();
  const points: Point[] = [];
  let same = 0;
  for (const [door, all] of Object.entries(calls))
    for (const [index, call] of all.entries())
      for (const moment of moments) {
        const keys = keysOf(door, call, moment);
        if (keys.some((key) => seen.has(key))) same++;
        else points.push({ door, call: index, moment });
        for (const key of keys) seen.add(key);
      }
  return { points, same };
}

/** Points with a key in common are one. */
function keysOf(door: string, { name, asks, before, after, answer }: Call, moment: Moment): readonly string[] {
  if (moment === 'lost') return asks && answer !== undefined ? [`lost ${door} ${name} ${before.state} ${answer}`] : [];
  // A question leaves everything as it is: after it is before it.
  const times = asks || moment === 'before' ? before : after;
  if (times === undefined) return [];
  return [`dead ${times.instant}`, ...(asks && answer !== undefined ? [`dead ${door} ${name} ${times.state} ${answer}`] : [])];
}
