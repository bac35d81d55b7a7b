import { randomUUID } from 'node:crypto';
import type { Clock } from '@binnacle/client';

/** The server's source of uids and name suffixes. */
export interface Chance {
  uid(): string;
  /** Characters as Kubernetes puts them behind a `generateName`: no vowels, nothing that looks like something else. */
  suffix(length: number): string;
  /** In [0, 1). */
  random(): number;
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** With a seed the same values come in the same order; without, uids are random ones of the machine. */
export function createChance(clock: Clock, seed: number | undefined): Chance {
  const random = seed === undefined ? () => clock.random() : xorshift(seed);
  const suffix = (length: number) => Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
  return { uid: seed === undefined ? randomUUID : () => seededUuid(random), suffix, random };
}

function seededUuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '89ab'[Math.floor(random() * 4)]!;
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** xorshift32: small, and good enough for names. */
function xorshift(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}
