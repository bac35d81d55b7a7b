import { quantityNanos } from '@binnacle/schema';

const NANO = 1_000_000_000n;
const MILLI = 1_000_000n;
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/**
 * A quantity as the API server stores it: `1000m` is `1`, `0.5` is `500m`, `1024Mi` is `1Gi`, `1.5Gi` is `1536Mi`. Rounded up to thousandths, as in
 * lists of resources. What is no quantity comes back as it is, for validation to find. Source: spec/sandbox.md §2.1.
 */
export function canonicalQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const text = String(value);
  const exact = quantityNanos(text);
  if (exact === undefined) return value;
  const nanos = exact % MILLI === 0n ? exact : (exact / MILLI + (exact > 0n ? 1n : 0n)) * MILLI;
  if (nanos === 0n) return '0';
  const size = nanos < 0n ? -nanos : nanos;
  // Small or broken amounts are shown in decimal even when they were asked for in binary.
  if (text.endsWith('i') && size >= 1024n * NANO && nanos % NANO === 0n) return binary(nanos / NANO);
  return decimal(nanos, /[eE][+-]?\d+$/.test(text));
}

function binary(whole: bigint): string {
  let mantissa = whole;
  let power = 0;
  while (mantissa % 1024n === 0n && power < BINARY.length - 1) {
    mantissa /= 1024n;
    power++;
  }
  return `${mantissa}${BINARY[power]}`;
}

function decimal(nanos: bigint, exponent: boolean): string {
  let mantissa = nanos;
  let power = 0;
  while (mantissa % 1000n === 0n && power < DECIMAL.length - 1) {
    mantissa /= 1000n;
    power++;
  }
  if (!exponent) return `${mantissa}${DECIMAL[power]}`;
  return power === 3 ? `${mantissa}` : `${mantissa}e${(power - 3) * 3}`;
}
