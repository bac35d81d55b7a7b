import { parseTimestamp, timestamp } from '@binnacle/client';
import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { decode, encode, union } from './field-set.ts';
import type { FieldSet } from './field-set.ts';

/** What one manager owns. */
export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Absent: the main endpoint. */
  readonly subresource?: string;
  /** As stored; absent when the manager has never changed anything. */
  readonly time?: string;
  readonly fields: FieldSet;
}

/** All owners of an object's fields, by identity (`identityOf`). Never changed in place. */
export type Owners = ReadonlyMap<string, Owner>;

/** The most Update managers an object keeps; the oldest are merged. Source: apimachinery's DefaultMaxUpdateManagers. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = 'ancient-changes';

/** What makes two entries the same owner's: an applier keeps its fields when it changes to another version, an updater does not. */
export function identityOf(owner: Omit<Owner, 'fields' | 'time'>): string {
  return JSON.stringify([owner.manager, owner.operation, owner.operation === 'Apply' ? '' : owner.apiVersion, owner.subresource ?? '']);
}

/**
 * Reads `metadata.managedFields`.
 * @throws {Error} for an entry that is none; the message is the API server's.
 */
export function decodeOwners(entries: unknown): Owners {
  const owners = new Map<string, Owner>();
  if (!Array.isArray(entries)) return owners;
  for (const [at, entry] of entries.entries()) {
    const owner = decodeOwner(isObject(entry) ? entry : {}, at);
    owners.set(identityOf(owner), owner);
  }
  return owners;
}

function decodeOwner(entry: JsonObject, at: number): Owner {
  const { manager, operation, apiVersion, subresource, time, fieldsType } = entry;
  if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`');
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new Error('apiVersion must not be empty');
  if (typeof fieldsType !== 'string' || fieldsType === '') throw new Error(`missing fieldsType in managed fields entry ${at}`);
  if (fieldsType !== 'FieldsV1') throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${at}`);
  return {
    manager: typeof manager === 'string' ? manager : '',
    operation,
    apiVersion,
    ...(typeof subresource === 'string' && subresource !== '' ? { subresource } : {}),
    ...(typeof time === 'string' ? { time } : {}),
    fields: decode(entry['fieldsV1']),
  };
}

/** Whether a request clears all ownership: an empty list, or one empty entry. */
export function clearsOwners(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false;
  const [first] = entries;
  return entries.length === 0 || (entries.length === 1 && isObject(first) && Object.keys(first).length === 0);
}

/** `metadata.managedFields` of owners, in the API server's order: Apply first, then by time and name. Undefined when there are none. */
export function encodeOwners(owners: Owners): readonly JsonObject[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].toSorted(order).map(({ fields, manager, operation, apiVersion, subresource, time }) => ({
    ...(manager === '' ? {} : { manager }),
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encode(fields),
    ...(subresource === undefined ? {} : { subresource }),
  }));
}

function order(a: Owner, b: Owner): number {
  return (
    text(a.operation, b.operation) ||
    seconds(a) - seconds(b) ||
    text(a.manager, b.manager) ||
    text(a.apiVersion, b.apiVersion) ||
    text(a.subresource ?? '', b.subresource ?? '')
  );
}

const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const seconds = (owner: Owner) => (owner.time === undefined ? 0 : Math.floor(parseTimestamp(owner.time) / 1000));

/** An owner as of `now` (ms since the epoch). */
export function dated(owner: Owner, now: number): Owner {
  return { ...owner, time: timestamp(now) };
}

/** Owners with the oldest Update managers merged into one entry per version, when there are too many. */
export function capped(owners: Owners): Owners {
  const updaters = [...owners].filter(([, owner]) => owner.operation === 'Update');
  let left = updaters.length;
  if (left <= MAX_UPDATE_MANAGERS) return owners;
  const out = new Map(owners);
  const firsts = new Map<string, string>();
  for (const [identity, owner] of updaters.toSorted(([a, x], [b, y]) => seconds(x) - seconds(y) || text(a, b))) {
    if (left <= MAX_UPDATE_MANAGERS) break;
    const first = firsts.get(owner.apiVersion);
    if (first === undefined) {
      firsts.set(owner.apiVersion, identity);
      continue;
    }
    const bucket = { manager: ANCIENT, operation: 'Update', apiVersion: owner.apiVersion } as const;
    const place = identityOf(bucket);
    const older = out.get(place) ?? out.get(first);
    if (!out.has(place)) out.delete(first);
    if (identity === place) continue;
    out.delete(identity);
    out.set(place, {
      ...bucket,
      ...(owner.time === undefined ? {} : { time: owner.time }),
      fields: older === undefined ? owner.fields : union(older.fields, owner.fields),
    });
    left--;
  }
  return out;
}
