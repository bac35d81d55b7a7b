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

/** Runs a part if its name holds `only`. What it throws is one more thing that is wrong: never rejects. */
export async function timed(only: string, on: string, what: string, part: () => Promise<Result>): Promise<Report> {
  if (!what.includes(only)) return { rows: [], wrong: [] };
  const since = systemClock().monotonic();
  try {
    const { ran, well, differ, wrong } = await part();
    return { rows: [[on, what, ran, well, differ, minutesSince(since)]], wrong: wrong.map((line) => `${on}: ${line}`) };
  } catch (error) {
    const why = error instanceof Error ? error.stack : String(error);
    return { rows: [[on, what, '', 'FAILED', '', minutesSince(since)]], wrong: [`${on}: ${what}: ${why}`] };
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
