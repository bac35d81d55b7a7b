import { expectStream } from './answer.ts';
import type { Api, DeleteOptions, ListOptions, Patch, Ref, Writable, WriteOptions } from './api.ts';
import { call, send } from './caller.ts';
import type { Wire } from './caller.ts';
import { apiVersionOf } from './kind.ts';
import type { AnyKind, KubernetesObject, Live } from './kind.ts';
import { Pod } from './kinds/index.ts';
import { lines } from './lines.ts';
import { list } from './list.ts';
import { isObject, live } from './objects.ts';
import { scope } from './scope.ts';
import { objectPath, collectionPath, query } from './urls.ts';
import { watch } from './watch.ts';

const PATCH_TYPES: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/**
 * A typed API over a transport. It sends each call once and never repeats one: when to try again is for who knows what was asked.
 * The transport is handed over: disposing of the Api closes it, and with it every watch.
 * `userAgent` is `name/version`; its name becomes the field manager of writes that give none.
 */
export function connect(wire: Wire): Api {
  return {
    get: async (kind, ref, options) => live(kind, await call(wire, { method: 'GET', path: objectPath(kind, ref) }, options?.signal)),
    list: async (kind, options) => await list(wire, kind, options ?? {}),
    watch: (kind, options) => watch(wire, kind, options ?? {}),
    logs: (ref, options) => logs(wire, ref, options ?? {}),
    create: (kind, object, options) => create(wire, kind, object, options ?? {}),
    replace: (kind, object, options) => replace(wire, kind, object, options ?? {}),
    patch: (kind, ref, patch, options) => sendPatch(wire, kind, ref, patch, options ?? {}),
    apply: (kind, object, options) => apply(wire, kind, object, options),
    delete: (kind, ref, options) => remove(wire, kind, ref, options ?? {}),
    deleteCollection: (kind, options) => removeAll(wire, kind, options),
    raw: async ({ method, path, body, signal }) =>
      await call(wire, { method, path, body, ...(method === 'PATCH' ? { contentType: PATCH_TYPES.merge } : {}) }, signal),
    [Symbol.asyncDispose]: () => wire.transport[Symbol.asyncDispose](),
  };
}

async function create<K extends AnyKind>(wire: Wire, kind: K, object: Writable, options: WriteOptions): Promise<Live<K>> {
  const ref = refOf(kind, object);
  // The server names it when only `generateName` is given; the check below still wants the namespace.
  const own = objectPath(kind, ref.name === '' ? { ...ref, name: 'generated' } : ref);
  const path = options.subresource === undefined ? collectionPath(kind, namespaceOf(kind, object)) : `${own}/${options.subresource}`;
  return live(kind, await call(wire, { method: 'POST', path: `${path}${writeQuery(options)}`, body: typed(kind, object, options) }, options.signal));
}

async function replace<K extends AnyKind>(wire: Wire, kind: K, object: Writable, options: WriteOptions): Promise<Live<K>> {
  const path = `${writePath(kind, refOf(kind, object), options)}${writeQuery(options)}`;
  return live(kind, await call(wire, { method: 'PUT', path, body: typed(kind, object, options) }, options.signal));
}

async function sendPatch<K extends AnyKind>(wire: Wire, kind: K, ref: Ref, patch: Patch, options: WriteOptions): Promise<Live<K>> {
  const path = `${writePath(kind, ref, options)}${writeQuery(options)}`;
  const body = patch.type === 'json' ? patch.operations : patch.body;
  return live(kind, await call(wire, { method: 'PATCH', path, body, contentType: PATCH_TYPES[patch.type] }, options.signal));
}

async function apply<K extends AnyKind>(wire: Wire, kind: K, object: Writable, options: Parameters<Api['apply']>[2]): Promise<Live<K>> {
  const path = `${writePath(kind, refOf(kind, object), options)}${writeQuery(options, { force: options.force ?? false })}`;
  return live(
    kind,
    await call(wire, { method: 'PATCH', path, body: typed(kind, object, options), contentType: 'application/apply-patch+yaml' }, options.signal),
  );
}

async function remove<K extends AnyKind>(wire: Wire, kind: K, ref: Ref, options: DeleteOptions): Promise<Live<K> | undefined> {
  const answer = await call(wire, { method: 'DELETE', path: objectPath(kind, ref), body: deleteBody(options) }, options.signal);
  return isObject(answer) && kept(answer) ? live(kind, answer) : undefined;
}

async function removeAll(wire: Wire, kind: AnyKind, options: ListOptions & DeleteOptions): Promise<void> {
  const path = `${collectionPath(kind, options)}${query({ labelSelector: options.labelSelector, fieldSelector: options.fieldSelector })}`;
  await call(wire, { method: 'DELETE', path, body: deleteBody(options) }, options.signal);
}

/** A pod's DELETE answers with the pod also when it is gone at once; only these two keep an object (spec/sandbox.md §2.6). */
function kept({ metadata }: KubernetesObject): boolean {
  if (metadata?.deletionTimestamp === undefined) return false;
  return (metadata.finalizers ?? []).length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0;
}

async function* logs(wire: Wire, ref: Ref, options: NonNullable<Parameters<Api['logs']>[1]>): AsyncGenerator<string> {
  const { container, follow, tailLines, timestamps, signal } = options;
  const path = `${objectPath(Pod, { ...ref, subresource: 'log' })}${query({ container, follow, tailLines, timestamps })}`;
  using open = scope(signal);
  open.signal.throwIfAborted();
  const response = await send(wire, { method: 'GET', path, accept: '*/*' }, open.signal);
  await expectStream(response, wire.clock);
  yield* lines(response.body, 'whole');
  open.signal.throwIfAborted();
}

function writePath(kind: AnyKind, ref: Ref, options: WriteOptions): string {
  return objectPath(kind, { ...ref, ...(options.subresource === undefined ? {} : { subresource: options.subresource }) });
}

function writeQuery(options: WriteOptions, more: Readonly<Record<string, boolean>> = {}): string {
  return query({
    fieldManager: options.fieldManager,
    ...more,
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldValidation: options.fieldValidation ?? 'Strict',
  });
}

function deleteBody(options: DeleteOptions): unknown {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
  };
}

/** The object with the type it is sent as. The scale of any kind is an `autoscaling/v1 Scale`. */
function typed(kind: AnyKind, object: Writable, { subresource }: WriteOptions): unknown {
  const type = subresource === 'scale' ? { apiVersion: 'autoscaling/v1', kind: 'Scale' } : { apiVersion: apiVersionOf(kind), kind: kind.kind };
  return { ...type, ...object };
}

function refOf(kind: AnyKind, object: Writable): Ref {
  // An empty name is refused where the path is made, with the kind in the message.
  return { ...namespaceOf(kind, object), name: object.metadata.name ?? '' };
}

/** Cluster-scoped objects in manifests carry a namespace at times, and the server ignores it. */
function namespaceOf(kind: AnyKind, { metadata }: Writable): { readonly namespace?: string } {
  return kind.scope === 'Cluster' || metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
}
