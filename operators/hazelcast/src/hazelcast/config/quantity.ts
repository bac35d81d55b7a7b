import { quantityNanos } from '@binnacle/schema';

const NANOS = 1_000_000_000n;
const MEGA = 1_000_000n;

/** A quantity in bytes, rounded up. What the schema let pass is readable; anything else counts as nothing. */
export function bytes(quantity: string | number): number {
  return Number(up(quantityNanos(quantity) ?? 0n, NANOS));
}

/** A quantity in 10^6 bytes, rounded up: 512Mi is 537. */
export function megabytes(quantity: string | number): number {
  return Number(up(quantityNanos(quantity) ?? 0n, NANOS * MEGA));
}

function up(value: bigint, unit: bigint): bigint {
  return (value + unit - 1n) / unit;
}
