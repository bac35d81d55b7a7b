import { ApiError, apiVersionOf, microTimestamp } from '@binnacle/client';
import type { AnyKind, Api, JsonPatchOperation, ListOptions, Live, Patch, Ref, WatchEvent, WatchOptions, WriteOptions } from '@binnacle/client';
import { keyOf, kindId } from '../src/cache/id.ts';

type Json = Record<string, any>;

/** One request as the tests count them. */
export interface Sent {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'replace' | 'patch' | 'apply' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly subresource?: string;
}

interface Happened {
  readonly version: number;
  readonly kind: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Json;
}

/** A small API server in memory: enough of watch, optimistic locking, finalizers and server-side apply (lists are atomic) for the runtime's own tests. */
export interface FakeApi extends Api {
  readonly sent: Sent[];
  /** Requests that change something, oldest first, as `verb Kind name[/subresource]`. */
  writes(): readonly string[];
  /** Called before each request is carried out; a throw is its answer. */
  before: (request: Sent) => void | Promise<void>;
  /** Called after it was carried out; a throw is its answer all the same: the answer got lost. */
  after: (request: Sent) => void;
  /** Ends every open watch: quietly, with an error, or not at all while it says nothing any more. */
  breakWatches(how: 'end' | 'stall' | ApiError): void;
  /** Forgets history: watches that are opened from before are told 410; open ones have it. */
  compact(): void;
  /** What is stored, as a plain object to look into. */
  peek(kind: AnyKind, ref: Ref): Json | undefined;
  /** Changes an object as somebody else, bypassing every request hook. `undefined` deletes it. */
  meddle(kind: AnyKind, ref: Ref, change: (object: Json) => Json | undefined): void;
  readonly version: number;
  /** Whether every event is delivered twice. */
  repeat: boolean;
  /** Awaited before each event is delivered. */
  lag: () => Promise<void>;
  /** Refuses to stream first reads, as servers before 1.27 do. */
  oldServer: boolean;
}

const clone = <T>(value: T): T => structuredClone(value);
const failure = (code: number, reason: string, message: string): ApiError => new ApiError({ code, reason, message });

