import { unlessUnchanged } from '../../objects/apply/index.ts';
import { strategyOf } from '../../objects/registry/index.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { fromStored, showOne, toStored } from '../core/present.ts';
import type { ApiObject } from '../object.ts';
import { modified, notFound } from '../refusals.ts';
import { WriteRace } from '../store/store.ts';
import type { Entry } from '../store/store.ts';
import { mayGo } from './metadata.ts';
import { atRest } from './rules.ts';

/** How often a write is tried again when somebody else writes the same object in between. Source: the real server's patch retries. */
const MAX_TRIES = 5;

/**
 * Reads an object, makes the next one of it and stores that; starts again when the object was written in between, unless the caller wants one version.
 * An object that would not change is not written, but for one that lacks what is filled in when it is read. One that is being deleted and is held by nothing any more goes (spec/sandbox.md §2.6).
 * Answers the object in its served version.
 * @throws {Refusal} 404 when there is none, 409 when it keeps changing.
 */
export async function commitUpdate(
  core: Core,
  served: Served,
  key: string,
  name: string,
  dryRun: boolean,
  next: (before: ApiObject, entry: Entry) => Promise<ApiObject> | ApiObject,
): Promise<ApiObject> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const entry = core.store.get(served.bucket, key);
    if (entry === undefined) throw notFound(served, name);
    const before = await showOne(core, served, entry);
    const after = await next(before, entry);
    try {
      return await storeUpdate(core, served, entry, before, after, dryRun);
    } catch (error) {
      if (!(error instanceof WriteRace)) throw error;
    }
  }
  throw modified(served, name);
}

/** @throws {WriteRace} */
async function storeUpdate(core: Core, served: Served, entry: Entry, before: ApiObject, next: ApiObject, dryRun: boolean): Promise<ApiObject> {
  const after = atRest(served, next);
  if (mayGo(after)) {
    // What let it go is not written: the last that watches see is what was stored.
    if (!dryRun) core.store.remove(served.bucket, entry.key, entry.object, entry);
    return after;
  }
  if (unlessUnchanged(before, after) === before && !isCompleted(served, entry)) return before;
  const stored = ordered(await toStored(core, served, after));
  return dryRun ? fromStored(core, served, stored) : showOne(core, served, core.store.put(served.bucket, entry.key, stored, entry));
}

/** Whether a write of what is stored already stores what was only filled in when it was read. */
function isCompleted(served: Served, { isNew, object }: Entry): boolean {
  return isNew && served.custom === undefined && strategyOf(served).completedByWrite({ ...object });
}

/** Version and kind first: answers are cut from the text behind them. */
export function ordered(object: ApiObject): ApiObject {
  const { apiVersion, kind, metadata, ...rest } = object;
  return { apiVersion, kind, metadata, ...rest };
}
