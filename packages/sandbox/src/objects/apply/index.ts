import type { Schema } from '@binnacle/schema';
import { Refusal } from '../../refusal.ts';
import { equal, isObject, objectAt, stringAt, without } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Resolve } from '../strategic.ts';
import { EMPTY, fieldSet, isEmpty, sameFields } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import { capped, clearsOwners, dated, decodeOwners, encodeOwners, identityOf } from './managed-fields.ts';
import type { Owner, Owners } from './managed-fields.ts';
import { mergeTyped } from './merge.ts';
import { ownable, ownersAfterApply, ownersAfterUpdate, prune } from './ownership.ts';
import type { Writer } from './ownership.ts';
import { mistakes } from './mistakes.ts';
import { fieldsOf, Indistinct } from './typed.ts';
import { rootType } from './type.ts';
import type { Type } from './type.ts';

/** What every write through an endpoint has in common. */
export interface Write {
  /** The field manager; empty counts as `unknown`. */
  readonly manager: string;
  /** Of the endpoint, e.g. `apps/v1`. */
  readonly apiVersion: string;
  /** Of the kind. The same object on every call for a kind: what is compiled from it is kept by identity. */
  readonly schema: Schema;
  /** Finds what `$ref` in `schema` names; never called for a schema without any. */
  readonly resolve: Resolve;
  /** `status`, `scale` …; empty or undefined is the main endpoint. */
  readonly subresource?: string | undefined;
  /** Ms since the epoch. */
  readonly now: number;
  /**
   * Fields that the endpoint does not write, as dotted paths, and so gives to nobody: `['status']` for the main endpoint of a kind with a status
   * subresource. Left out: `status` on the main endpoint if the schema has one, `spec` on `/status`. A custom resource without the subresource must say `[]`.
   */
  readonly reset?: readonly string[];
}

/** One apply: `live` is the stored object, undefined when there is none. */
export interface Apply extends Write {
  readonly live: JsonObject | undefined;
  readonly config: JsonObject;
  /** Take fields over from their owners instead of refusing. */
  readonly force: boolean;
  /** As of `trackUpdate`: what nobody owns of an object that was there before its owners were tracked. */
  readonly blank?: JsonObject;
}

/**
 * The object after a server-side apply, with `metadata.managedFields`, before defaults and admission. Applying what is there changes nothing, and the
 * applier's time stays: then `live` itself comes back. Fields of `live` that the applier no longer mentions and nobody else owns are gone.
 * A create (`live` undefined) returns `config` with its owner. `config` must have `apiVersion` and `kind`; its name may be absent.
 * Owners recorded under another version of the kind are taken to name the same fields, as they do for versions with the same schema.
 * @throws {Refusal} 400 when `config` has managedFields or another version; 409 for conflicts, unless `force`; 500 when `config` does not fit the schema
 *   or the stored managedFields are no such thing, as the API server does. Source: spec/sandbox.md §2.8.
 */
export function applyServerSide(request: Apply): JsonObject {
  try {
    return apply(request);
  } catch (error) {
    // The configuration was checked: the element that cannot be told apart is in the stored object.
    if (!(error instanceof Indistinct) || request.live === undefined) throw error;
    throw new Refusal(500, '', `failed to create typed live object (${describe(request.live)}): ${error.message}`);
  }
}

function apply(request: Apply): JsonObject {
  const { live, config, force, now } = request;
  checkConfig(request, config);
  const type = rootType(request.schema, request.resolve);
  checkTyped(type, config);
  const writer = writerOf(request, 'Apply');
  if (live === undefined) return made(type, writer, config, now);
  const base = withoutOwners(live);
  const owners = liveOwners(request, type, live, request.blank ?? {});
  const previous = owners.get(writer.identity);
  const wanted = ownable(fieldsOf(type, config), writer.reset);
  // The same set as last time stays the same object: what is encoded already need not be again.
  const fields = previous !== undefined && sameFields(previous.fields, wanted) ? previous.fields : wanted;
  const mine: Owner = { ...writer.owner, ...(previous?.time === undefined ? {} : { time: previous.time }), fields };
  const claimed: Owners = new Map([...owners, [writer.identity, mine]]);
  const merged = mergedObject(type, base, config);
  const pruned = prune(type, merged, claimed, writer.identity, previous?.fields);
  // A map that pruning emptied is gone; the configuration may want it empty.
  const next = pruned === merged ? merged : mergedObject(type, pruned, config);
  const after = ownersAfterApply(type, base, next, claimed, writer, force);
  const changed = !equal(base, next);
  const stamped = changed ? withTime(after, writer.identity, now) : after;
  const result = withOwners(next, stamped);
  return equal(result, live) ? live : result;
}

