import { definition } from '@binnacle/schema';
import { applyServerSide } from '../../objects/apply/index.ts';
import { applyJsonPatch } from '../../objects/json-patch.ts';
import { mergePatch } from '../../objects/merge-patch.ts';
import { strategicMerge } from '../../objects/strategic.ts';
import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { readJson, readYaml, unsupported } from '../http/body.ts';
import type { Body } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion, isRecord, objectKey, printed, record } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, conflict, invalid, notFound } from '../refusals.ts';
import { commitUpdate } from './commit.ts';
import { decodeObject, reportProblems, schemaOf } from './decode.ts';
import { located } from './metadata.ts';
import { rulesOf } from './rules.ts';
import { writeOptions } from './options.ts';
import { typeProblem } from './types.ts';
import { blankOf, insert, replaced, resetFields } from './write.ts';
import type { Writing } from './write.ts';

const TYPES = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const;
type PatchType = (typeof TYPES)[keyof typeof TYPES];

/** The content type of a patch as one of the four, for an object of this kind. @throws {Refusal} 415 */
export function patchType(call: Pick<Call, 'headers'>, custom: boolean): PatchType {
  const media = (call.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const known = Object.entries(TYPES).filter(([, type]) => !(custom && type === 'strategic'));
  const found = known.find(([name]) => name === media);
  if (found === undefined) throw unsupported(known.map(([name]) => name).join(', '));
  return found[1];
}

/** PATCH, of four kinds. Only an apply makes an object that is not there. */
export async function patchObject(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const type = patchType(call, served.custom !== undefined);
  const writing: Writing = { core, served, info, call, options: writeOptions('PatchOptions', call, type === 'apply') };
  return type === 'apply' ? applyObject(writing) : patchPresent(writing, type);
}

async function patchPresent(writing: Writing, type: Exclude<PatchType, 'apply'>): Promise<Result> {
  const { core, served, info, call, options } = writing;
  const patch = readPatch(new TextDecoder().decode(call.body));
  const key = objectKey(info.namespace, info.name!);
  const object = await commitUpdate(core, served, key, info.name!, options.dryRun, (before) => {
    const next = decodePatched(writing, before, patched(served, type, before, patch), patch);
    return replaced(writing, next, before, 'track');
  });
  return { status: 200, object };
}

/** @throws {Refusal} 400 */
function readPatch(source: string): Body {
  try {
    return readJson(source);
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message.replace(/^.*json parse error: /, '')}`);
  }
}

/** A JSON document with a patch applied to it. */
export function patched(served: Pick<Served, 'schema'>, type: Exclude<PatchType, 'apply'>, before: Readonly<Record<string, unknown>>, patch: Body): unknown {
  switch (type) {
    case 'json':
      return applyJsonPatch(before, patch.value);
    case 'merge':
      return mergePatch(before, patch.value);
    default:
      return strategicMerge(before, patch.value, served.schema!, definition);
  }
}

/** Reads the outcome of a patch as an object. What it says wrong is the patch's fault: 422, not 400. */
function decodePatched({ core, served, call, options }: Writing, before: ApiObject, outcome: unknown, patch: Body): ApiObject {
  // Of no kind and no name: so does the real server.
  const wrong = (summary: string) =>
    invalid({ group: '', kind: '' }, '', [
      { reason: 'FieldValueInvalid', field: 'patch', message: `Invalid value: ${JSON.stringify(JSON.stringify(patch.value))}: ${summary}` },
    ]);
  const decoded = (() => {
    try {
      const { object, problems } = decodeObject(served, outcome);
      // What no type can hold is found here, where it is the patch's fault.
      return { object: rulesOf(core, served).decode(object), problems };
    } catch (error) {
      const why = error instanceof Refusal ? / cannot be handled as a \S+: (.*)$|^the object provided is unrecognized .*?: (.*)$/s.exec(error.message) : null;
      if (why === null) throw error;
      throw wrong((why[1] ?? why[2])!);
    }
  })();
  const duplicates = patch.duplicates.map((path) => `duplicate field "${path}"`);
  reportProblems(call, options.fieldValidation, [...duplicates, ...decoded.problems], wrong);
  return located(served, decoded.object, { namespace: before.metadata.namespace, name: before.metadata.name });
}

/** Server-side apply. Bodies are YAML, which JSON is as well. */
async function applyObject(writing: Writing): Promise<Result> {
  const { core, served, info, options, call } = writing;
  const body = readYaml(new TextDecoder().decode(call.body));
  const config = applied(served, info, body);
  const named = isRecord(body.value) && record(body.value['metadata'])['name'] !== undefined;
  const key = objectKey(info.namespace, info.name!);
  const merge = (live: ApiObject | undefined) => {
    const merged = applyServerSide({
      live,
      config,
      manager: options.fieldManager,
      force: options.force,
      apiVersion: groupVersion(served),
      schema: schemaOf(served),
      resolve: definition,
      subresource: info.subresource,
      now: core.clock.now(),
      ...blankOf(served),
      ...resetFields(served, info.subresource),
    });
    // What merges by the schema need not fit the type: `generation: 1.5`.
    const problem = served.custom === undefined ? typeProblem(schemaOf(served), merged, served.kind) : undefined;
    if (problem !== undefined) throw unconvertible(problem);
    // Sound: what fits the kind's schema is an object of that kind.
    return merged as ApiObject;
  };
  if (core.store.get(served.bucket, key) === undefined) {
    if (info.subresource !== undefined) throw notFound(served, info.name!);
    const { uid } = config.metadata;
    const made = merge(undefined);
    const decoded = await readable(async () => rulesOf(core, served).decode(made));
    if ((uid ?? '') !== '') throw conflict(served, info.name!, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`);
    if (!named) throw badRequest(`the name of the object (${info.name} based on URL) was undeterminable: name must be provided`);
    // A null in a custom object is for validation to refuse, where reading it would drop it.
    return readable(() => insert(writing, located(served, served.custom === undefined ? decoded : made, info), 'known'));
  }
  const object = await commitUpdate(core, served, key, info.name!, options.dryRun, async (before) => {
    const merged = merge(before);
    return merged === before ? before : readable(async () => replaced(writing, placed(writing, merged), before, 'known'));
  });
  return { status: 200, object };
}

