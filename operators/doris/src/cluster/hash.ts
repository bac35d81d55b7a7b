import { hash } from 'node:crypto';
import { canonicalJson } from '@binnacle/schema';

/**
 * MD5, hex, of a string map as Go's encoding/json writes it: keys sorted, compact, `<`, `>`, `&`, U+2028 and U+2029 escaped. Bit for bit the existing
 * operator's, because it is in pod annotations: another value restarts every pod of a cluster that is taken over (spec/doris-operator.md §2.5, §13).
 */
export function dataHash(data: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(data).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  return md5(goJson(sorted));
}

/** MD5, hex, of any JSON value with its keys sorted at every level. */
export function valueHash(value: unknown): string {
  return md5(canonicalJson(value));
}

// Go knows no short form for backspace and form feed (up to Go 1.21, with which the hashes in existing clusters were made).
const GO_ESCAPES: Readonly<Record<string, string>> = { '\\b': '\\u0008', '\\f': '\\u000c' };

function goJson(value: Readonly<Record<string, string>>): string {
  return JSON.stringify(value)
    .replace(/\\./g, (escape) => GO_ESCAPES[escape] ?? escape)
    .replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const md5 = (text: string): string => hash('md5', text, 'hex');
