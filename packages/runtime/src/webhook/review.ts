import { admit, jsonEqual } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { AnyResource } from '../context.ts';
import { REVIEW_VERSION, record, requestOf } from './request.ts';
import type { AdmissionRequest } from './request.ts';

/** What a webhook answers, as the API server reads it. */
export interface AdmissionReview {
  readonly apiVersion: typeof REVIEW_VERSION;
  readonly kind: 'AdmissionReview';
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly warnings?: readonly string[];
    /** With `patch`, a JSON patch in base64: how the object is to be changed. */
    readonly patchType?: 'JSONPatch';
    readonly patch?: string;
    readonly status?: {
      readonly code: number;
      readonly reason: string;
      readonly message: string;
      readonly details?: { readonly name: string; readonly group: string; readonly kind: string; readonly causes: readonly FieldError[] };
    };
  };
}

/** Answers an AdmissionReview. @throws {Error} when it is none. */
export type Reviewer = (review: unknown) => AdmissionReview;

type Answer = Omit<AdmissionReview['response'], 'uid'>;

/**
 * Judges writes of declared kinds as their declaration does: schema, CEL, and its own `check` with the object as it was, which the API server cannot run.
 * Never in the way of an end or of upkeep: deletions, objects that are being deleted, and writes that leave the spec as it is are let through, and so
 * are faults that the object had before, with a warning.
 */
export function webhooks(...resources: readonly AnyResource[]): Reviewer {
  return (review) => {
    const request = requestOf(review);
    const resource = resources.find(({ group, kind }) => group === request.group && kind === request.kind);
    return { apiVersion: REVIEW_VERSION, kind: 'AdmissionReview', response: { uid: request.uid, ...judged(resource, request) } };
  };
}

function judged(resource: AnyResource | undefined, request: AdmissionRequest): Answer {
  const { object, before } = request;
  const allowed = { allowed: true };
  if (resource === undefined) return { ...allowed, warnings: [`this operator does not know ${request.kind}.${request.group}: nobody has looked at it`] };
  if (object === undefined || !['CREATE', 'UPDATE'].includes(request.operation) || record(object['metadata'])['deletionTimestamp'] !== undefined)
    return allowed;
  if (before !== undefined && jsonEqual(object['spec'], before['spec'])) return allowed;
  const { errors } = admit(resource, object, before);
  const older = before === undefined ? [] : admit(resource, before).errors;
  const isOld = (error: FieldError) => older.some(({ field, message }) => field === error.field && message === error.message);
  const causes = errors.filter((error) => !isOld(error));
  const warnings = errors.filter(isOld).map(lineOf);
  const warned = warnings.length === 0 ? {} : { warnings };
  if (causes.length === 0) return { ...allowed, ...warned };
  const lines = causes.map(lineOf);
  const message = `${resource.kind}.${resource.group} "${request.name}" is invalid: ${lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`}`;
  const details = { name: request.name, group: resource.group, kind: resource.kind, causes };
  return { allowed: false, ...warned, status: { code: 422, reason: 'Invalid', message, details } };
}

const lineOf = ({ field, message }: FieldError): string => `${field}: ${message}`;
