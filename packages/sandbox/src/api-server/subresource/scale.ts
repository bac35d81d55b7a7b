import { definition, builtinSchema } from '@binnacle/schema';
import { applyServerSide, trackUpdate } from '../../objects/apply/index.ts';
import type { Write } from '../../objects/apply/index.ts';
import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { showOne } from '../core/present.ts';
import { commitUpdate } from '../crud/commit.ts';
import { writeOptions } from '../crud/options.ts';
import { located } from '../crud/metadata.ts';
import { patched, patchType } from '../crud/patch.ts';
import { typeProblem } from '../crud/types.ts';
import { replaced } from '../crud/write.ts';
import type { Writing } from '../crud/write.ts';
import { readBody, readJson, readYaml } from '../http/body.ts';
import { negotiate, wrongForm } from '../http/accept.ts';
import type { Form } from '../http/accept.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { partialMetadata } from '../http/partial-metadata.ts';
import { encoded, json } from '../http/present-answer.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion, objectKey, record, withMetadata, without } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, invalid, notFound } from '../refusals.ts';
import { AGE, count, NAME, number, tableWith } from '../tables/columns.ts';
import { tableFrom, tableOptions } from '../tables/table.ts';
import { replicasAt, replicasPath, selectorText, withReplicas } from './replicas.ts';
import { ownersAfterScale, ownersOfScale } from './scale-owners.ts';

const SCALE = 'autoscaling/v1';
// Sound: the built-in schemas have it.
const SCHEMA = builtinSchema('autoscaling', 'v1', 'Scale')!;

/** How a Scale is written. */
type Change = ReturnType<typeof patchType> | 'replace';

