/**
 * Gives back what only the start needed: for a process that lives long, once, before its work. V8 would keep it: it thinks that who allocated much and then stood still
 * still allocates much. Does nothing in a process that could not be started with `--expose-gc`.
 */
export function dropGarbageOfStart() {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
