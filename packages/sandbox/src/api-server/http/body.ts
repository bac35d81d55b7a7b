import { parseDocument } from 'yaml';
import { Refusal } from '../../refusal.ts';
import { decodeProtobuf } from '../protobuf/protobuf.ts';
import { badRequest } from '../refusals.ts';
import type { Call } from './call.ts';
import { duplicateKeys } from './duplicate-keys.ts';

/** The largest body that is read; bytes. Source: the real server's 3 MiB. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const ACCEPTED = `application/json, application/yaml, ${PROTOBUF}`;

/** A body, read. */
export interface Body {
  readonly value: unknown;
  /** Paths of keys that occur twice in one object; the last of them counts. */
  readonly duplicates: readonly string[];
}

/**
 * Reads a JSON, YAML or protobuf body by its content type; JSON when none is named. `undefined` when it is empty.
 * @throws {Refusal} 415 for other types, and for protobuf of custom resources; 400 when it cannot be read.
 */
export function readBody(call: Pick<Call, 'headers' | 'body'>): Body | undefined {
  const type = (call.headers['content-type'] ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  if (call.body.byteLength === 0) return undefined;
  if (type === 'application/yaml' || type === 'application/x-yaml') return readYaml(decoded(call.body));
  if (type === 'application/json' || type === '') return readJson(decoded(call.body));
  if (type === PROTOBUF) return { value: decodeProtobuf(call.body), duplicates: [] };
  throw unsupported(ACCEPTED);
}

/** 415: the body is in none of the media types that are read here. */
export function unsupported(accepted: string): Refusal {
  return new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted}`);
}

/** @throws {Refusal} 400 */
export function readJson(source: string): Body {
  try {
    const value: unknown = JSON.parse(source);
    return { value, duplicates: duplicateKeys(source, value) };
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

/** @throws {Refusal} 400 */
export function readYaml(source: string): Body {
  // JSON is YAML, and read in a tenth of the time.
  const json = source.trimStart().startsWith('{') ? parsedJson(source) : undefined;
  if (json !== undefined) return json;
  // Of a key written twice the last counts, as in JSON.
  const document = parseDocument(source, { uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw badRequest(`error converting YAML to JSON: yaml: ${error.message}`);
  return { value: document.toJS({ maxAliasCount: 100 }), duplicates: [] };
}

function parsedJson(source: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(source);
    return { value, duplicates: duplicateKeys(source, value) };
  } catch {
    // A flow mapping that is no JSON.
    return undefined;
  }
}

const decoder = new TextDecoder();

function decoded(body: Uint8Array): string {
  return decoder.decode(body);
}
