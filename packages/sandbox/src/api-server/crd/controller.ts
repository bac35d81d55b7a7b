import { timestamp } from '@binnacle/client';
import { equal } from '../../objects/json.ts';
import type { Core } from '../core/core.ts';
import { markForDeletion } from '../crud/delete.ts';
import { withMetadata } from '../object.ts';
import type { Change } from '../store/store.ts';
import { CLEANUP_FINALIZER } from './definition-rules.ts';
import { DEFINITIONS, asDefinition, hasCondition } from './definition.ts';
import type { Condition, Definition } from './definition.ts';
import { servedBy } from './served.ts';

/**
 * Serves what CRDs define. The endpoint is there as soon as the CRD is written; the conditions that say so follow before anybody else's turn. On the way out
 * of a CRD its objects go first, as their finalizers let them.
 */
export function serveDefinitions(core: Core): Disposable {
  const watches = new Map<string, Disposable>();
  const later = (name: string) => queueMicrotask(() => settle(core, name));

  const serve = (name: string, definition: Definition) => {
    const found = conflictOf(core, definition);
    if (found !== undefined) return;
    core.catalog.setCustom(name, servedBy(definition));
    if (watches.has(name)) return;
    // When the last object of a kind that is on its way out has gone, the kind goes as well.
    watches.set(
      name,
      core.store.subscribe(name, (change) => {
        if (change.removed) later(name);
      }),
    );
  };
  const onChange = ({ now, before, removed }: Change) => {
    const name = now.key;
    if (removed) {
      core.catalog.setCustom(name, []);
      watches.get(name)?.[Symbol.dispose]();
      watches.delete(name);
      return;
    }
    const definition = asDefinition(now.object);
    const known = before !== undefined && equal(asDefinition(before.object).spec, definition.spec) && watches.has(name);
    if (!known) serve(name, definition);
    later(name);
  };

  for (const entry of core.store.list(DEFINITIONS, '')) {
    serve(entry.key, asDefinition(entry.object));
    later(entry.key);
  }
  const subscription = core.store.subscribe(DEFINITIONS, onChange);
  return {
    [Symbol.dispose]() {
      subscription[Symbol.dispose]();
      for (const watch of watches.values()) watch[Symbol.dispose]();
    },
  };
}

/** Writes what has become of a CRD into its status; when it is being deleted, deletes what it defines. */
function settle(core: Core, name: string): void {
  if (core.closing.aborted) return;
  const entry = core.store.get(DEFINITIONS, name);
  if (entry === undefined) return;
  const definition = asDefinition(entry.object);
  if (definition.metadata.deletionTimestamp !== undefined && cleanUp(core, name)) {
    const finalizers = (definition.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    const left = withMetadata(definition, { finalizers: finalizers.length === 0 ? undefined : finalizers });
    if (finalizers.length === 0) core.store.remove(DEFINITIONS, name, left, entry);
    else if (!equal(left, definition)) core.store.put(DEFINITIONS, name, left, entry);
    return;
  }
  const status = statusOf(core, definition);
  if (!equal(status, definition.status)) core.store.put(DEFINITIONS, name, { ...definition, status }, entry);
}

/** Deletes the objects of a kind; whether none are left. */
function cleanUp(core: Core, name: string): boolean {
  const served = core.catalog.groups().flatMap((group) => group.versions.flatMap((version) => version.resources));
  const own = served.find((resource) => resource.bucket === name);
  if (own !== undefined) for (const entry of core.store.list(name, '')) markForDeletion(core, own, entry.key);
  return core.store.list(name, '').length === 0;
}

function statusOf(core: Core, definition: Definition): NonNullable<Definition['status']> {
  const conflict = conflictOf(core, definition);
  const now = timestamp(core.clock.now());
  const accepted: Omit<Condition, 'lastTransitionTime'> =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  const established: Omit<Condition, 'lastTransitionTime'> =
    conflict === undefined
      ? { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
      : { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  const terminating: readonly Omit<Condition, 'lastTransitionTime'>[] =
    definition.metadata.deletionTimestamp === undefined
      ? []
      : [
          {
            type: 'Terminating',
            status: 'True',
            reason: 'InstanceDeletionInProgress',
            message: 'CustomResource deletion is in progress',
          },
        ];
  const before = definition.status?.conditions ?? [];
  const conditions = [accepted, established, ...terminating].map((condition) => {
    const known = before.find((candidate) => candidate.type === condition.type && candidate.status === condition.status);
    // Once established a kind stays so, and its conditions keep the time they came true.
    return known ?? { ...condition, lastTransitionTime: now };
  });
  const wasEstablished = hasCondition(definition, 'Established');
  return {
    ...definition.status,
    conditions: wasEstablished
      ? conditions.map((condition) => before.find((one) => one.type === condition.type && one.status === 'True') ?? condition)
      : conditions,
    acceptedNames: conflict === undefined ? definition.spec.names : (definition.status?.acceptedNames ?? { plural: '', kind: '' }),
  };
}

/** Another CRD of the group that came first and has one of the names. */
function conflictOf(core: Core, definition: Definition): { readonly reason: string; readonly message: string } | undefined {
  if (hasCondition(definition, 'Established')) return undefined;
  const { group, names } = definition.spec;
  const others = core.store
    .list(DEFINITIONS, '')
    .map((entry) => asDefinition(entry.object))
    .filter((other) => other.spec.group === group && other.metadata.name !== definition.metadata.name && hasCondition(other, 'Established'));
  const taken = new Set(others.flatMap(({ spec }) => [spec.names.plural, spec.names.singular, ...(spec.names.shortNames ?? [])]));
  const kinds = new Set(others.flatMap(({ spec }) => [spec.names.kind, spec.names.listKind]));
  const short = (names.shortNames ?? []).find((name) => taken.has(name));
  if (short !== undefined) return { reason: 'ShortNamesConflict', message: `"${short}" is already in use` };
  if (names.singular !== undefined && taken.has(names.singular)) return { reason: 'SingularConflict', message: `"${names.singular}" is already in use` };
  if (kinds.has(names.kind)) return { reason: 'KindConflict', message: `"${names.kind}" is already in use` };
  if (names.listKind !== undefined && kinds.has(names.listKind)) return { reason: 'ListKindConflict', message: `"${names.listKind}" is already in use` };
  return undefined;
}
