import { ApiError } from '@binnacle/client';

/** How an error is told to people: one word for scripts, and what happened without secrets. */
export interface Told {
  readonly reason: string;
  readonly message: string;
}

const USER_INFO = /(:\/\/)[^/\s@]+@/g;
const ASSIGNED = /\b((?:password|passwd|pwd|token|secret|authorization)["']?\s*[=:]\s*|identified\s+by\s+)("[^"]*"|'[^']*'|[^\s,;]+)/gi;

/** The reason of a refusal of the API server, else `Error`. What looks like a credential in the message is taken out: others wrote it. */
export function told(error: unknown): Told {
  const message = (error instanceof Error ? error.message : String(error)).replace(USER_INFO, '$1[redacted]@').replace(ASSIGNED, '$1[redacted]');
  const reason = error instanceof ApiError && /^[A-Za-z][A-Za-z0-9_,:]*$/.test(error.reason) ? error.reason : 'Error';
  return { reason, message };
}

/** Likely gone at the next try: somebody wrote at the same time, or the server is busy or away. Told to nobody the first time. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.reason === 'Conflict' || error.reason === 'AlreadyExists' || error.code === 0 || error.code === 429 || error.code >= 500;
}