/** Reads and writes how many replicas an object wants, without knowing its kind. */
export async function answerScale(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Outgoing> {
  const form = negotiate(call.headers['accept'], true);
  const key = objectKey(info.namespace, info.name!);
  if (info.verb === 'get') {
    const entry = core.store.get(served.bucket, key);
    if (entry === undefined) throw notFound(served, info.name!);
    return scaleAnswer(core, served, call, form, scaleOf(served, await showOne(core, served, entry)));
  }
  const kind: Change = info.verb === 'patch' ? patchType(call, served.custom !== undefined) : 'replace';
  const options = writeOptions(info.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions', call, kind === 'apply');
  // What is written is the object itself: its own rules decide about the number.
  const writing: Writing = {
    core,
    served,
    info: { ...info, subresource: undefined },
    call,
    options,
    ownedAs: 'scale',
    shown: (object) => scaleOf(served, object),
  };
  // What cannot be read, and what is elsewhere, is told before what is not there.
  const whole = kind === 'replace' ? located(served, readScale(call), info) : undefined;
  const object = await commitUpdate(core, served, key, info.name!, options.dryRun, async (before) => {
    const wanted = kind === 'replace' ? whole! : checkedScale(kind, patchedScale(core, served, before, call, kind, writing));
    // Sound: it was read as a Scale.
    const replicas = (record(wanted['spec'])['replicas'] ?? 0) as number;
    // Of a custom kind its own rules say so. Source: apiextensions-apiserver, pkg/registry/customresource/etcd.go, `scaleUpdatedObjectInfo`.
    if (served.custom === undefined && replicas < 0) {
      const message = `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`;
      throw invalid({ group: 'autoscaling', kind: 'Scale' }, info.name!, [{ reason: 'FieldValueInvalid', field: 'spec.replicas', message }]);
    }
    const { resourceVersion, uid } = record(wanted['metadata']);
    const managedFields = ownersAfterScale(before, scaleOwners(writing, kind, before, wanted, replicas), replicasPath(served), groupVersion(served));
    const next = withMetadata(withReplicas(served, before, replicas), { resourceVersion: resourceVersion as string, uid: uid as string, managedFields });
    return await replaced(writing, next, before, 'known');
  });
  return scaleAnswer(core, served, call, form, scaleOf(served, object));
}

function scaleAnswer(core: Core, served: Served, call: Call, form: Form, scale: ApiObject): Outgoing {
  const { resourceVersion } = scale.metadata;
  switch (form.as) {
    case 'table':
      return encoded(
        200,
        form,
        json(tableFrom(served.custom === undefined ? BUILTIN : CUSTOM, core.clock.now(), [scale], tableOptions(call.query), { resourceVersion })),
      );
    case 'metadata':
      return encoded(200, form, json(partialMetadata(scale)));
    case 'metadataList':
      throw wrongForm(form.as);
    default:
      return encoded(200, form, json(scale));
  }
}

const NUMBERS = [count('Desired', (scale) => number(scale, 'spec.replicas')), count('Available', (scale) => number(scale, 'status.replicas'))];
/** The two differ in the types of their columns. Sources: pkg/printers/internalversion/printers.go; apiextensions-apiserver, pkg/apiserver/customresource_handler.go. */
const BUILTIN = tableWith([{ ...NAME }, ...NUMBERS, AGE]);
const CUSTOM = tableWith([NAME, ...NUMBERS, { ...AGE, type: 'date' }]);

/** Owners of the Scale that is written. */
function scaleOwners(
  { core, served, options }: Writing,
  kind: Change,
  before: ApiObject,
  wanted: Readonly<Record<string, unknown>>,
  replicas: number,
): unknown {
  if (kind === 'apply') return record(wanted['metadata'])['managedFields'];
  const after = { ...wanted, metadata: without(record(wanted['metadata']), 'managedFields'), spec: replicas === 0 ? {} : { replicas } };
  return record(trackUpdate({ ...scaleWrite(core, options), before: scaleWithOwners(served, before), after })['metadata'])['managedFields'];
}

/** What all writes of Scales have in common. */
function scaleWrite(core: Core, { fieldManager: manager }: Writing['options']): Write {
  return { manager, apiVersion: SCALE, schema: SCHEMA, resolve: definition, subresource: 'scale', now: core.clock.now() };
}

/** The Scale as those see it who ask who owns it; nobody else is told. */
function scaleWithOwners(served: Served, object: ApiObject): ApiObject {
  return withMetadata(scaleOf(served, object), { managedFields: ownersOfScale(object, replicasPath(served)) });
}

/** The Scale in a body. @throws {Refusal} 400 */
function readScale(call: Call): ApiObject {
  const body = record(readBody(call)?.value);
  if (body['spec'] === undefined && body['metadata'] === undefined) throw badRequest('the object provided is no Scale');
  const checked = checkedScale('replace', body);
  // Sound: it was read as a Scale.
  return { ...checked, metadata: record(checked['metadata']) } as unknown as ApiObject;
}

/** @throws {Refusal} when it has not the types of a Scale. */
function checkedScale(kind: Change, wanted: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const problem = typeProblem(SCHEMA, wanted, 'Scale');
  if (problem !== undefined) throw unreadableScale(kind, wanted, problem);
  return wanted;
}

/** A wrong type is the fault of whoever wrote it: of a patch, of an apply that the server cannot make an object of, or of the body. */
function unreadableScale(kind: Change, wanted: unknown, problem: string): Refusal {
  if (kind === 'replace') return badRequest(`Scale in version "v1" cannot be handled as a Scale: ${problem}`);
  if (kind === 'apply') return new Refusal(500, '', `failed to convert new object to proper version: ${problem}`);
  const message = `Invalid value: ${JSON.stringify(JSON.stringify(wanted))}: ${problem}`;
  return invalid({ group: '', kind: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message }]);
}

/** The Scale with a patch applied to it. */
function patchedScale(
  core: Core,
  served: Served,
  before: ApiObject,
  call: Call,
  kind: Exclude<Change, 'replace'>,
  { options }: Writing,
): Readonly<Record<string, unknown>> {
  switch (kind) {
    case 'apply': {
      const config = record(readYaml(new TextDecoder().decode(call.body)).value);
      const wanted = { apiVersion: SCALE, kind: 'Scale', ...config };
      return applyServerSide({ ...scaleWrite(core, options), live: scaleWithOwners(served, before), config: wanted, force: options.force });
    }
    default:
      return record(patched({ schema: SCHEMA }, kind, scaleOf(served, before), readJson(new TextDecoder().decode(call.body))));
  }
}

function scaleOf(served: Served, object: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { wanted, present } = replicasAt(served, object);
  const selector = selectorText(served, object);
  return {
    kind: 'Scale',
    apiVersion: SCALE,
    metadata: Object.fromEntries(Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(([, value]) => value !== undefined)),
    spec: wanted === 0 ? {} : { replicas: wanted },
    status: { replicas: present, ...(selector === undefined ? {} : { selector }) },
  };
}
