import { hash } from 'node:crypto';
import { canonicalJson, quantityNanos } from '@binnacle/schema';

/** A fingerprint of an object's content; its secrets cannot be read back from it. */
export function hashOf(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'base64');
}

/** A fingerprint of an object's text: another for the same content in another order, and far quicker to have. */
export function textHashOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64');
}

/**
 * Whether everything wanted is there, with the same value: fields beside it do not matter, list entries are compared one by one. In `spec`,
 * `1Gi` is `1024Mi`. May say no where the server would say nothing changed; never says yes where something did.
 */
export function contains(live: unknown, wanted: unknown, quantities = false): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, index) => contains(live[index], item, quantities));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof live !== 'object' || live === null || Array.isArray(live)) return false;
    return Object.entries(wanted).every(([name, value]) => contains((live as Record<string, unknown>)[name], value, quantities || name === 'spec'));
  }
  return live === wanted || (quantities && sameQuantity(live, wanted));
}

function sameQuantity(a: unknown, b: unknown): boolean {
  if ((typeof a !== 'string' && typeof a !== 'number') || (typeof b !== 'string' && typeof b !== 'number')) return false;
  const [x, y] = [quantityNanos(a), quantityNanos(b)];
  return x !== undefined && x === y;
}
