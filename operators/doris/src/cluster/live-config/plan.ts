import { isPlain } from '../../sql/statements.ts';
import type { Setting } from '../../sql/settings.ts';

/** One key whose line has changed since pods started, and what runs. */
export interface ObservedKey {
  readonly key: string;
  /** Its line in the file that pods may have started with, and in the one wanted; `undefined`: none. */
  readonly start: string | undefined;
  readonly wanted: string | undefined;
  /** What held while there was no line; `null`: not known (yet). */
  readonly standard: string | null;
  /** As each node that could be asked runs now; `undefined`: it has no such setting. */
  readonly settings: readonly (Setting | undefined)[];
}

export type KeyAction =
  /** Every node that could be asked runs as wanted. */
  | { readonly do: 'nothing' }
  /** Remember what holds without a line, before it is overwritten: the way back. */
  | { readonly do: 'remember'; readonly standard: string }
  | { readonly do: 'set'; readonly value: string }
  | { readonly do: 'restart'; readonly because: string };

/**
 * What to do about a key. Only what the server itself calls mutable is set, and only where the way back could be gone as well; whatever is not known for
 * certain is left to a restart, which is right for everything.
 */
export function planKey(o: ObservedKey): KeyAction {
  const { key, start, wanted, standard, settings } = o;
  const value = wanted ?? standard;
  const unsettable = whyNotSet(o);
  // The template has it already, so that a restart would change nothing; and what cannot be set was never set.
  if (wanted === start) return value === null || unsettable !== undefined ? { do: 'nothing' } : setWhereOther(value, settings);
  if (unsettable !== undefined) return { do: 'restart', because: unsettable };
  if (wanted === undefined) return { do: 'restart', because: `${key} is taken out, and what holds without it shows only after a start` };
  if (start !== undefined || standard !== null) return setWhereOther(wanted, settings);
  const before = settings.find((one) => one !== undefined && !isSame(one.value, wanted))?.value;
  if (before === undefined || !isPlain(before)) return { do: 'restart', because: `${key} is new, and what holds without it shows only after a start` };
  return { do: 'remember', standard: before };
}

function whyNotSet({ key, start, wanted, standard, settings }: ObservedKey): string | undefined {
  if (settings.some((one) => one === undefined)) return `${key} is no setting that running nodes have`;
  if (settings.some((one) => one?.mutable === false)) return `${key} cannot be set on running nodes`;
  const plain = [start, wanted, standard ?? undefined].every((one) => one === undefined || isPlain(one));
  return plain ? undefined : `the value of ${key} means one thing in the file and another in a statement`;
}

const setWhereOther = (value: string, settings: ObservedKey['settings']): KeyAction =>
  settings.every((one) => one !== undefined && isSame(one.value, value)) ? { do: 'nothing' } : { do: 'set', value };

/** Whether a server's text of a value is what a file says: lists come back in brackets, words in any case, numbers in any form. */
export function isSame(shown: string, written: string): boolean {
  if (normal(shown) === normal(written)) return true;
  return shown.trim() !== '' && written.trim() !== '' && Number(shown) === Number(written);
}

const normal = (text: string): string =>
  text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .split(',')
    .map((part) => part.trim())
    .join(',')
    .replace(/^(true|false)$/i, (word) => word.toLowerCase());
