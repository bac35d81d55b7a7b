import { Document, visit } from 'yaml';

const OPTIONS = { indent: 4, lineWidth: 0, version: '1.1', aliasDuplicateObjects: false } as const;
/** Texts with one of these stand between quotes: as they are they may stand nowhere in YAML, or not everywhere, and members' reader stops. */
const CONTROL = /[\p{Cc}\ufeff\ufffe\uffff]/u;
/** Those of them that the library does not escape between quotes. */
const UNESCAPED = /[\u007f-\u009f\ufeff\ufffe\uffff]/g;

/**
 * YAML as the existing operator's library writes it, byte for byte for what we emit: four spaces, long lines kept, words that YAML 1.1 would read as
 * something else quoted. The restart checksum is taken over this text, so a change here restarts every cluster in the world.
 */
export function emit(document: unknown): string {
  const written = new Document(document, OPTIONS);
  visit(written, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && CONTROL.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return written.toString(OPTIONS).replace(UNESCAPED, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The same with keys sorted at every level, as configurations with custom parts are written. */
export function emitSorted(document: unknown): string {
  return emit(sorted(document));
}

/** The same content, keys in order at every level. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