/** What an apply makes: nobody is there to disagree, and all that it says is its own. */
function made(type: Type, { identity, owner, reset }: Writer, config: JsonObject, now: number): JsonObject {
  const fields = ownable(fieldsOf(type, config), reset);
  const owners: Owners = isEmpty(fields) ? new Map() : new Map([[identity, dated({ ...owner, fields }, now)]]);
  // It was checked: laid over nothing it stays what it is.
  return withOwners(config, owners);
}

/**
 * `after` with `metadata.managedFields` brought up to date for a create (`before` undefined), update or patch by somebody who does not apply. Call it with what
 * the client wants, after defaults of decoding and before the endpoint puts back what it does not write. What the request says of managedFields counts
 * (clearing them with `[]` or `[{}]` stops the tracking), unless it is unreadable, absent or through a subresource. `blank`: what a new object has before anybody
 * says anything; default: nothing.
 */
export function trackUpdate(request: Write & { readonly before: JsonObject | undefined; readonly after: JsonObject; readonly blank?: JsonObject }): JsonObject {
  const { before, after, subresource } = request;
  const requested = objectAt(after, 'metadata')['managedFields'];
  const stored = objectAt(before, 'metadata')['managedFields'];
  const isMain = subresource === undefined || subresource === '';
  const owners = isMain && clearsOwners(requested) ? new Map<string, Owner>() : chooseOwners(isMain ? requested : undefined, stored);
  const next = withoutOwners(after);
  // An object that nobody has owners of was cleared, or is older than apply: tracking starts with the next apply.
  if (owners.size === 0 && before !== undefined) return next;
  const writer = writerOf(request, 'Update');
  try {
    const type = rootType(request.schema, request.resolve);
    // What does not fit its schema has no owners. Source: apimachinery, pkg/util/managedfields/internal/fieldmanager.go, `UpdateNoErrors`.
    if (mistakes(type, next, { doubled: 'allowed' }).length > 0) return next;
    const result = ownersAfterUpdate(type, before === undefined ? (request.blank ?? {}) : withoutOwners(before), next, owners, writer);
    return withOwners(next, capped(result.changed ? withTime(result.owners, writer.identity, request.now) : result.owners));
  } catch (error) {
    // Nor has what replaces an object that does not fit.
    if (error instanceof Indistinct) return next;
    throw error;
  }
}

/**
 * `after`, or `before` itself when they differ in nothing but the times of owners and the resource version: such a write is none. Call it last, after
 * defaults, since `1000m` applied over a stored `1` differs until then.
 */
export function unlessUnchanged(before: JsonObject, after: JsonObject): JsonObject {
  return equal(timeless(before), timeless(after)) ? before : after;
}

function timeless(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const entries = metadata['managedFields'];
  const undated = Array.isArray(entries) ? entries.map((entry) => (isObject(entry) ? without(entry, 'time') : entry)) : [];
  // The time is part of the order: without it, two lists are compared in an order of their own.
  const managedFields = undated.toSorted((a, b) => (whose(a) < whose(b) ? -1 : whose(a) > whose(b) ? 1 : 0));
  return { ...object, metadata: { ...without(metadata, 'resourceVersion'), managedFields } };
}

const whose = (entry: JsonObject) => `${entry['manager']}/${entry['operation']}/${entry['apiVersion']}/${entry['subresource']}`;

