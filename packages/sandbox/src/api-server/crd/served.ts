import type { Served, Subresource } from '../catalog/served.ts';
import { byPriority } from '../catalog/version-order.ts';
import { groupResource } from '../object.ts';
import type { Definition, DefinitionVersion } from './definition.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];

/** How long a conversion may take. Source: the real server's limit for all its webhooks. */
const CONVERSION_SECONDS = 30;

/** What a CRD has served: one resource a served version, all in one store. */
export function servedBy({ spec }: Definition): readonly Served[] {
  const stored = spec.versions.find((version) => version.storage)!;
  const { names } = spec;
  const schemas = new Map(spec.versions.map(({ name, schema }) => [`${spec.group}/${name}`, schema?.openAPIV3Schema ?? {}]));
  return spec.versions
    .filter((version) => version.served)
    .map((version) => ({
      group: spec.group,
      version: version.name,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      kind: names.kind,
      listKind: names.listKind ?? `${names.kind}List`,
      namespaced: spec.scope === 'Namespaced',
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      verbs: VERBS,
      subresources: subresourcesOf(spec.group, names.kind, version),
      bucket: groupResource({ group: spec.group, plural: names.plural }),
      schema: undefined,
      convert: undefined,
      custom: {
        kind: names.kind,
        schema: version.schema?.openAPIV3Schema ?? {},
        declared: version.schema?.openAPIV3Schema ?? {},
        status: version.subresources?.status !== undefined,
        scale: scaleOf(version),
        columns: version.additionalPrinterColumns,
        selectable: (version.selectableFields ?? []).map((field) => field.jsonPath),
        deprecation: deprecationOf(spec.versions, spec.group, names.kind, version),
        storedAs: `${spec.group}/${stored.name}`,
        versions: schemas,
        converter: converterOf(spec.conversion),
      },
    }));
}

function converterOf(conversion: Definition['spec']['conversion']) {
  return conversion?.webhook === undefined ? undefined : { clientConfig: conversion.webhook.clientConfig, timeoutSeconds: CONVERSION_SECONDS };
}

function subresourcesOf(group: string, kind: string, version: DefinitionVersion): readonly Subresource[] {
  const status: Subresource = { name: 'status', group, version: version.name, kind, verbs: SUBRESOURCE_VERBS };
  const scale: Subresource = { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: SUBRESOURCE_VERBS };
  return [...(version.subresources?.status === undefined ? [] : [status]), ...(version.subresources?.scale === undefined ? [] : [scale])];
}

function scaleOf(version: DefinitionVersion) {
  const scale = version.subresources?.scale;
  return scale === undefined ? undefined : { spec: scale.specReplicasPath, status: scale.statusReplicasPath, selector: scale.labelSelectorPath };
}

/** Says which version to use instead, when there is a better one. */
function deprecationOf(versions: readonly DefinitionVersion[], group: string, kind: string, version: DefinitionVersion): string | undefined {
  if (version.deprecated !== true) return undefined;
  const better = versions.filter(({ name, served, deprecated }) => served && deprecated !== true && byPriority(name, version.name) < 0);
  const [best] = better.map(({ name }) => name).toSorted(byPriority);
  return version.deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated${best === undefined ? '' : `; use ${group}/${best} ${kind}`}`;
}
