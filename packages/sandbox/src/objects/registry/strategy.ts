import type { FieldError } from '@binnacle/schema';
import type { JsonObject } from '../json.ts';
import type { NameRule } from '../names.ts';

/** What a write may need of the cluster it happens in. */
export interface Env {
  /** Ms since the epoch. */
  readonly now: number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** An address nobody has; taken from then on. */
  readonly allocateClusterIP: () => string;
  /** A port nobody has; taken from then on. */
  readonly allocateNodePort: () => number;
  /** The storage class that is marked as the default, if one is. */
  readonly defaultStorageClass: () => string | undefined;
}

/** What the registry does with objects of a built-in kind that are written. Objects are never changed in place. */
export interface Strategy {
  /** Whether there is a `/status`: then the main endpoint does not write the status. */
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  /** Whether a PUT to what is not there creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** Whether a PUT may leave out the resource version. */
  readonly allowUnconditionalUpdate: boolean;
  /** Whether deletion waits for somebody to confirm it: pods. */
  readonly graceful: boolean;
  /** The object as the storage gives it back: it knows no empty list, only none. */
  atRest(object: JsonObject): JsonObject;
  /** What a write of the status leaves as it was, as dotted paths. */
  readonly statusResets: readonly string[];
  /** As of `KindRules`. */
  completedByWrite(object: JsonObject): boolean;
  /**
   * What decoding a request does: canonical forms, omitted empty values, defaults. Idempotent. The prepare functions do it as well; call it before
   * them only to know what a request says, as field management must.
   * @throws {Refusal} 400 for values that cannot be decoded.
   */
  decode(object: JsonObject): JsonObject;
  /** The object to store for a create: decoded, without what only the cluster says, with what it gives. The uid must be set. */
  prepareForCreate(object: JsonObject, env: Env): JsonObject;
  /** The object to store for an update through the main endpoint (`subresource` absent or empty) or a subresource: what that may not write is as before. */
  prepareForUpdate(next: JsonObject, before: JsonObject, options: { readonly subresource?: string; readonly env: Env }): JsonObject;
  /** What is wrong with it, in the API server's words. `before` undefined: a create. `subresource`: of an update that goes through one. */
  validate(next: JsonObject, before: JsonObject | undefined, subresource?: string): readonly FieldError[];
  /** What is odd and allowed, for a Warning header. `before` and `subresource` as of `validate`. */
  warnings(next: JsonObject, before: JsonObject | undefined, subresource?: string): readonly string[];
}

/** What one kind has of its own; what is left out is what most kinds do. */
export interface KindRules {
  /** Default: RFC 1123 subdomain. */
  readonly name?: NameRule;
  readonly allowCreateOnUpdate?: true;
  /** Kinds whose finalizers may be called anything. */
  readonly standardFinalizers?: false;
  readonly allowUnconditionalUpdate?: false;
  readonly graceful?: true;
  /** The status of a new object; `'kept'`: what the request says. Default: empty. */
  readonly newStatus?: JsonObject | 'kept';
  /** After decoding and after the status was reset. */
  readonly create?: (object: JsonObject, env: Env) => JsonObject;
  /** For the main endpoint, after the status was put back. */
  readonly update?: (next: JsonObject, before: JsonObject, env: Env) => JsonObject;
  /** For `/status`, after all but metadata and status was put back. */
  readonly updateStatus?: (next: JsonObject, before: JsonObject) => JsonObject;
  /** Other subresources by name: the object to store. */
  readonly subresources?: Readonly<Record<string, (next: JsonObject, before: JsonObject) => JsonObject>>;
  /** Fields that the schema requires and whose absence is for `validate` to judge. */
  readonly absent?: RegExp;
  /** Rules for each state of an object. `before`: of a change. */
  readonly validate?: (object: JsonObject, before: JsonObject | undefined) => readonly FieldError[];
  /** Rules for a status that is written. */
  readonly validateStatus?: (next: JsonObject, before: JsonObject) => readonly FieldError[];
  /** What a write of the status leaves as it was beside the spec, as dotted paths. Source: `GetResetFields` of the status' strategy. */
  readonly statusResets?: readonly string[];
  /** Lists that are never left out, by path. */
  readonly lists?: readonly (readonly [string] | readonly ['spec', string])[];
  /** Of a new object the metadata is judged only when nothing else is wrong: its kind leaves that to the server. */
  readonly metadataLast?: true;
  /** The labels that are judged, where some are only filled in when the object is read. Default: all. */
  readonly ownLabels?: (object: JsonObject) => unknown;
  /** Whether what is stored of a new object lacks what reading it fills in, so that the first write stores something even where it changes nothing. */
  readonly completedByWrite?: (object: JsonObject) => boolean;
  /** Rules for a change through the main endpoint. */
  readonly validateUpdate?: (next: JsonObject, before: JsonObject) => readonly FieldError[];
}
