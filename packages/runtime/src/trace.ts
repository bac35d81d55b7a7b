/**
 * Runs something as a span: `reconcile` (a pass over one object), `step` within it, `request` to the API server within that. Whoever gives one decides what a
 * span is and which is inside which; with OpenTelemetry it is `tracer.startActiveSpan`, whose context follows what is awaited. Must run `run` once, and give
 * back or throw what it did. Attributes are names and numbers, never contents.
 */
export type Trace = <T>(name: 'reconcile' | 'step' | 'request', attributes: Readonly<Record<string, string>>, run: () => Promise<T>) => Promise<T>;

/** No spans. */
export const noTrace: Trace = (_name, _attributes, run) => run();
