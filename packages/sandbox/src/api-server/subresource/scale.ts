import { definition, builtinSchema } from '@binnacle/schema';
import { applyServerSide } from '../../objects/apply/index.ts';
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
import { objectKey, record, withMetadata, without } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, invalid, notFound } from '../refusals.ts';
import { AGE, count, NAME, number, tableWith } from '../tables/columns.ts';
import { tableFrom, tableOptions } from '../tables/table.ts';
import { replicasAt, replicasPath, selectorText, withReplicas } from './replicas.ts';

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
    const next = withReplicas(served, before, replicas);
    const { resourceVersion, uid } = record(wanted['metadata']);
    const written = await replaced(writing, withMetadata(next, { resourceVersion: resourceVersion as string, uid: uid as string }), before, 'track');
    return ownedByScale(written, replicas, isOwned(served, before) ? undefined : before);
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

/** Whether anybody owns the number of replicas. Source: apimachinery, pkg/util/managedfields/internal/skipnonapplied.go, `Update`: what nobody owns stays so. */
function isOwned(served: Served, { metadata }: ApiObject): boolean {
  const path = replicasPath(served).map((key) => `f:${key}`);
  return (metadata.managedFields ?? []).some((owner) => path.reduce<unknown>((node, key) => record(node)[key], record(owner)['fieldsV1']) !== undefined);
}

/**
 * Owners as a Scale leaves them: those of `unowned`, where nobody owned the replicas; without a time, since times are looked up among those who owned the object before; and none where there are to be no replicas,
 * since a Scale leaves out a number that is 0. Source: apimachinery, pkg/util/managedfields/scalehandler.go, `ToParent`.
 */
function ownedByScale(object: ApiObject, replicas: number, unowned: ApiObject | undefined): ApiObject {
  if (unowned !== undefined) return withMetadata(object, { managedFields: unowned.metadata.managedFields });
  const owners = object.metadata.managedFields ?? [];
  const isScale = (owner: unknown) => record(owner)['subresource'] === 'scale';
  if (!owners.some(isScale)) return object;
  const left = owners.filter((owner) => replicas > 0 || !isScale(owner));
  return withMetadata(object, { managedFields: left.map((owner) => (isScale(owner) ? without(owner, 'time') : owner)) });
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
  const problem = typeProblem(builtinSchema('autoscaling', 'v1', 'Scale')!, wanted, 'Scale');
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
  const current = scaleOf(served, before);
  const schema = builtinSchema('autoscaling', 'v1', 'Scale');
  switch (kind) {
    case 'apply': {
      const config = record(readYaml(new TextDecoder().decode(call.body)).value);
      const wanted = { apiVersion: 'autoscaling/v1', kind: 'Scale', ...config };
      const now = core.clock.now();
      const { fieldManager: manager, force } = options;
      return applyServerSide({ live: current, config: wanted, manager, force, apiVersion: 'autoscaling/v1', schema: schema!, resolve: definition, now });
    }
    default:
      return record(patched({ schema }, kind, current, readJson(new TextDecoder().decode(call.body))));
  }
}

function scaleOf(served: Served, object: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { wanted, present } = replicasAt(served, object);
  const selector = selectorText(served, object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: Object.fromEntries(Object.entries({ name, namespace, uid, resourceVersion, creationTimestamp }).filter(([, value]) => value !== undefined)),
    spec: wanted === 0 ? {} : { replicas: wanted },
    status: { replicas: present, ...(selector === undefined ? {} : { selector }) },
  };
}