/** What no type can hold is, in an apply, a failure of the server's own: 500, as the real one has it. */
async function readable<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const why = error instanceof Refusal ? /cannot be handled as an? \S+: (.*)$/s.exec(error.message)?.[1] : undefined;
    throw why === undefined ? error : unconvertible(why);
  }
}

/** An object where the URL has it. What cannot be read is told before that it says it is elsewhere. */
function placed({ core, served, info }: Writing, object: ApiObject): ApiObject {
  try {
    return located(served, object, info);
  } catch (error) {
    rulesOf(core, served).decode(object);
    throw error;
  }
}

/** Source: apimachinery, pkg/util/managedfields/internal/structuredmerge.go, `Apply`. */
const unconvertible = (why: string): Refusal => new Refusal(500, '', `failed to convert new object to proper version: ${why}`);

/** @throws {Refusal} 400 when the body is about something else than the URL. */
function applied(served: Served, info: ResourceRequest, body: Body): ApiObject {
  const { value } = body;
  if (!isRecord(value)) throw badRequest('error decoding YAML: the applied configuration must be an object');
  const metadata = record(value['metadata']);
  const [kind, apiVersion] = [value['kind'], value['apiVersion']];
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw badRequest("error decoding YAML: Object 'Kind' is missing");
  if (kind !== served.kind) throw badRequest(`kind in the applied configuration (${kind}) does not match the kind of the URL (${served.kind})`);
  const object: ApiObject = { ...value, apiVersion, kind, metadata: { ...metadata, name: info.name! } };
  if (metadata['name'] !== undefined && metadata['name'] !== info.name) {
    throw badRequest(`the name of the object (${printed(metadata['name'])}) does not match the name on the URL (${info.name})`);
  }
  return object;
}
