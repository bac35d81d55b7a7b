import { systemClock } from '@binnacle/client';

/** What came of parts of the run: lines of the table at its end, and what is wrong. */
export interface Report {
  readonly rows: readonly (readonly string[])[];
  readonly wrong: readonly string[];
}

/** What came of one part. */
export interface Result {
  readonly ran: string;
  readonly well: string;
  readonly differ: string;
  readonly wrong: readonly string[];
}

export const HEAD = ['on', 'what', 'ran', 'well', 'listed differences', 'minutes'] as const;

/** Minutes since a monotonic time, as the table shows them. */
export const minutesSince = (since: number): string => ((systemClock().monotonic() - since) / 60_000).toFixed(1);

/** A line and a message are cut there: what is wrong is read at the end of a log that holds much else. */
const LINE = 400;
const LINES = 10;

/** The beginning of a text: ten lines, none of them a page. */
export function short(text: string): string {
  const lines = text.split('\n').map((line) => (line.length > LINE ? `${line.slice(0, LINE)}…` : line));
  return [...lines.slice(0, LINES), ...(lines.length > LINES ? [`… and ${lines.length - LINES} more lines`] : [])].join('\n');
}

/** What was thrown, where, what it came from, and what else went wrong on the way out, each shortly. */
export function brief(error: unknown): string {
  // The first failure is the one that is looked for: the second came while its mess was cleared up.
  if (error instanceof SuppressedError) return `${brief(error.suppressed)}\n  and then, at its end: ${brief(error.error)}`;
  if (!(error instanceof Error)) return short(String(error));
  const said = short(error.stack?.includes(error.message) === true ? error.stack : `${error.name}: ${error.message}\n${error.stack ?? ''}`);
  const { cause } = error;
  const more = cause instanceof Error && !error.message.includes(cause.message) ? `\n  caused by ${short(cause.message)}` : '';
  return `${said}${more}`;
}

/** A part, or a whole version, that came to no result. */
export function failed(on: string, what: string, since: number, error: unknown): Report {
  return { rows: [[on, what, '', 'FAILED', '', minutesSince(since)]], wrong: [`${on}: ${what}: ${brief(error)}`] };
}

/** Runs a part if its name holds `only`. What it throws is one more thing that is wrong: never rejects. */
export async function timed(only: string, on: string, what: string, part: () => Promise<Result>): Promise<Report> {
  if (!what.includes(only)) return { rows: [], wrong: [] };
  const since = systemClock().monotonic();
  try {
    const { ran, well, differ, wrong } = await part();
    return { rows: [[on, what, ran, well, differ, minutesSince(since)]], wrong: wrong.map((line) => `${on}: ${short(line)}`) };
  } catch (error) {
    return failed(on, what, since, error);
  }
}

/** Several reports as one, in their order. */
export function together(reports: readonly Report[]): Report {
  return { rows: reports.flatMap(({ rows }) => rows), wrong: reports.flatMap(({ wrong }) => wrong) };
}

/** Of conformance cases. */
export function casesResult(report: {
  readonly ran: number;
  readonly passed: number;
  readonly differ: number;
  readonly unlisted: readonly string[];
  readonly over: readonly string[];
}): Result {
  return { ran: String(report.ran), well: String(report.passed), differ: String(report.differ), wrong: [...report.unlisted, ...report.over] };
}
