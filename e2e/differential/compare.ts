import { isDeepStrictEqual } from 'node:util';
import type { Transcript } from './play.ts';
import type { Heard, Json, Step } from './step.ts';

/** Where two servers went apart. */
export interface Difference {
  /** Number of the step; `undefined` in a watch. */
  readonly step: number | undefined;
  /** Kinds of difference, a line each, without what is by chance: what is listed is told by them. A refusal differs by each rule that one of the servers has not. */
  readonly signatures: readonly string[];
  readonly ours: Json;
  readonly real: Json;
}

export interface Comparison {
  /** The first that is not listed: what follows may follow from it. */
  readonly difference: Difference | undefined;
  /** Signatures met that are listed. */
  readonly met: readonly string[];
  /** Answers and watches that were compared: up to where the servers' states may have gone apart. */
  readonly compared: number;
}

/** Compares two transcripts of one script. After a listed difference it goes on where both servers have refused, so that both still hold the same. */
export function compareTranscripts(script: readonly Step[], ours: Transcript, real: Transcript, listed: (signature: string) => boolean): Comparison {
  const met: string[] = [];
  for (const [index, step] of script.entries()) {
    const [a, b] = [ours.answers[index]!, real.answers[index]!];
    const signatures = differing(step, a, b);
    if (signatures.length === 0) continue;
    const news = signatures.filter((signature) => !listed(signature));
    if (news.length > 0) return { difference: { step: index, signatures: news, ours: a, real: b }, met, compared: index + 1 };
    met.push(...signatures);
    if (signatures.every((signature) => signature.includes(WARNINGS))) continue;
    if (a.status < 400 || b.status < 400) return { difference: undefined, met, compared: index + 1 };
  }
  let compared = script.length;
  for (const kind of Object.keys(real.events)) {
    compared += 1;
    const [a, b] = [plain(ours.events[kind]), plain(real.events[kind])];
    if (isDeepStrictEqual(a, b)) continue;
    const signature = `watch ${kind}: ${path(a, b, '')}`;
    if (!listed(signature)) return { difference: { step: undefined, signatures: [signature], ours: a, real: b }, met, compared };
    met.push(signature);
  }
  return { difference: undefined, met, compared };
}

/** The one difference that leaves both servers with the same objects. */
const WARNINGS = 'number of warnings:';

/** Absent and `undefined` are the same on the wire. */
const plain = (value: Json): Json => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

function differing(step: Step, ours: Heard, real: Heard): readonly string[] {
  const refusals = [ours, real].filter(({ status }) => status === 422).length;
  if (refusals > 0 && (refusals === 2 || ours.status < 400 || real.status < 400)) {
    const [a, b] = [causes(ours), causes(real)];
    const lacking = [...b].filter((cause) => !a.has(cause)).map((cause) => `${step.kind}: ours lacks ${cause}`);
    const besides = [...a].filter((cause) => !b.has(cause)).map((cause) => `${step.kind}: ours adds ${cause}`);
    if (lacking.length + besides.length > 0) return [...lacking, ...besides];
  } else if ((ours.status >= 400 || real.status >= 400) && brief(ours) !== brief(real)) {
    return [`${verbOf(step)} ${step.kind}: ours ${brief(ours)}, real ${brief(real)}`];
  }
  const [a, b] = [plain(ours.said), plain(real.said)];
  const silent = (said: Json) => ({ ...said, warnings: undefined });
  if (ours.status === real.status && a?.warnings !== b?.warnings && isDeepStrictEqual(silent(a), silent(b)))
    return [`${verbOf(step)} ${step.kind}: ${WARNINGS} ours ${a.warnings ?? 0}, real ${b.warnings ?? 0}`];
  return ours.status === real.status && isDeepStrictEqual(a, b) ? [] : [`${verbOf(step)} ${step.kind}: at ${path(a, b, '')}`];
}

function verbOf(step: Step): string {
  const sub = 'sub' in step && step.sub !== undefined ? `/${step.sub}` : '';
  return (step.do === 'patch' ? `patch(${step.type})` : step.do) + sub;
}

/** Answers of several pages are a list. */
const saidOf = ({ said }: Heard): Json => (Array.isArray(said) ? said.at(-1) : said);

/** What a refusal complains of, whatever the place in a list. */
function causes(answer: Heard): ReadonlySet<string> {
  return new Set(answer.status < 400 ? [] : saidOf(answer).causes.map((cause: string) => cause.replaceAll(/\[\d+\]/g, '[*]')));
}

function brief(answer: Heard): string {
  return answer.status < 400 ? String(answer.status) : [answer.status, saidOf(answer).reason ?? 'without a reason', ...causes(answer)].join(' ');
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
