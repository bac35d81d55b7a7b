import { Refusal } from '../../refusal.ts';
import { badRequest } from '../refusals.ts';
import { createMessageReader } from './message.ts';
import type { Table } from './table.ts';
import { malformed, wireFields, wireText } from './wire.ts';

/** What every Kubernetes body in protobuf begins with: `k8s` and a zero byte. */
const MAGIC: readonly number[] = [0x6b, 0x38, 0x73, 0x00];

/** Reads a whole body. @throws {Refusal} */
export type Decode = (body: Uint8Array) => Readonly<Record<string, unknown>>;

/**
 * Makes the reader of bodies: magic, `runtime.Unknown`, the object in it. Answers plain JSON as Go would write it, version and kind first: what Go
 * leaves out as empty is left out, a pointer to zero stays (`replicas: 0`), a zero time is absent.
 * The reader throws refusals only: 400 for bytes that are no such body and for unknown kinds of built-in groups; 415 for kinds of other groups, since
 * custom resources have no protobuf form.
 */
export function createDecoder(table: Table): Decode {
  const read = createMessageReader(table);
  const kinds = new Map(Object.entries(table.kinds));
  const groups = new Set([...kinds.keys()].map((key) => groupOf(key.split(' ')[0]!)));
  return (body) => {
    const { apiVersion, kind, raw } = envelope(body);
    if (apiVersion === '' || kind === '') throw malformed('it does not say of what kind and version it is');
    // Every group version has them: clients name that of the resource.
    const message = kind === 'DeleteOptions' ? 'meta.v1.DeleteOptions' : kinds.get(`${apiVersion} ${kind}`);
    if (message !== undefined) return { apiVersion, kind, ...(read(message, raw) as Readonly<Record<string, unknown>>) };
    if (groups.has(groupOf(apiVersion))) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
    throw new Refusal(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    );
  };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
}

/** `runtime.Unknown`: 1 type (1 version, 2 kind), 2 the object's own bytes, 3 their encoding. */
function envelope(body: Uint8Array): { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array } {
  if (MAGIC.some((byte, at) => body[at] !== byte)) throw malformed('it does not begin with the prefix [107 56 115 0]');
  let [apiVersion, kind] = ['', ''];
  let raw: Uint8Array = new Uint8Array();
  for (const field of wireFields(body.subarray(MAGIC.length))) {
    if (field.number > 3) continue;
    if (field.wire !== 'bytes') throw malformed(`field ${field.number} of its envelope is no message`);
    if (field.number === 2) raw = field.value;
    if (field.number === 3 && field.value.length > 0) throw malformed(`its content is encoded as ${wireText(field.value)}`);
    if (field.number !== 1) continue;
    for (const part of wireFields(field.value)) {
      if (part.wire !== 'bytes') continue;
      if (part.number === 1) apiVersion = wireText(part.value);
      if (part.number === 2) kind = wireText(part.value);
    }
  }
  return { apiVersion, kind, raw };
}
