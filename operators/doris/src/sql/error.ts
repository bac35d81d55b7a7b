/** What the caller may do next. `unreachable`: nothing was sent; `lost`: it may have been done; `denied`: account or rights; `refused`: Doris said no; `unreadable`: an answer we do not understand. */
export type DorisErrorCode = 'unreachable' | 'lost' | 'denied' | 'refused' | 'unreadable';

/** Whether waiting can heal it. A new code does not compile before it has its answer here. */
export const heals: Readonly<Record<DorisErrorCode, boolean>> = { unreachable: true, lost: true, denied: false, refused: false, unreadable: false };

/** Doris did not do it, or did not say. After `lost` it may have been done: observe before you repeat. Its message names no password. */
export class DorisError extends Error {
  override readonly name = 'DorisError';
  readonly code: DorisErrorCode;
  constructor(code: DorisErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