export function fakeApi(): FakeApi {
  const objects = new Map<string, Json>();
  const applied = new Map<string, Json>();
  const history: Happened[] = [];
  let compacted = 0;
  let version = 100;
  let uids = 0;
  let epoch = { over: Promise.withResolvers<'end' | 'stall' | ApiError>() };
  let news = Promise.withResolvers<void>();
  const at = (kind: AnyKind, ref: Ref): string => `${kindId(kind)} ${keyOf(ref)}`;
  const placeOf = (object: Json): Ref => ({
    name: object['metadata'].name,
    ...(object['metadata'].namespace ? { namespace: object['metadata'].namespace } : {}),
  });

  function record(kind: AnyKind, type: Happened['type'], object: Json): void {
    object['metadata'].resourceVersion = String(++version);
    history.push({ version, kind: kindId(kind), type, object: clone(object) });
    const before = news;
    news = Promise.withResolvers();
    before.resolve();
  }

  function stored(kind: AnyKind, ref: Ref): Json {
    const object = objects.get(at(kind, ref));
    if (object === undefined) throw failure(404, 'NotFound', `${kind.plural} "${ref.name}" not found`);
    return object;
  }

  function insert(kind: AnyKind, object: Json): Json {
    const uid = `uid-${++uids}`;
    const metadata = { ...object['metadata'], uid, creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 };
    if (metadata.name === undefined) metadata.name = `${metadata.generateName}${uids}`;
    const made: Json = { ...clone(object), apiVersion: apiVersionOf(kind), kind: kind.kind, metadata };
    objects.set(at(kind, placeOf(made)), made);
    record(kind, 'ADDED', made);
    return made;
  }

  function update(kind: AnyKind, now: Json): Json {
    const key = at(kind, placeOf(now));
    const before = objects.get(key)!;
    now['metadata'].resourceVersion = before['metadata'].resourceVersion;
    if (same(before, now)) return before;
    if (!same(before['spec'], now['spec'])) now['metadata'].generation = (before['metadata'].generation ?? 0) + 1;
    if (now['metadata'].deletionTimestamp !== undefined && (now['metadata'].finalizers ?? []).length === 0) {
      objects.delete(key);
      record(kind, 'DELETED', now);
      return now;
    }
    objects.set(key, now);
    record(kind, 'MODIFIED', now);
    return now;
  }

  function checkVersion(before: Json, wanted: string | undefined): void {
    if (wanted !== undefined && wanted !== before['metadata'].resourceVersion) throw failure(409, 'Conflict', 'the object has been modified');
  }

  function applyTo(kind: AnyKind, wanted: Json, options: WriteOptions & { fieldManager?: string }): Json {
    const ref = placeOf(wanted);
    const key = at(kind, ref);
    const memory = (uid: string): string => `${uid} ${options.fieldManager} ${options.subresource ?? ''}`;
    const before = objects.get(key);
    const { apiVersion: _a, kind: _k, ...content } = clone(wanted);
    if (before === undefined) {
      if (options.subresource !== undefined) throw failure(404, 'NotFound', `${kind.plural} "${ref.name}" not found`);
      const made = insert(kind, content);
      applied.set(memory(made['metadata'].uid), content);
      return made;
    }
    checkVersion(before, wanted['metadata'].resourceVersion);
    const uid = before['metadata'].uid;
    if (wanted['metadata'].uid !== undefined && wanted['metadata'].uid !== uid) throw failure(409, 'Conflict', 'the UID differs');
    const now = merge(without(clone(before), applied.get(memory(uid)) ?? {}, content), content);
    applied.set(memory(uid), content);
    return update(kind, options.subresource === 'status' ? { ...clone(before), status: now['status'] } : { ...now, ...statusOf(before) });
  }

  async function answer<T>(request: Sent, carryOut: () => T): Promise<T> {
    fake.sent.push(request);
    await Promise.resolve();
    await fake.before(request);
    const result = clone(carryOut());
    fake.after(request);
    return result;
  }

  const ask = (verb: Sent['verb'], kind: AnyKind, name: string, options?: WriteOptions): Sent => ({
    verb,
    kind: kind.kind,
    name,
    ...(options?.subresource === undefined ? {} : { subresource: options.subresource }),
  });

  function listed(kind: AnyKind, options: ListOptions = {}): Json[] {
    const all = [...objects].filter(([key, object]) => key.startsWith(`${kindId(kind)} `) && isSelected(object, options));
    return all.map(([, object]) => object);
  }

  async function* watching(kind: AnyKind, options: WatchOptions): AsyncGenerator<WatchEvent<AnyKind>> {
    await answer(ask('watch', kind, ''), () => undefined);
    const mine = epoch;
    let from = version;
    if (options.sendInitialEvents === true) {
      if (fake.oldServer) throw failure(422, 'Invalid', 'sendInitialEvents is forbidden');
      for (const object of clone(listed(kind, options))) yield { type: 'ADDED', object: object as Live<AnyKind> };
      yield { type: 'BOOKMARK', resourceVersion: String(from), initialEventsEnd: true };
    } else from = Number(options.resourceVersion);
    if (from < compacted) throw failure(410, 'Expired', 'too old resource version');
    const { signal } = options;
    const cancelled = Promise.withResolvers<'aborted'>();
    signal?.addEventListener('abort', () => cancelled.resolve('aborted'), { once: true });
    for (;;) {
      signal?.throwIfAborted();
      const next = history.find((happened) => happened.version > from && happened.kind === kindId(kind));
      if (next !== undefined) {
        from = next.version;
        if (!isSelected(next.object, options)) continue;
        await fake.lag();
        for (let times = fake.repeat ? 2 : 1; times > 0; times--) yield { type: next.type, object: clone(next.object) as Live<AnyKind> };
        continue;
      }
      const what = await Promise.race([news.promise, mine.over.promise, cancelled.promise]);
      if (what === 'end') return;
      if (what === 'stall') await cancelled.promise;
      else if (what instanceof ApiError) throw what;
    }
  }

  const fake: FakeApi = {
    sent: [],
    before: () => undefined,
    after: () => undefined,
    repeat: false,
    lag: () => Promise.resolve(),
    oldServer: false,
    writes: () =>
      fake.sent
        .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
        .map(({ verb, kind, name, subresource }) => `${verb} ${kind} ${name}${subresource === undefined ? '' : `/${subresource}`}`),
    get version() {
      return version;
    },
    breakWatches(how) {
      const broken = epoch;
      epoch = { over: Promise.withResolvers() };
      broken.over.resolve(how);
    },
    compact() {
      compacted = version;
    },
    peek: (kind, ref) => clone(objects.get(at(kind, ref))),
    meddle(kind, ref, change) {
      const before = objects.get(at(kind, ref));
      const now = change(clone(before ?? { metadata: { ...ref } }));
      if (now !== undefined && before === undefined) insert(kind, now);
      else if (now !== undefined) update(kind, now);
      else if (before !== undefined) {
        objects.delete(at(kind, ref));
        record(kind, 'DELETED', clone(before));
      }
    },
    get: (kind, ref) => answer(ask('get', kind, ref.name), () => stored(kind, ref)) as Promise<any>,
    list: (kind, options) => answer(ask('list', kind, ''), () => ({ items: listed(kind, options), resourceVersion: String(version) })) as Promise<any>,
    watch: (kind, options) => watching(kind, options ?? {}) as AsyncIterable<any>,
    async *logs() {
      yield await Promise.reject<string>(failure(404, 'NotFound', 'no logs here'));
    },
    raw: () => Promise.reject(failure(404, 'NotFound', 'nothing else here')),
    create: (kind, object, options) =>
      answer(ask('create', kind, object.metadata.name ?? '', options), () => {
        if (objects.has(at(kind, placeOf(object as Json)))) throw failure(409, 'AlreadyExists', 'it is there already');
        return insert(kind, object as Json);
      }) as Promise<any>,
    replace: (kind, object, options) =>
      answer(ask('replace', kind, object.metadata.name!, options), () => {
        const before = stored(kind, placeOf(object as Json));
        checkVersion(before, (object as Json)['metadata'].resourceVersion);
        return update(kind, { ...before, ...clone(object as Json), metadata: { ...before['metadata'], ...object.metadata } } as Json);
      }) as Promise<any>,
    patch: (kind, ref, patch, options) =>
      answer(ask('patch', kind, ref.name, options), () => update(kind, patched(clone(stored(kind, ref)), patch))) as Promise<any>,
    apply: (kind, object, options) => answer(ask('apply', kind, object.metadata.name!, options), () => applyTo(kind, object as Json, options)) as Promise<any>,
    delete: (kind, ref, options) =>
      answer(ask('delete', kind, ref.name), () => {
        const before = stored(kind, ref);
        const { uid, resourceVersion } = options?.preconditions ?? {};
        if (uid !== undefined && uid !== before['metadata'].uid) throw failure(409, 'Conflict', 'the UID differs');
        checkVersion(before, resourceVersion);
        const going = clone(before);
        going['metadata'].deletionTimestamp ??= microTimestamp(0);
        update(kind, going);
        return objects.get(at(kind, ref));
      }) as Promise<any>,
    deleteCollection: (kind, options) => {
      for (const object of listed(kind, options)) fake.meddle(kind, placeOf(object), () => undefined);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return fake;
}

/** By its namespace, and by its name: of field selectors `metadata.name=…` alone is known here. */
function isSelected({ metadata }: Json, { namespace, fieldSelector }: ListOptions): boolean {
  return (namespace === undefined || metadata.namespace === namespace) && (fieldSelector === undefined || fieldSelector === `metadata.name=${metadata.name}`);
}

function statusOf(object: Json): Json {
  return object['status'] === undefined ? {} : { status: clone(object['status']) };
}

/** Equal as JSON, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same((a as Json)[key], (b as Json)[key]));
}

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(base: Json, over: Json): Json {
  for (const [key, value] of Object.entries(over)) base[key] = isMap(value) && isMap(base[key]) ? merge(base[key], value) : value;
  return base;
}

/** Takes out of `object` what was applied before and is not wanted any more. */
function without(object: Json, before: Json, wanted: Json): Json {
  for (const [key, value] of Object.entries(before)) {
    if (wanted[key] === undefined && !isMap(value)) delete object[key];
    else if (isMap(value) && isMap(object[key])) without(object[key], value, isMap(wanted[key]) ? wanted[key] : {});
  }
  return object;
}

function patched(object: Json, patch: Patch): Json {
  if (patch.type !== 'json') return merge(object, patch.body as Json);
  for (const operation of patch.operations) operate(object, operation);
  return object;
}

function operate(object: Json, operation: JsonPatchOperation): void {
  const path = operation.path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = path.pop()!;
  let parent: any = object;
  for (const part of path) parent = parent?.[part];
  if (operation.op === 'test') {
    if (!same(parent?.[last], operation.value)) throw failure(422, 'Invalid', `the server rejected our request: test of ${operation.path} failed`);
  } else if (parent === undefined) throw failure(422, 'Invalid', `${operation.path} is not there`);
  else if (operation.op === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (operation.op === 'remove') delete parent[last];
  else if (operation.op === 'add' && Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, operation.value);
  else if (operation.op === 'add' || operation.op === 'replace') parent[last] = operation.value;
  else throw failure(422, 'Invalid', `${operation.op} is not known here`);
}
