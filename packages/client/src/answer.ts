import type { Clock } from './clock.ts';
import { ApiError } from './error.ts';
import type { Status, StatusCause } from './error.ts';
import { parseTimestamp } from './time.ts';
import type { Response } from './transport.ts';

/** The longest answer read into memory; bytes. Beyond it V8 could not hold the text in one string either. */
export const ANSWER_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * The API's word for an HTTP status, where an answer has none of its own: a load balancer's page, or a Status without reason.
 * 404 and 409 are missing on purpose: "it does not exist" and "somebody wrote first" are facts that only the API itself may state.
 */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/**
 * The JSON of an answer; `undefined` when its body is empty.
 * @throws {ApiError} what the API server refused, or `Unreadable` for a body that is no JSON.
 */
export async function decode(response: Response, clock: Clock): Promise<unknown> {
  if (response.spoken !== undefined && 'value' in response.spoken && response.status >= 200 && response.status <= 299) return response.spoken.value;
  const body = await readText(response);
  if (response.status < 200 || response.status > 299) throw failure(response, body, clock);
  if (body === '') return undefined;
  return parse(body, response.status);
}

/**
 * Makes sure that a stream may be read.
 * @throws {ApiError} what the API server refused; then the body has been read.
 */
export async function expectStream(response: Response, clock: Clock): Promise<void> {
  if (response.status < 200 || response.status > 299) throw failure(response, await readText(response), clock);
}

/** @throws {ApiError} `Unreadable`. */
export function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ApiError({ code: status, reason: 'Unreadable', message: `the answer is no JSON: ${excerpt(text)}` }, { cause });
  }
}

/** The error that a Status stands for, whether it came as an answer or as an event. */
export function statusError(status: Partial<Status>, code: number, retryAfterMs?: number): ApiError {
  const seconds = status.details?.retryAfterSeconds;
  const wait = retryAfterMs ?? (seconds === undefined || seconds === 0 ? undefined : seconds * 1000);
  const causes: readonly StatusCause[] = status.details?.causes ?? [];
  return new ApiError({
    code,
    reason: status.reason || (REASONS[code] ?? byClass(code)),
    message: status.message || `the API server answered ${code}`,
    causes,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** Whether a value is the API's `v1 Status`. */
export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as Status).kind === 'Status' && (value as Status).apiVersion === 'v1';
}

function failure(response: Response, body: string, clock: Clock): ApiError {
  const wait = retryAfter(response.headers['retry-after'], clock);
  const status = statusOf(body);
  if (status !== undefined) return statusError(status, response.status, wait);
  // Go's own words for a path without a handler: the group or version is not served, so nothing of it exists.
  const reason = response.status === 404 && body.trim() === '404 page not found' ? 'NotFound' : undefined;
  const message = `the API server answered ${response.status}: ${excerpt(body)}`;
  return statusError({ message, ...(reason === undefined ? {} : { reason }) }, response.status, wait);
}

function statusOf(body: string): Status | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined; // a proxy's page: its text becomes the message
  }
}

function byClass(code: number): string {
  return code >= 500 ? 'InternalError' : 'Unreadable';
}

/** Seconds or a date (RFC 9110 §10.2.3), as ms from now. */
function retryAfter(header: string | undefined, clock: Clock): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const at = parseTimestamp(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.now());
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > ANSWER_LIMIT_BYTES) {
      throw new ApiError({ code: response.status, reason: 'Unreadable', message: `an answer of more than ${ANSWER_LIMIT_BYTES} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line || '(empty)';
}
