/** One HTTP request to a Kubernetes API server. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with query, e.g. `/api/v1/pods?limit=500`. */
  readonly path: string;
  /** Names in lower case. The transport adds the credentials. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The head of an answer, its body still to be read. Whoever gets one reads `body` to the end or aborts the signal. */
export interface Response {
  readonly status: number;
  /** Names in lower case; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Where both ends are in one process: what the body would say, never written as text. One value, or those of a stream one by one. It is the other end's
   * own and is never changed. Who takes it does not read `body`.
   */
  readonly spoken?: { readonly value: unknown } | { readonly values: AsyncIterable<unknown> };
}

/**
 * The one door to a Kubernetes API. Two implementations: undici over HTTPS, and the sandbox's own server in the same
 * process; both run one suite of tests, so tests run the code that ships.
 */
export interface Transport extends AsyncDisposable {
  /**
   * Sends once, never repeats. Aborting `signal` ends the answer's body too.
   * @throws {ApiError} `reason: 'Unreachable'` when no answer came. What was asked may have been done all the same.
   */
  send(request: Request, signal: AbortSignal): Promise<Response>;
}
