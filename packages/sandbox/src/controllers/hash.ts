import { createHash } from 'node:crypto';

/** What names may be made of without ever spelling a word: Kubernetes' own alphabet for suffixes. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name for content, the same for the same content; for suffixes of object names. Not Kubernetes' own hash, which depends on Go's memory layout. */
export function shortHash(content: string, length = 10): string {
  const digest = createHash('sha256').update(content).digest();
  return Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** JSON with sorted keys: equal for equal content, whatever order it was written in. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Whether two JSON values say the same. A key that is `undefined` is one that is absent. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a ?? null) === canonical(b ?? null);
}
