/** The version of the question and of the answer. */
export const REVIEW_VERSION = 'admission.k8s.io/v1';

/** An object as it came. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the API server asks. Texts that it left out are empty. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: string;
  readonly user: string;
  readonly dryRun: boolean;
  /** Options of the request, such as DeleteOptions. */
  readonly options: Fields;
  readonly object: Fields | undefined;
  readonly before: Fields | undefined;
}

/** Reads an AdmissionReview. @throws {Error} when it is none. */
export function requestOf(review: unknown): AdmissionRequest {
  const { apiVersion, kind, request } = record(review);
  if (apiVersion !== REVIEW_VERSION || kind !== 'AdmissionReview' || !isRecord(request)) throw new Error(`not an AdmissionReview of ${REVIEW_VERSION}`);
  const of = record(request['kind']);
  return {
    uid: text(request['uid']),
    group: text(of['group']),
    kind: text(of['kind']),
    namespace: text(request['namespace']),
    name: text(request['name']),
    operation: text(request['operation']),
    user: text(record(request['userInfo'])['username']),
    dryRun: request['dryRun'] === true,
    options: record(request['options']),
    object: isRecord(request['object']) ? request['object'] : undefined,
    before: isRecord(request['oldObject']) ? request['oldObject'] : undefined,
  };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const record = (value: unknown): Fields => (isRecord(value) ? value : {});
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
