/** One cause of a refusal, as the API server's Status lists them. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  /** Path in the object, e.g. `spec.clusterSize`. */
  readonly field?: string;
}

/** The API's `v1 Status`. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly uid?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

/**
 * The API server said no, or said nothing. `code` is the HTTP status, 0 when no answer came; `reason` is the API's word for it
 * (`NotFound`, `Conflict`, `Invalid` …) or ours: `Unreachable` (no answer: it may have been done all the same), `Unreadable` (an answer that is no Kubernetes).
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** When the server asks to be left alone until; ms, or `undefined`. */
  readonly retryAfterMs: number | undefined;
  constructor(
    failure: {
      readonly code: number;
      readonly reason: string;
      readonly message: string;
      readonly causes?: readonly StatusCause[];
      readonly retryAfterMs?: number;
    },
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
    this.code = failure.code;
    this.reason = failure.reason;
    this.causes = failure.causes ?? [];
    this.retryAfterMs = failure.retryAfterMs;
  }
}

const is =
  (reason: string) =>
  (error: unknown): error is ApiError =>
    error instanceof ApiError && error.reason === reason;

export const isNotFound = is('NotFound');
export const isAlreadyExists = is('AlreadyExists');
/** Somebody else wrote first (409 `Conflict`): read again, then decide again. */
export const isConflict = is('Conflict');
export const isInvalid = is('Invalid');
export const isForbidden = is('Forbidden');
/**
 * Something was to be made in a namespace that is being deleted, which is never taken back. Source: plugin/pkg/admission/namespace/lifecycle/admission.go; older
 * servers, and CustomResourceDefinitions that go, say it in the message alone.
 */
export const isNamespaceTerminating = (error: unknown): error is ApiError =>
  isForbidden(error) && (error.causes.some(({ reason }) => reason === 'NamespaceTerminating') || error.message.includes('because it is being terminated'));
/** Busy, or a PodDisruptionBudget says no: `retryAfterMs` tells when to ask again. */
export const isTooManyRequests = is('TooManyRequests');
/** The resource version is too old to go on from (410 `Expired` or `Gone`): list again. */
export const isExpired = (error: unknown): error is ApiError => error instanceof ApiError && (error.reason === 'Expired' || error.reason === 'Gone');
export const isUnreachable = is('Unreachable');
