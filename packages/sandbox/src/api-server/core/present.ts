import { rootSchema, setDefaults } from '@binnacle/schema';
import type { Served } from '../catalog/served.ts';
import { groupVersion } from '../object.ts';
import type { ApiObject } from '../object.ts';
import type { Entry } from '../store/store.ts';

/** An object in the version it is served in. */
export interface Shown {
  readonly object: ApiObject;
  json(): string;
}

/** One cache a served resource: a changed CRD makes a new one, and with it new answers. */
const caches = new WeakMap<Served, WeakMap<Entry, Shown>>();

/** A stored object as a served version shows it: custom ones get the defaults that the schema has now (spec/sandbox.md §2.9). */
export function show(served: Served, entry: Entry): Shown {
  if (served.custom === undefined && served.convert === undefined) return entry;
  let cache = caches.get(served);
  if (cache === undefined) caches.set(served, (cache = new WeakMap()));
  const known = cache.get(entry);
  if (known !== undefined) return known;
  const object = fromStored(served, entry.object);
  let json: string | undefined;
  const shown: Shown = object === entry.object ? entry : { object, json: () => (json ??= JSON.stringify(object)) };
  cache.set(entry, shown);
  return shown;
}

/** From the stored shape into the served one. */
export function fromStored(served: Served, object: ApiObject): ApiObject {
  if (served.convert !== undefined) return served.convert.fromStored(object);
  if (served.custom === undefined) return object;
  const apiVersion = groupVersion(served);
  const versioned = object.apiVersion === apiVersion ? object : { ...object, apiVersion };
  return setDefaults(rootSchema(served.custom.schema), versioned);
}

/** From the served shape into the stored one. */
export function toStored(served: Served, object: ApiObject): ApiObject {
  if (served.convert !== undefined) return served.convert.toStored(object);
  if (served.custom === undefined || object.apiVersion === served.custom.storedAs) return object;
  return { ...object, apiVersion: served.custom.storedAs };
}
