import { setFlagsFromString } from 'node:v8';

/** V8's compilers of code that is run often. */
const OPTIMIZERS = ['turbofan', 'maglev'];

/**
 * Loads modules without compiling any of them for speed. What is run often then is how Node handles paths, and later never again; a compiler that has run once leaves 8 MB
 * in memory: its own code, and what it made.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
export async function unoptimized(load) {
  for (const name of OPTIMIZERS) setFlagsFromString(`--no-${name}`);
  try {
    return await load();
  } finally {
    for (const name of OPTIMIZERS) setFlagsFromString(`--${name}`);
  }
}

/**
 * Gives back what only the start needed: for a process that lives long, once, before its work. V8 would keep it: it thinks that who allocated much and then stood still
 * still allocates much. Does nothing in a process that could not be started with `--expose-gc`.
 */
export function dropGarbageOfStart() {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
