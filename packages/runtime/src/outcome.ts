/**
 * What a step says at its end. The runtime makes conditions, Events and retries of it; a step that fails throws.
 * `done`: go on with the next step; with `afterMs`, look again then, although all is well. `wait`: this pass ends here, the next starts when something watched changes, or after `afterMs`.
 * `stop`: this pass ends here and only a change of the object (or of what it refers to) makes it better; with `afterMs` another pass looks how things are until then.
 */
export type Outcome =
  | { readonly type: 'done'; readonly afterMs?: number }
  | { readonly type: 'wait'; readonly reason: string; readonly message: string; readonly afterMs?: number }
  | { readonly type: 'stop'; readonly reason: string; readonly message: string; readonly afterMs?: number }
  /** The object is gone as far as this controller cares: no status is written any more. */
  | { readonly type: 'gone' };

/** The step has what it wants. */
export const done: Outcome = Object.freeze({ type: 'done' });

/** The step has what it wants, and will look again after that long: for schedules, and for what changes without telling. */
export function doneFor(afterMs: number): Outcome {
  return { type: 'done', afterMs };
}

/**
 * The step waits. `reason` is one CamelCase word that a script can match, `message` tells a person what is missing and where.
 * `afterMs` only where nothing that is watched will tell.
 */
export function waitFor(reason: string, message: string, options?: { readonly afterMs: number }): Outcome {
  return { type: 'wait', reason, message, ...options };
}

/** The step refuses. The message says what to change, with the field's path. `afterMs`: what was refused does not stop the rest from being looked at. */
export function stop(reason: string, message: string, options?: { readonly afterMs: number }): Outcome {
  return { type: 'stop', reason, message, ...options };
}
