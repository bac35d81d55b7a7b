import { definition, prune, rootSchema } from '@binnacle/schema';
import { Refusal } from '../../refusal.ts';
import type { CustomVersion } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { Endpoint } from '../hooks/call.ts';
import { callHook } from '../hooks/call.ts';
import type { ApiObject } from '../object.ts';
import { convertedObjects, reviewOf } from './review.ts';
import { kept } from './kept.ts';

type Versions = Pick<CustomVersion, 'versions' | 'converter'>;

/** An object of a custom kind in another version of it. @throws {Refusal} as `inCustomVersions`. */
export async function inCustomVersion(core: Core, custom: Versions, object: ApiObject, apiVersion: string): Promise<ApiObject> {
  if (custom.converter === undefined || object.apiVersion === apiVersion) return renamed(custom, object, apiVersion);
  const [converted] = await inCustomVersions(core, custom, [object], apiVersion);
  return converted!;
}

/**
 * Objects of a custom kind in one version of it, as the CRD has them converted; what has that version already comes back as it is. Fields that the version does
 * not have are dropped (spec/sandbox.md §2.9).
 * @throws {Refusal} 500 with the real server's text when a webhook does not convert them all as it should: then none is.
 */
export async function inCustomVersions(core: Core, custom: Versions, objects: readonly ApiObject[], apiVersion: string): Promise<readonly ApiObject[]> {
  const { converter, versions } = custom;
  if (converter === undefined) return objects.map((object) => renamed(custom, object, apiVersion));
  const others = objects.filter((object) => object.apiVersion !== apiVersion);
  if (others.length === 0) return objects;
  const unknown = others.find((object) => !versions.has(object.apiVersion));
  if (unknown !== undefined) throw failure(`request to convert CR from an invalid group/version: ${unknown.apiVersion}`);
  const converted = await asked(core, converter, others, apiVersion);
  const answers = new Map(others.map((object, index) => [object, pruned(custom, converted[index]!)]));
  return objects.map((object) => answers.get(object) ?? object);
}

/** The object under another version's name, without what that version does not have. */
export function renamed(custom: Versions, object: ApiObject, apiVersion: string): ApiObject {
  return object.apiVersion === apiVersion ? object : pruned(custom, { ...object, apiVersion });
}

function pruned({ versions }: Versions, object: ApiObject): ApiObject {
  const schema = versions.get(object.apiVersion);
  return schema === undefined ? object : prune(rootSchema(schema), object, definition).value;
}

/** Asks a webhook. */
async function asked(core: Core, converter: Endpoint, objects: readonly ApiObject[], apiVersion: string): Promise<readonly ApiObject[]> {
  const { apiVersion: from, kind } = objects[0]!;
  const webhook = `conversion webhook for ${from}, Kind=${kind}`;
  const { uid, body } = reviewOf(core.chance.uid(), objects, apiVersion);
  const answers = await (async () => {
    try {
      return convertedObjects(await callHook(core, converter, body, core.closing), uid);
    } catch (error) {
      throw failure(`${webhook} failed: ${(error as Error).message}`);
    }
  })();
  if (answers.length !== objects.length) throw failure(`${webhook} returned ${answers.length} objects, expected ${objects.length}`);
  return answers.map((answer, index) => {
    try {
      return kept(objects[index]!, answer, apiVersion, index);
    } catch (error) {
      throw failure(`${webhook} returned ${(error as Error).message}`);
    }
  });
}

/** Without a reason: so is the real server's. */
const failure = (message: string): Refusal => new Refusal(500, '', message);
