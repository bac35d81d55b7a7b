/** Ctrl-C or SIGTERM, once: `signal` aborts and `promise` resolves. A second one ends the process at once. */
export function untilStopped(): { readonly signal: AbortSignal; readonly promise: Promise<void> } & Disposable {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    resolve();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    promise,
    [Symbol.dispose]() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
