import { randomInt } from 'node:crypto';

// No quotes, slashes or blanks: the password passes through shells and SQL of entry scripts (spec/doris-operator.md §2.9).
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!@#$%^&*()-=_+[]{}';
const LENGTH = 15;

/** A password of 15 characters. From the system's randomness and not the clock's: a seed that replays a run must not replay passwords. */
export function newPassword(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
