import { definition, prune, rootSchema } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import type { Served } from '../catalog/served.ts';
import { canonicalMetadata } from '../../objects/registry/index.ts';
import { readBody } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import { groupVersion, isRecord, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest } from '../refusals.ts';
import { typeProblem } from './types.ts';

/** An object out of a request, and what was dropped from it. */
export interface Decoded {
  readonly object: ApiObject;
  /** `unknown field "spec.foo"`, `duplicate field "data.a"`. */
  readonly problems: readonly string[];
}

/** The schema to read objects of a served kind by. */
export function schemaOf(served: Served): Schema {
  if (served.custom !== undefined) return rootSchema(served.custom.schema);
  // Every stored built-in has one: the table is made from the same documents as the list of resources.
  return served.schema!;
}

/**
 * Reads the object in a body. Kind and version are taken from the URL where they are missing; fields that the kind does not have are dropped.
 * @throws {Refusal} 400, 415
 */
export function decodeBody(served: Served, call: Call): Decoded {
  const body = readBody(call);
  if (body === undefined) throw badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: EOF`);
  const duplicates = body.duplicates.map((path) => `duplicate field "${path}"`);
  const { object, problems } = decodeObject(served, body.value);
  return { object, problems: [...duplicates, ...problems] };
}

/** As `decodeBody`, of JSON. */
export function decodeObject(served: Served, value: unknown): Decoded {
  if (!isRecord(value)) {
    throw badRequest(
      `${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: json: cannot unmarshal into Go value of type ${served.kind}`,
    );
  }
  const expected = groupVersion(served);
  const kind = text(value['kind']) ?? '';
  const apiVersion = text(value['apiVersion']) ?? '';
  if (served.custom !== undefined) checkCustom(served, value, kind, apiVersion);
  if (served.custom === undefined && kind !== '' && kind !== served.kind) {
    throw badRequest(`${kind} in version "${served.version}" cannot be handled as a ${served.kind}: no kind "${kind}" matches the request`);
  }
  if (apiVersion !== '' && apiVersion !== expected) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
  }
  // Kind and version first: list items are cut from the text behind them.
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = value;
  return cleaned(served, { apiVersion: expected, kind: served.custom === undefined ? served.kind : kind, metadata: record(metadata), ...rest });
}

/** Objects of custom kinds must say what they are: no type of the server's stands behind them. That they are of another kind is for validation to tell. */
function checkCustom(served: Served, value: Readonly<Record<string, unknown>>, kind: string, apiVersion: string): void {
  if (kind === '') {
    const said = JSON.stringify(value);
    throw badRequest(`the object provided is unrecognized (must be of type ${served.kind}): Object 'Kind' is missing in '${said}'`);
  }
  const expected = groupVersion(served);
  if (apiVersion !== expected) throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`);
}

const METADATA: Schema = { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };

/**
 * Drops unknown fields; wrong types are refused for built-in kinds, and left to validation for custom ones.
 * @throws {Refusal} 400
 */
function cleaned(served: Served, object: ApiObject): Decoded {
  const schema = schemaOf(served);
  // Of custom kinds the metadata alone has a type that the decoder knows.
  const problem = served.custom === undefined ? typeProblem(schema, object, served.kind) : typeProblem(METADATA, object.metadata, 'ObjectMeta');
  if (problem !== undefined) throw badRequest(`${served.kind} in version "${served.version}" cannot be handled as a ${served.kind}: ${problem}`);
  const { value, unknown } = prune(schema, object, definition);
  // Sound: what has the types of metadata is metadata.
  const typed = served.custom === undefined ? value : { ...value, metadata: canonicalMetadata(record(value.metadata)) as ApiObject['metadata'] };
  // Fields of another kind are not this schema's to judge. Source: apiextensions-apiserver, pkg/apiserver/customresource_handler.go, `schemaCoercingDecoder`.
  if (object.kind !== served.kind) return { object: typed, problems: [] };
  return { object: typed, problems: unknown.map((path) => `unknown field "${path}"`) };
}

/** What becomes of fields that are dropped. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/**
 * Warns of dropped fields, or refuses them.
 * @throws {Refusal} what `strict` makes of them.
 */
export function reportProblems(call: Call, mode: FieldValidation, problems: readonly string[], strict: (summary: string) => Error): void {
  if (problems.length === 0 || mode === 'Ignore') return;
  if (mode === 'Strict') throw strict(`strict decoding error: ${problems.join(', ')}`);
  for (const problem of problems) call.warn(problem);
}
