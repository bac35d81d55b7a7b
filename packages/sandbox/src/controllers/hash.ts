import { createHash } from 'node:crypto';

export { canonicalJson as canonical } from '@binnacle/schema';

/** What names may be made of without ever spelling a word: Kubernetes' own alphabet for suffixes. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for content, the same for the same content; for suffixes of object names. Not Kubernetes' own hash, which depends on Go's memory layout. */
export function shortHash(content: string, length = 10): string {
  const digest = createHash('sha256').update(content).digest();
  return Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Whether two JSON values say the same. A key that is `undefined` is one that is absent; anywhere else `undefined` is null. */
export function same(a: unknown, b: unknown): boolean {
  if ((a ?? null) === (b ?? null)) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  if (keys.length !== Object.keys(b).filter((key) => b[key] !== undefined).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && b[key] !== undefined && same(a[key], b[key]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
