/** Kubernetes quantities (`1Gi`, `100m`, `1e3`), exact: a bigint count of nanos, as fine as the API server keeps them. */

const BINARY: Readonly<Record<string, bigint>> = { Ki: 1024n, Mi: 1024n ** 2n, Gi: 1024n ** 3n, Ti: 1024n ** 4n, Pi: 1024n ** 5n, Ei: 1024n ** 6n };
/** Powers of ten. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const NANO = 9;

/** The form the API server accepts; also what CRDs carry as the pattern. */
export const QUANTITY_PATTERN = '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';

const FORM = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;

/** Digits before or after the point, at most: more is no amount of anything. */
const MAX_DIGITS = 64;

/** Nanos of a quantity, rounded up as the API server does. `undefined`: it is not a quantity. */
export function quantityNanos(text: string | number): bigint | undefined {
  const match = FORM.exec(String(text));
  if (match === null) return undefined;
  const [, sign, whole = '', fractionAfter = '', fractionOnly = '', suffix = ''] = match;
  const fraction = fractionAfter + fractionOnly;
  if (whole.length > MAX_DIGITS || fraction.length > MAX_DIGITS) return undefined;
  const digits = BigInt(whole + fraction || '0');
  const binary = BINARY[suffix];
  const exponent = binary === undefined ? (DECIMAL[suffix] ?? Number(suffix.slice(1))) : 0;
  const shift = NANO + exponent - fraction.length;
  const scaled = digits * (binary ?? 1n);
  const nanos = shift >= 0 ? scaled * 10n ** BigInt(shift) : divideUp(scaled, 10n ** BigInt(-shift));
  return sign === '-' ? -nanos : nanos;
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
