import { builtinResources, builtinSchema } from '@binnacle/schema';
import type { BuiltinResource } from '@binnacle/schema';
import { groupResource } from '../object.ts';
import { autoscalerConversion } from './autoscalers.ts';
import { eventConversion } from './events.ts';
import { IN_ALL, SHORT_NAMES } from './names.ts';
import type { Served, Subresource } from './served.ts';

/** Built-in resources that are known and not served, because nothing here could do what they promise. */
const NOT_SERVED: ReadonlySet<string> = new Set(['componentstatuses', 'bindings']);

/** Subresources that are known and not served: asking for them is a 404, and discovery does not name them. */
const SUBRESOURCES_NOT_SERVED: ReadonlySet<string> = new Set(['pods/ephemeralcontainers', 'pods/resize']);

/** Parts of pods that are streams and nothing stored, so that no table of stored kinds names them; verbs are the methods of an upgrade. */
const STREAMS: readonly Subresource[] = [
  { name: 'attach', kind: 'PodAttachOptions', group: '', version: 'v1', verbs: ['create', 'get'] },
  { name: 'exec', kind: 'PodExecOptions', group: '', version: 'v1', verbs: ['create', 'get'] },
  { name: 'portforward', kind: 'PodPortForwardOptions', group: '', version: 'v1', verbs: ['create', 'get'] },
];

/** All built-in resources that are served. */
export function builtinServed(): readonly Served[] {
  const rows = builtinResources();
  const served = rows.filter((row) => !row.resource.includes('/') && !NOT_SERVED.has(row.resource));
  return served.map((row) => {
    const name = groupResource({ group: row.group, plural: row.resource });
    const events = name === 'events.events.k8s.io';
    const oldAutoscalers = row.group === 'autoscaling' && row.version === 'v1';
    return {
      group: row.group,
      version: row.version,
      plural: row.resource,
      singular: row.kind.toLowerCase(),
      kind: row.kind,
      listKind: `${row.kind}List`,
      namespaced: row.namespaced,
      shortNames: SHORT_NAMES[name] ?? [],
      categories: IN_ALL.has(name) ? ['all'] : name.endsWith('admissionregistration.k8s.io') ? ['api-extensions'] : [],
      verbs: row.verbs,
      subresources: [...subresourcesOf(row, rows), ...(name === 'pods' ? STREAMS : [])],
      // Events are one store with two shapes (spec/sandbox.md §2.19).
      bucket: events ? 'events' : name,
      schema: builtinSchema(row.group, row.version, row.kind),
      custom: undefined,
      convert: events ? eventConversion : oldAutoscalers ? autoscalerConversion : undefined,
    };
  });
}

/** A subresource's row carries the group of its body, so it is matched by name, and by group where the body is the object itself. */
function subresourcesOf(parent: BuiltinResource, rows: readonly BuiltinResource[]): readonly Subresource[] {
  return rows
    .filter((row) => row.resource.startsWith(`${parent.resource}/`) && !SUBRESOURCES_NOT_SERVED.has(row.resource))
    .filter((row) => row.kind !== parent.kind || (row.group === parent.group && row.version === parent.version))
    .map((row) => ({
      name: row.resource.slice(parent.resource.length + 1),
      group: row.group,
      version: row.version,
      kind: row.kind,
      verbs: row.verbs,
    }));
}
