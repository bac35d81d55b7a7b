import type { Status, StatusCause } from '@binnacle/client';

/** The API server refuses a request: becomes the answer's code and Status. Messages are Kubernetes' own, word by word, since clients and people read them. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: Status & { readonly code: number };
  /** `reason` may be empty: some of the real server's own mistakes have none. */
  constructor(
    code: number,
    reason: string,
    message: string,
    details?: {
      readonly name?: string;
      readonly group?: string;
      readonly kind?: string;
      readonly uid?: string;
      readonly causes?: readonly StatusCause[];
      readonly retryAfterSeconds?: number;
    },
  ) {
    super(message);
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      code,
      ...(details === undefined ? {} : { details: said(details) }),
    };
  }
}

/** Empty words are left out, as everywhere in the API. */
function said<T extends object>(details: T): T {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== '')) as T;
}
