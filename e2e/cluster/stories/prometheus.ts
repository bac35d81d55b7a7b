/** What the HTTP API of a Prometheus at `host:port` answers to a path below `/api/v1/`. */
export async function ask<T>(address: string, path: string): Promise<T> {
  const answer = await fetch(`http://${address}/api/v1/${path}`);
  const { data } = (await answer.json()) as { readonly data: T };
  return data;
}

/** Labels of a series. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
}

/** The series that an expression finds, now or at a time (seconds since the epoch). */
export async function query(address: string, expression: string, at?: number): Promise<readonly Series[]> {
  const time = at === undefined ? '' : `&time=${at}`;
  const { result } = await ask<{ readonly result: readonly Series[] }>(address, `query?query=${encodeURIComponent(expression)}${time}`);
  return result;
}
