import { isDeepStrictEqual } from 'node:util';
import type { Transcript } from './play.ts';
import type { Json, Step } from './step.ts';

/** Where two servers went apart. */
export interface Difference {
  /** Number of the step; `undefined` in a watch. */
  readonly step: number | undefined;
  /** The kind of difference as one line, without what is by chance: what is listed is told by it. */
  readonly signature: string;
  readonly ours: Json;
  readonly real: Json;
}

/** The first difference of two transcripts of one script: what follows may follow from it. */
export function firstDifference(script: readonly Step[], ours: Transcript, real: Transcript): Difference | undefined {
  for (const [index, step] of script.entries()) {
    const [a, b] = [ours.answers[index]!, real.answers[index]!];
    if (a.status === b.status && isDeepStrictEqual(plain(a.said), plain(b.said))) continue;
    return { step: index, signature: `${verbOf(step)} ${step.kind}: ${told(a, b)}`, ours: a, real: b };
  }
  for (const kind of Object.keys(real.events)) {
    const [a, b] = [plain(ours.events[kind]), plain(real.events[kind])];
    if (!isDeepStrictEqual(a, b)) return { step: undefined, signature: `watch ${kind}: ${path(a, b, '')}`, ours: a, real: b };
  }
  return undefined;
}

/** Absent and `undefined` are the same on the wire. */
const plain = (value: Json): Json => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function verbOf(step: Step): string {
  const sub = 'sub' in step && step.sub !== undefined ? `/${step.sub}` : '';
  return (step.do === 'patch' ? `patch(${step.type})` : step.do) + sub;
}

function told(ours: { readonly status: number; readonly said: Json }, real: { readonly status: number; readonly said: Json }): string {
  const brief = ({ status, said }: { readonly status: number; readonly said: Json }) =>
    status < 400 ? String(status) : [status, said.reason ?? said[0]?.reason, ...(said.causes ?? said[0]?.causes ?? [])].join(' ');
  if (ours.status >= 400 || real.status >= 400) {
    const [a, b] = [brief(ours), brief(real)];
    if (a !== b) return `ours ${a}, real ${b}`;
  }
  return `at ${path(plain(ours.said), plain(real.said), '')}`;
}

/** The first place where two values differ, and how. */
function path(a: Json, b: Json, at: string): string {
  const isObject = (value: Json) => value !== null && typeof value === 'object';
  if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (!isDeepStrictEqual(a[key], b[key])) return path(a[key], b[key], `${at}.${/^\d+$/.test(key) ? '*' : key}`);
    }
  }
  const show = (value: Json) => (value === undefined ? 'absent' : isObject(value) ? JSON.stringify(value).slice(0, 60) : JSON.stringify(value));
  return `${at} ours ${show(a)}, real ${show(b)}`;
}