function writerOf(request: Write, operation: 'Apply' | 'Update'): Writer {
  const { manager, apiVersion, subresource } = request;
  const owner = {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion,
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
  };
  return { identity: identityOf(owner), owner, reset: resetOf(request) };
}

const STATUS = fieldSet(['f:status']);
const SPEC = fieldSet(['f:spec']);

function resetOf({ reset, subresource, schema }: Write): FieldSet {
  if (reset !== undefined) return fieldSet(...reset.map((path) => path.split('.').map((name) => `f:${name}`)));
  if (subresource === 'status') return SPEC;
  return (subresource === undefined || subresource === '') && schema.properties?.['status'] !== undefined ? STATUS : EMPTY;
}

function checkConfig(request: Write, config: JsonObject): void {
  const version = stringAt(config, 'apiVersion') ?? '';
  if (version !== request.apiVersion) {
    throw new Refusal(400, 'BadRequest', `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${request.apiVersion}`);
  }
  if (objectAt(config, 'metadata')['managedFields'] !== undefined) throw new Refusal(400, 'BadRequest', 'metadata.managedFields must be nil');
}

function checkTyped(type: Type, config: JsonObject): void {
  const found = mistakes(type, config);
  if (found.length === 0) return;
  const text = found.length === 1 ? found[0] : ['errors:', ...found.map((mistake) => `  ${mistake}`)].join('\n');
  throw new Refusal(500, '', `failed to create typed patch object (${describe(config)}): ${text}`);
}

function describe(object: JsonObject): string {
  const metadata = objectAt(object, 'metadata');
  const version = stringAt(object, 'apiVersion') ?? '';
  const kind = stringAt(object, 'kind') ?? '';
  return `${stringAt(metadata, 'namespace') ?? ''}/${stringAt(metadata, 'name') ?? ''}; ${version.includes('/') ? version : `/${version}`}, Kind=${kind}`;
}

/** Owners of the stored object; an object without any belongs to `before-first-apply`. Source: apimachinery, pkg/util/managedfields/internal/skipnonapplied.go, `Apply`. */
function liveOwners(request: Write, type: Type, live: JsonObject, nothing: JsonObject): Owners {
  const owners = readOwners(objectAt(live, 'metadata')['managedFields']);
  if (owners.size > 0) return owners;
  const writer = writerOf({ ...request, manager: 'before-first-apply' }, 'Update');
  const result = ownersAfterUpdate(type, nothing, withoutOwners(live), owners, writer);
  return result.changed ? withTime(result.owners, writer.identity, request.now) : result.owners;
}

function readOwners(entries: unknown): Owners {
  try {
    return decodeOwners(entries);
  } catch (error) {
    throw new Refusal(500, 'InternalError', `failed to decode managed fields: ${(error as Error).message}`);
  }
}

/** The request's owners, or the stored ones where the request has none that can be read: clients that know nothing of them drop them by accident. */
function chooseOwners(requested: unknown, stored: unknown): Owners {
  for (const entries of [requested, stored]) {
    try {
      const owners = decodeOwners(entries);
      if (owners.size > 0) return owners;
    } catch {
      // Unreadable counts as absent.
    }
  }
  return new Map();
}

function mergedObject(type: Type, live: JsonObject, config: JsonObject): JsonObject {
  const merged = mergeTyped(type, live, config);
  return isObject(merged) ? merged : {};
}

function withTime(owners: Owners, identity: string, now: number): Owners {
  const owner = owners.get(identity);
  return owner === undefined ? owners : new Map([...owners, [identity, dated(owner, now)]]);
}

function withoutOwners(object: JsonObject): JsonObject {
  const metadata = object['metadata'];
  if (!isObject(metadata) || !('managedFields' in metadata)) return object;
  return { ...object, metadata: without(metadata, 'managedFields') };
}

function withOwners(object: JsonObject, owners: Owners): JsonObject {
  const managedFields = encodeOwners(owners);
  if (managedFields === undefined) return object;
  return { ...object, metadata: { ...objectAt(object, 'metadata'), managedFields } };
}
