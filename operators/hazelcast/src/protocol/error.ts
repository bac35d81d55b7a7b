/**
 * `unreachable`: no connection, or it closed before what was asked was sent. `lost`: no answer; it may have been done. `denied`: the member does not know
 * this cluster name, or wants credentials. `refused`: the member said no. `unreadable`: an answer that is no Hazelcast, or not the version we know.
 */
export type MemberErrorCode = 'unreachable' | 'lost' | 'denied' | 'refused' | 'unreadable';

/** Whether waiting can heal it. A new code does not compile before it has its answer here. */
export const heals: Readonly<Record<MemberErrorCode, boolean>> = { unreachable: true, lost: true, denied: false, refused: false, unreadable: false };

/** A member did not do it, or did not say. */
export class MemberError extends Error {
  override readonly name = 'MemberError';
  readonly code: MemberErrorCode;
  constructor(code: MemberErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
