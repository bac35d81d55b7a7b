import { rootSchema, setDefaults } from '@binnacle/schema';
import type { CustomVersion, Served } from '../catalog/served.ts';
import { inCustomVersion, inCustomVersions, renamed } from '../conversion/convert.ts';
import { groupVersion } from '../object.ts';
import type { ApiObject } from '../object.ts';
import type { Entry } from '../store/store.ts';
import type { Core } from './core.ts';

/** One cache a served resource: a changed CRD makes a new one, and with it new answers. */
const caches = new WeakMap<Served, WeakMap<Entry, ApiObject>>();

/**
 * A stored object as a served version shows it, the same one each time: custom ones get the defaults that the schema has now (spec/sandbox.md §2.9).
 * Not for kinds that a webhook converts, of which `viewing` knows more.
 */
export function show(served: Served, entry: Entry): ApiObject {
  if (served.custom === undefined && served.convert === undefined) return entry.object;
  let cache = caches.get(served);
  if (cache === undefined) caches.set(served, (cache = new WeakMap()));
  const known = cache.get(entry);
  if (known !== undefined) return known;
  const { custom } = served;
  const object = custom === undefined ? served.convert!.fromStored(entry.object) : renamed(custom, defaulted(custom, entry.object), groupVersion(served));
  cache.set(entry, object);
  return object;
}

/** How stored objects look in one version. */
export type View = (entry: Entry) => ApiObject;

/** The look of these entries, and of no others where a webhook converts them: it is asked once about all. @throws {Refusal} 500 when it does not convert them. */
export async function viewing(core: Core, served: Served, entries: readonly Entry[]): Promise<View> {
  const { custom } = served;
  if (custom?.converter === undefined) return (entry) => show(served, entry);
  const objects = await inCustomVersions(
    core,
    custom,
    entries.map(({ object }) => defaulted(custom, object)),
    groupVersion(served),
  );
  const all = new Map(entries.map((entry, index) => [entry, objects[index]!]));
  return (entry) => all.get(entry)!;
}

/** One entry as `viewing` shows it. @throws {Refusal} */
export async function showOne(core: Core, served: Served, entry: Entry): Promise<ApiObject> {
  return served.custom?.converter === undefined ? show(served, entry) : (await viewing(core, served, [entry]))(entry);
}

/** From the stored shape into the served one. @throws {Refusal} 500 when a webhook does not convert it. */
export async function fromStored(core: Core, served: Served, object: ApiObject): Promise<ApiObject> {
  const { custom, convert } = served;
  if (convert !== undefined) return convert.fromStored(object);
  return custom === undefined ? object : inCustomVersion(core, custom, defaulted(custom, object), groupVersion(served));
}

/** From the served shape into the stored one. @throws {Refusal} as `fromStored`. */
export async function toStored(core: Core, served: Served, object: ApiObject): Promise<ApiObject> {
  const { custom, convert } = served;
  if (convert !== undefined) return convert.toStored(object);
  return custom === undefined ? object : inCustomVersion(core, custom, object, custom.storedAs);
}

/** A stored object with the defaults of the version it is stored in: so does the real server, and leaves those of other versions alone. */
function defaulted({ versions }: CustomVersion, object: ApiObject): ApiObject {
  const schema = versions.get(object.apiVersion);
  return schema === undefined ? object : setDefaults(rootSchema(schema), object);
}
