/**
 * `unreachable`: no answer; it may have been done. `unknown`: the agent does not know the upload: it has been restarted. `refused`: it said no.
 * `unreadable`: an answer that is none.
 */
export type AgentErrorCode = 'unreachable' | 'unknown' | 'refused' | 'unreadable';

/** An agent did not do it, or did not say. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
