import type { AnyKind, DeepReadonly, Live, Of } from './kind.ts';

/** Where an object is. `namespace` is left out for cluster-scoped kinds. */
export interface Ref {
  readonly namespace?: string;
  readonly name: string;
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** As kubectl's `-l`: `app=web,tier!=db`. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly signal?: AbortSignal;
}

export interface List<K extends AnyKind> {
  /** Every item carries its `apiVersion` and `kind`, also where the server leaves them out. */
  readonly items: readonly Live<K>[];
  readonly resourceVersion: string;
}

export type WatchEvent<K extends AnyKind> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Live<K> }
  /** Nothing changed up to this version; `initialEventsEnd` closes the first part of a watch with `sendInitialEvents`. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

export interface WatchOptions extends ListOptions {
  /** Ask for all present objects first (WatchList), ended by a bookmark with `initialEventsEnd`. */
  readonly sendInitialEvents?: boolean;
  /** After which the server ends the stream; seconds. */
  readonly timeoutSeconds?: number;
}

export interface WriteOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  /** Default `Strict`: a field that the server would drop is an error. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly subresource?: 'status' | 'scale';
  readonly signal?: AbortSignal;
}

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge' | 'strategic'; readonly body: unknown };

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

export interface DeleteOptions {
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly signal?: AbortSignal;
}

/** Reading. Every call throws `ApiError`, and nothing else but the signal's reason. */
export interface Reader {
  get<K extends AnyKind>(kind: K, ref: Ref, options?: { readonly signal?: AbortSignal }): Promise<Live<K>>;
  /** All items, read in pages of 500. */
  list<K extends AnyKind>(kind: K, options?: ListOptions): Promise<List<K>>;
  /**
   * Follows changes until the server ends the stream, `signal` is aborted or the caller stops reading.
   * @throws {ApiError} also from the iteration: `Expired` when `resourceVersion` is too old, as status or as event.
   */
  watch<K extends AnyKind>(kind: K, options?: WatchOptions): AsyncIterable<WatchEvent<K>>;
  /** A pod's log lines, without their line ends. `timestamps`: each begins with when it was written, as RFC 3339 with fractions of a second, and a space. */
  logs(
    ref: Ref,
    options?: {
      readonly container?: string;
      readonly follow?: boolean;
      readonly tailLines?: number;
      readonly timestamps?: boolean;
      readonly signal?: AbortSignal;
    },
  ): AsyncIterable<string>;
}

/** Writing. An answer that got lost (`isUnreachable`) may have been carried out: read before repeating. */
export interface Writer {
  create<K extends AnyKind>(kind: K, object: Written<K>, options?: WriteOptions): Promise<Live<K>>;
  /** Replaces the whole object; `metadata.resourceVersion` in it makes the server refuse when somebody wrote since. */
  replace<K extends AnyKind>(kind: K, object: Written<K>, options?: WriteOptions): Promise<Live<K>>;
  patch<K extends AnyKind>(kind: K, ref: Ref, patch: Patch, options?: WriteOptions): Promise<Live<K>>;
  /** Server-side apply: `object` holds all that `fieldManager` wants, and what it wanted before and left out goes. */
  apply<K extends AnyKind>(kind: K, object: Written<K>, options: WriteOptions & { readonly fieldManager: string; readonly force?: boolean }): Promise<Live<K>>;
  /** Resolves to the object while finalizers or a grace period keep it, else to `undefined`. */
  delete<K extends AnyKind>(kind: K, ref: Ref, options?: DeleteOptions): Promise<Live<K> | undefined>;
  deleteCollection(kind: AnyKind, options: ListOptions & DeleteOptions): Promise<void>;
}

/** What is sent: JSON with a name (or `generateName`). `apiVersion` and `kind` are filled in from the kind. */
export interface Writable {
  readonly metadata: { readonly name?: string; readonly generateName?: string; readonly namespace?: string };
}

/**
 * An object of a kind as it is sent. Every field may be left out: the server fills in defaults, and says which ones it misses; one that the kind does not have does
 * not compile.
 */
export type Written<K extends AnyKind> = Writable & { readonly apiVersion?: string; readonly kind?: string } & Partly<
    DeepReadonly<Omit<Of<K>, 'apiVersion' | 'kind' | 'metadata'>>
  >;

type Partly<T> = T extends readonly unknown[] ? T : T extends object ? { readonly [F in keyof T]?: Partly<T[F]> | undefined } : T;

/** A Kubernetes API, typed. Made by `connect()`. */
export interface Api extends Reader, Writer, AsyncDisposable {
  /** Any other path, its JSON answer as it is: discovery, `/version`, subresources of our own. */
  raw(request: {
    readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    readonly path: string;
    readonly body?: unknown;
    readonly signal?: AbortSignal;
  }): Promise<unknown>;
}
