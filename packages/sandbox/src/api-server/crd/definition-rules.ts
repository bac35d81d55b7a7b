import { RuleError, compileRule, costErrors } from '@binnacle/schema';
import type { FieldError, Schema } from '@binnacle/schema';
import type { Rules } from '../crud/rules.ts';
import { record, withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { equal } from '../../objects/json.ts';
import { conversionErrors } from './conversion-rules.ts';
import { asDefinition, hasCondition } from './definition.ts';
import type { Definition } from './definition.ts';
import { schemaErrors } from './schema-errors.ts';

/** Keeps a CRD until the objects of its kind have gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** What CRDs have beyond other built-in kinds: names filled in, schemas checked, names that do not change under objects that bear them. */
export function definitionRules(plain: Rules): Rules {
  return {
    ...plain,
    hasGeneration: true,
    prepareForCreate(object) {
      const definition = named(asDefinition(plain.prepareForCreate(object)));
      const stored = definition.spec.versions?.find((version) => version.storage)?.name;
      return { ...definition, status: { acceptedNames: { plural: '', kind: '' }, conditions: [], storedVersions: stored === undefined ? [] : [stored] } };
    },
    prepareForUpdate(next, before, subresource) {
      const prepared = plain.prepareForUpdate(subresource === '' ? named(asDefinition(next)) : next, before, subresource);
      return subresource === '' ? counted(remembering(asDefinition(prepared)), before) : prepared;
    },
    validateCreate: (object, dryRun) => [...notTwice(plain.validateCreate(object, dryRun)), ...definitionErrors(asDefinition(object))],
    validateUpdate: (next, before, subresource, warn) => [
      ...notTwice(plain.validateUpdate(next, before, subresource, warn)),
      ...definitionErrors(asDefinition(next)),
      ...unchangeable(asDefinition(next), asDefinition(before)),
    ],
  };
}

/** Without what the rules of conversion say in the real server's words. */
function notTwice(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.filter(({ field }) => field !== 'spec.conversion.webhook.conversionReviewVersions' && field !== 'spec.conversion.strategy');
}

/** With the names that can be told from the others. */
function named(definition: Definition): Definition {
  const { spec } = definition;
  if (spec?.names === undefined) return definition;
  const kind = spec.names.kind ?? '';
  const names = { ...spec.names, singular: spec.names.singular ?? kind.toLowerCase(), listKind: spec.names.listKind ?? `${kind}List` };
  return { ...definition, spec: { ...spec, names, conversion: spec.conversion ?? { strategy: 'None' } } };
}

/** A version that objects may be stored in stays listed for ever. */
function remembering(definition: Definition): Definition {
  const stored = definition.spec.versions.find((version) => version.storage)?.name;
  const known = definition.status?.storedVersions ?? [];
  if (stored === undefined || known.includes(stored)) return definition;
  return { ...definition, status: { ...definition.status, storedVersions: [...known, stored] } };
}

function counted(next: ApiObject, before: ApiObject): ApiObject {
  const generation = before.metadata.generation ?? 0;
  return withMetadata(next, { generation: equal(next['spec'], before['spec']) ? generation : generation + 1 });
}

const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
});
const required = (field: string, detail = ''): FieldError => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${detail === '' ? '' : `: ${detail}`}`,
});

function definitionErrors(definition: Definition): readonly FieldError[] {
  const { metadata, spec } = definition;
  if (spec === undefined) return [required('spec')];
  const errors: FieldError[] = [];
  if (spec.group === undefined || spec.group === '') errors.push(required('spec.group'));
  else if (!spec.group.includes('.')) errors.push(invalid('spec.group', spec.group, 'should be a domain with at least one dot'));
  if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster') {
    const message = `Unsupported value: ${JSON.stringify(spec.scope ?? '')}: supported values: "Cluster", "Namespaced"`;
    errors.push(spec.scope === undefined ? required('spec.scope') : { reason: 'FieldValueNotSupported', field: 'spec.scope', message });
  }
  if ((spec.names?.plural ?? '') === '') errors.push(required('spec.names.plural'));
  if ((spec.names?.kind ?? '') === '') errors.push(required('spec.names.kind'));
  const name = `${spec.names?.plural}.${spec.group}`;
  if (metadata.name !== name) errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
  errors.push(...conversionErrors(record(spec.conversion), 'spec.conversion'));
  if (spec.preserveUnknownFields === true) {
    errors.push(invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema'));
  }
  return [...errors, ...versionErrors(definition)];
}

function versionErrors({ spec }: Definition): readonly FieldError[] {
  const versions = spec.versions ?? [];
  if (versions.length === 0) return [required('spec.versions', 'must have exactly one version marked as storage version')];
  const errors: FieldError[] = [];
  const stored = versions.filter((version) => version.storage);
  if (stored.length !== 1)
    errors.push(
      invalid(
        'spec.versions',
        versions.map(({ name }) => name),
        'must have exactly one version marked as storage version',
      ),
    );
  const [first] = versions;
  // One schema for all versions is moved up before it is judged. Source: apiextensions-apiserver/pkg/apis/apiextensions/v1/conversion.go.
  const isShared = first?.schema?.openAPIV3Schema !== undefined && versions.every(({ schema }) => equal(schema, first.schema));
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    if (versions.findIndex((other) => other.name === version.name) !== index)
      errors.push({ reason: 'FieldValueDuplicate', field: `${path}.name`, message: `Duplicate value: ${JSON.stringify(version.name)}` });
    const schema = version.schema?.openAPIV3Schema;
    if (schema === undefined) {
      errors.push(required(`${path}.schema.openAPIV3Schema`, 'schemas are required'));
      continue;
    }
    if (isShared && index > 0) continue;
    const at = isShared ? 'spec.validation.openAPIV3Schema' : `${path}.schema.openAPIV3Schema`;
    const wrong = schemaErrors(schema, at);
    errors.push(...wrong, ...ruleErrors(schema, at), ...(wrong.length > 0 ? [] : costErrors(schema, at)));
  }
  return errors;
}

/** CEL rules that do not compile, or look at what was before where nobody can tell which it was: `within`, the list whose items have no identity. */
function ruleErrors(schema: Schema, path: string, within?: string): readonly FieldError[] {
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}].rule`;
    try {
      const { transition } = compileRule(rule, schema);
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${within}`;
      return transition && within !== undefined ? [invalid(at, rule.rule, why)] : [];
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      return [invalid(at, rule.rule, `compilation failed: ${error.message}`)];
    }
  });
  const inList = within ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path);
  const children = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => ruleErrors(child, `${path}.properties[${key}]`, within));
  const rest = typeof schema.additionalProperties === 'object' ? ruleErrors(schema.additionalProperties, `${path}.additionalProperties`, within) : [];
  return [...own, ...children, ...rest, ...(schema.items === undefined ? [] : ruleErrors(schema.items, `${path}.items`, inList))];
}

function unchangeable(next: Definition, before: Definition): readonly FieldError[] {
  const errors: FieldError[] = [];
  const immutable = (field: string, now: unknown, was: unknown) => {
    if (!equal(now, was)) errors.push(invalid(field, now, 'field is immutable'));
  };
  if (hasCondition(before, 'Established')) {
    immutable('spec.scope', next.spec.scope, before.spec.scope);
    immutable('spec.names.kind', next.spec.names.kind, before.spec.names.kind);
  }
  immutable('spec.group', next.spec.group, before.spec.group);
  immutable('spec.names.plural', next.spec.names.plural, before.spec.names.plural);
  for (const [index, version] of (next.status?.storedVersions ?? []).entries()) {
    if (next.spec.versions.some((candidate) => candidate.name === version)) continue;
    const detail = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`;
    errors.push(invalid(`status.storedVersions[${index}]`, version, detail));
  }
  return errors;
}
