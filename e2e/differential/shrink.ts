import type { Json, Step } from './step.ts';

const MAX_TRIES = 250;

/** The shortest script that still shows a difference: first steps are left out, the later half first, then parts of what is sent. `tries`: plays one anew. */
export async function shrink(script: readonly Step[], tries: (script: readonly Step[]) => Promise<boolean>): Promise<readonly Step[]> {
  let best = script;
  let left = MAX_TRIES;
  const shows = async (candidate: readonly Step[]): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    return await tries(candidate);
  };
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = best.length - size; from >= 0; from -= size) {
      const without = best.toSpliced(from, size);
      if (without.length > 0 && (await shows(without))) best = without;
    }
  }
  for (let index = 0; index < best.length; index += 1) {
    let smaller = true;
    while (smaller) {
      smaller = false;
      for (const less of simpler(best[index]!)) {
        const candidate = best.with(index, less);
        if (!(await shows(candidate))) continue;
        best = candidate;
        smaller = true;
        break;
      }
    }
  }
  return best;
}

/** The step without one thing that it says. */
function simpler(step: Step): readonly Step[] {
  const made: Step[] = [];
  if (step.query !== undefined) {
    const { query: _, ...rest } = step;
    made.push(rest as Step);
    for (const key of Object.keys(step.query)) made.push({ ...step, query: without(step.query, key) } as Step);
  }
  if (step.do === 'update') for (let index = 0; index < step.edits.length; index += 1) made.push({ ...step, edits: step.edits.toSpliced(index, 1) });
  if (step.do === 'create' || step.do === 'patch') for (const body of lessOf(step.body)) made.push({ ...step, body });
  return made;
}

/** A value with one of its leaves or branches gone. */
function lessOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => [value.toSpliced(index, 1), ...lessOf(one).map((less) => value.with(index, less))]);
  if (value === null || typeof value !== 'object') return [];
  return Object.keys(value).flatMap((key) => [without(value, key), ...lessOf(value[key]).map((less) => ({ ...value, [key]: less }))]);
}

function without(value: Json, key: string): Json {
  const { [key]: _, ...rest } = value;
  return rest;
}
