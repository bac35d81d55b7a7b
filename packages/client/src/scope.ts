/** A signal of one call: follows the caller's and can be aborted from inside. Disposing aborts it and lets go of the caller's. */
export interface Scope extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** One object for all, because making a DOMException for every finished call costs more than the call's own bookkeeping. */
const LEFT = new DOMException('nobody reads the answer any more', 'AbortError');

/**
 * Opens a scope under `parent`. By hand and not `AbortSignal.any`: a parent lives as long as the process, and must not collect what ended.
 */
export function scope(parent: AbortSignal | undefined): Scope {
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]() {
      parent?.removeEventListener('abort', follow);
      controller.abort(LEFT);
    },
  };
}
