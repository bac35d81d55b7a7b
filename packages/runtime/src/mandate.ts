/**
 * What a call takes that changes something outside of Kubernetes, such as a statement to a database: a step's context is one. Writes to Kubernetes are fenced
 * by the runtime, whatever they are given.
 */
export interface Mandate {
  /** Aborted when the process stops, leadership is lost or the pass takes too long (2 min). Pass it to every call. */
  readonly signal: AbortSignal;
  /**
   * To be called right before the change is sent, after all that is waited for: of a process that was paused (by SIGSTOP, a debugger, a machine that was
   * suspended) `signal` may tell of the lost Lease only after answers that came meanwhile were taken. Without leader election it never throws.
   * @throws {DOMException} `AbortError`: by this process' clock another one may lead by now. `signal` is aborted then. Let it end the pass.
   */
  mustLead(): void;
}

/** The mandate of one who has no rivals: a test, a simulation, a tool. */
export const alone = (signal: AbortSignal): Mandate => ({ signal, mustLead: () => undefined });

/** A mandate; or the signal alone, for a question, which anybody may ask. */
export type OptionalMandate = Pick<Mandate, 'signal'> & Partial<Mandate>;
