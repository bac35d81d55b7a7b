import { isRecord, list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';

const API_VERSION = 'apiextensions.k8s.io/v1';
const KIND = 'ConversionReview';

/** The question to a conversion webhook. */
export function reviewOf(uid: string, objects: readonly ApiObject[], desiredAPIVersion: string): { readonly uid: string; readonly body: string } {
  return { uid, body: JSON.stringify({ kind: KIND, apiVersion: API_VERSION, request: { uid, desiredAPIVersion, objects } }) };
}

/** The objects of an answer, as they came. @throws {Error} when it is none, or a no: the text is the real server's. */
export function convertedObjects(answer: unknown, uid: string): readonly unknown[] {
  const { kind, apiVersion, response } = record(answer);
  if (kind !== KIND || apiVersion !== API_VERSION) {
    throw new Error(`expected webhook response of ${API_VERSION}, Kind=${KIND}, got ${text(apiVersion) ?? ''}, Kind=${text(kind) ?? ''}`);
  }
  if (!isRecord(response)) throw new Error('no response provided');
  if (response['uid'] !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(text(response['uid']) ?? '')}`);
  const result = record(response['result']);
  const [status, message] = [text(result['status']) ?? '', text(result['message']) ?? ''];
  if (status !== 'Success') throw new Error(message === '' ? `response.result.status was '${status}', not 'Success'` : message);
  return list(response['convertedObjects']);
}
