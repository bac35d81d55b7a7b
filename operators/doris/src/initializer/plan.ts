import { PARTS } from '../api/doris-initializer.ts';
import type { Fingerprints, InitializerStatus, Part, Run } from '../api/doris-initializer.ts';

/** What a Job says about itself. */
export type JobState = 'pending' | 'running' | 'completed' | 'failed';

export type Decision =
  | { readonly do: 'nothing'; /** The script was changed after it ran, and stays as it ran. */ readonly sqlIgnored: boolean }
  | { readonly do: 'start'; readonly run: Run }
  | { readonly do: 'refuse'; readonly reason: string; readonly message: string };

/**
 * What to do about a wish, given the run before it, which is not at work. Passwords may be set any number of times, a script may not: once it succeeded it never
 * runs again, however it is edited. After a failure a changed wish is tried as a whole, since its author knows what the failed one left behind.
 */
export function decide(wish: Fingerprints, run: Run | undefined): Decision {
  const written = PARTS.filter((part) => wish[part] !== undefined);
  const start = (parts: readonly Part[], sqlDone: string | undefined): Decision => ({
    do: 'start',
    run: {
      number: run?.state === 'Starting' ? run.number : (run?.number ?? 0) + 1,
      state: 'Starting',
      parts: [...parts],
      wish,
      ...(sqlDone === undefined ? {} : { sqlDone }),
    },
  });
  if (run === undefined) return written.length === 0 ? { do: 'nothing', sqlIgnored: false } : start(written, undefined);
  if (run.state === 'Starting') {
    // It has not begun: what is written now takes its place.
    const parts = written.filter((part) => run.parts.includes(part) || (wish[part] !== run.wish[part] && (part !== 'sql' || run.sqlDone === undefined)));
    return start(parts, run.sqlDone);
  }
  if (wish.again !== run.wish.again && written.length > 0) return start(written, undefined);
  const changed = written.filter((part) => wish[part] !== run.wish[part]);
  const sqlIgnored = run.sqlDone !== undefined && wish.sql !== undefined && wish.sql !== run.sqlDone;
  const mayRun = (part: Part) => part !== 'sql' || run.sqlDone === undefined;
  if (run.state === 'Succeeded') {
    const parts = changed.filter(mayRun);
    return parts.length === 0 ? { do: 'nothing', sqlIgnored } : start(parts, run.sqlDone);
  }
  const parts = written.filter(mayRun);
  if (changed.some(mayRun) && parts.length > 0) return start(parts, run.sqlDone);
  return { do: 'refuse', reason: 'JobFailed', message: failure(run) };
}

function failure({ number, parts, failure: said }: Run): string {
  const what = said === undefined ? 'see the log of its pod' : said;
  const careful = parts.includes('sql') ? '; statements before the failed one have been executed' : '';
  return `run ${number} failed: ${what}${careful}; a changed password or script is tried, and so is a new value of the annotation al-assad.github.io/run-again`;
}

/**
 * The run that an initializer of the existing operator had already made before this one took over, or `undefined`: none. Its wish is what is written now,
 * so that taking over sets nothing and runs nothing.
 */
export function adopted(status: InitializerStatus | undefined, job: JobState | undefined, wish: Fingerprints): Run | undefined {
  if (job === undefined && status?.LastApplySpecHash === undefined) return undefined;
  const parts = PARTS.filter((part) => wish[part] !== undefined);
  const state = job === undefined || job === 'completed' ? 'Succeeded' : job === 'failed' ? 'Failed' : 'Started';
  return { number: 0, state, parts, wish, ...(state === 'Succeeded' && wish.sql !== undefined ? { sqlDone: wish.sql } : {}) };
}

/** The run after its Job has ended; `failure`: what its pod said last. */
export function ended(run: Run, how: 'completed' | 'failed', failure?: string): Run {
  if (how === 'failed') return { ...run, state: 'Failed', ...(failure === undefined ? {} : { failure }) };
  return { ...run, state: 'Succeeded', ...(run.parts.includes('sql') && run.wish.sql !== undefined ? { sqlDone: run.wish.sql } : {}) };
}
