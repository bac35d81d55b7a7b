// oxlint-disable no-restricted-globals -- the one place that turns Kubernetes' timestamps into numbers and back
/** Who writes much writes thousands in a second. */
let last = { second: Number.NaN, text: '' };

/** `2026-01-01T00:00:00Z`, as `metadata.creationTimestamp` and conditions want it: whole seconds, rounded down. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== last.second) last = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** `2026-01-01T00:00:00.123000Z`, as Leases and Events want it: the API refuses any other number of digits (spec/sandbox.md §2.1). */
export function microTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

/** Ms since the epoch of a timestamp of either form; NaN when it is none. */
export function parseTimestamp(text: string): number {
  return Date.parse(text);
}
