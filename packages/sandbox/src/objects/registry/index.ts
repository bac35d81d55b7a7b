import { builtinResources, definition, validate } from '@binnacle/schema';
import type { FieldError, Schema } from '@binnacle/schema';
import { isObject, objectAt, withKey } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { metadataErrors } from '../metadata.ts';
import { blank } from './blank.ts';
import { canonical } from './decode/canonical.ts';
import { kindRules } from './kinds/table.ts';
import type { Env, KindRules, Strategy } from './strategy.ts';
import { kindWarnings } from './warnings/index.ts';

export { blank };
export type { Env, Strategy } from './strategy.ts';

/** Kinds whose spec changes are counted. Source: spec/sandbox.md §2.2. */
const WITH_GENERATION = new Set([
  'pods',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'poddisruptionbudgets.policy',
  'ingresses.networking.k8s.io',
  'networkpolicies.networking.k8s.io',
  'priorityclasses.scheduling.k8s.io',
  'endpointslices.discovery.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'replicationcontrollers',
  ...['mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings'].map(
    (plural) => `${plural}.admissionregistration.k8s.io`,
  ),
  ...['mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'].map((plural) => `${plural}.admissionregistration.k8s.io`),
]);

/** Metadata of an object of any kind as the API server would write it: of custom kinds it is all that has a type of its own. */
export function canonicalMetadata(metadata: JsonObject): JsonObject {
  return canonical('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', metadata);
}

const strategies = new Map<string, Strategy>();

/**
 * The strategy of a built-in kind, by what its URL says. The same object on every call.
 * @throws {Error} when no such kind is built in: a custom one has rules of its own.
 */
export function strategyOf(resource: { readonly group: string; readonly version: string; readonly plural: string }): Strategy {
  const { group, version, plural } = resource;
  const key = `${plural}/${group}/${version}`;
  let strategy = strategies.get(key);
  if (strategy === undefined) {
    strategy = makeStrategy(group, version, plural);
    strategies.set(key, strategy);
  }
  return strategy;
}

function makeStrategy(group: string, version: string, plural: string): Strategy {
  const found = builtinResources().find((resource) => resource.resource === plural && resource.group === group && resource.version === version);
  if (found === undefined) throw new Error(`no built-in resource ${plural} in ${group === '' ? 'core' : group}/${version}`);
  const name = definitionName(group, version, found.kind);
  const bucket = group === '' ? plural : `${plural}.${group}`;
  const hasStatus = builtinResources().some((resource) => resource.resource === `${plural}/status` && resource.version === version && resource.group === group);
  const rules = kindRules[bucket] ?? {};
  const decode = (object: JsonObject) => canonical(name, object);
  return {
    hasStatus,
    hasGeneration: WITH_GENERATION.has(bucket),
    allowCreateOnUpdate: rules.allowCreateOnUpdate ?? false,
    allowUnconditionalUpdate: rules.allowUnconditionalUpdate ?? true,
    graceful: rules.graceful ?? false,
    atRest: (object) => (rules.lists ?? []).reduce(emptied, object),
    statusResets: ['spec', ...(rules.statusResets ?? [])],
    completedByWrite: rules.completedByWrite ?? (() => false),
    decode,
    prepareForCreate: (object, env) => prepareForCreate(rules, hasStatus, decode, object, env),
    prepareForUpdate: (next, before, { subresource = '', env }) => decode(prepareForUpdate(rules, hasStatus, decode(next), before, subresource, env)),
    warnings: (next, before, subresource = '') => kindWarnings[subresource === '' ? bucket : `${bucket}/${subresource}`]?.(next, before) ?? [],
    validate: (next, before, subresource = '') => errors(rules, definition(name), withParts(next, blank(bucket), decode), before, subresource),
  };
}

function emptied(object: JsonObject, [key, inner]: readonly [string, string?]): JsonObject {
  const value = object[key];
  if (inner !== undefined) return isObject(value) ? withKey(object, key, emptied(value, [inner])) : object;
  return Array.isArray(value) && value.length === 0 ? { ...object, [key]: null } : object;
}

function definitionName(group: string, version: string, kind: string): string {
  if (group === 'apiextensions.k8s.io') return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  if (group === 'apiregistration.k8s.io') return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}.${kind}`;
  return `io.k8s.api.${group === '' ? 'core' : (group.split('.')[0] ?? group)}.${version}.${kind}`;
}

type Decode = (object: JsonObject) => JsonObject;

function prepareForCreate(rules: KindRules, hasStatus: boolean, decode: Decode, object: JsonObject, env: Env): JsonObject {
  const decoded = decode(object);
  const reset = hasStatus && rules.newStatus !== 'kept' ? { ...decoded, status: rules.newStatus ?? {} } : decoded;
  const prepared = rules.create?.(reset, env) ?? reset;
  return prepared === decoded ? decoded : decode(prepared);
}

function prepareForUpdate(rules: KindRules, hasStatus: boolean, next: JsonObject, before: JsonObject, subresource: string, env: Env): JsonObject {
  if (subresource === 'status') {
    const isolated = { ...before, metadata: next['metadata'], status: objectAt(next, 'status') };
    return rules.updateStatus?.(isolated, before) ?? isolated;
  }
  const special = rules.subresources?.[subresource];
  if (special !== undefined) return special(next, before);
  const isolated = hasStatus ? withKey(next, 'status', before['status']) : next;
  return rules.update?.(isolated, before, env) ?? isolated;
}

/** Rules look at parts that every object of the kind has, said or not: of a spec that is missing all is told that is missing in it. */
function withParts(next: JsonObject, parts: JsonObject, decode: Decode): { readonly next: JsonObject; readonly whole: JsonObject } {
  const whole = filled(next, parts);
  return { next, whole: whole === next ? next : decode(whole) };
}

function filled(object: JsonObject, parts: JsonObject): JsonObject {
  let out = object;
  for (const [key, part] of Object.entries(parts)) {
    if (!isObject(part)) continue;
    const inner = filled(objectAt(object, key), part);
    if (inner !== object[key]) out = { ...out, [key]: inner };
  }
  return out;
}

function errors(
  rules: KindRules,
  schema: Schema,
  { next, whole }: { readonly next: JsonObject; readonly whole: JsonObject },
  before: JsonObject | undefined,
  subresource: string,
): readonly FieldError[] {
  const judged =
    rules.ownLabels === undefined || before !== undefined ? next : { ...next, metadata: withKey(objectAt(next, 'metadata'), 'labels', rules.ownLabels(next)) };
  const metadata = metadataErrors(judged, before, {
    standardFinalizers: rules.standardFinalizers ?? true,
    ...(rules.name === undefined ? {} : { name: rules.name }),
  });
  const typed = validate(schema, whole, { uniqueItems: false, nullIsAbsent: true, ...(before === undefined ? {} : { old: before }) }).filter(
    ({ field, reason }) => reason !== 'FieldValueRequired' || rules.absent?.test(field) !== true,
  );
  // Only the main endpoint writes what these rules are about.
  if (subresource !== '' && subresource !== 'scale')
    return [...metadata, ...typed, ...(subresource === 'status' ? (rules.validateStatus?.(next, before ?? {}) ?? []) : [])];
  const own = (rules.validate?.(whole, before) ?? []).filter((error) => !typed.some(({ field, reason }) => field === error.field && reason === error.reason));
  const change = before === undefined ? [] : (rules.validateUpdate?.(next, before) ?? []);
  const told = [...typed, ...own, ...change];
  return rules.metadataLast === true && before === undefined && told.length > 0 ? told : [...metadata, ...told];
}
