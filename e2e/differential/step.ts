/** A request before it meets a server: what it depends on (versions, uids) is said in words, so that one script is played on both. All of it is JSON. */
export type Step =
  | { readonly do: 'create'; readonly kind: string; readonly body: Json; readonly query?: Query }
  /** Reads the object, edits it, puts it back. `version`: the one that was read, an old one, or none. */
  | {
      readonly do: 'update';
      readonly kind: string;
      readonly name: string;
      readonly edits: readonly Edit[];
      readonly version: Version;
      readonly sub?: Sub;
      readonly query?: Query;
    }
  | {
      readonly do: 'patch';
      readonly kind: string;
      readonly name: string;
      readonly type: PatchType;
      readonly body: Json;
      readonly sub?: Sub;
      readonly query?: Query;
    }
  | {
      readonly do: 'delete';
      readonly kind: string;
      readonly name: string;
      /** Absent: no body is sent, and options are in the query. */
      readonly options?: Json;
      readonly precondition?: 'right' | 'wrong' | 'version' | 'oldVersion';
      readonly query?: Query;
    }
  | { readonly do: 'deletecollection'; readonly kind: string; readonly options?: Json; readonly query?: Query }
  | { readonly do: 'get'; readonly kind: string; readonly name: string; readonly sub?: Sub; readonly as?: Form; readonly query?: Query }
  /** Follows the pages to the end. `at`: as it was when an object was first seen. */
  | { readonly do: 'list'; readonly kind: string; readonly at?: string; readonly as?: Form; readonly query?: Query }
  /** Asks for an eviction, a token, a node. */
  | { readonly do: 'post'; readonly kind: string; readonly name: string; readonly sub: string; readonly body: Json; readonly query?: Query };

/** What an answer is asked for as. */
export type Form = 'table' | 'metadata' | 'metadataList';

export type Sub = 'status' | 'scale';
export type Version = 'read' | 'old' | 'none';
export type PatchType = 'merge' | 'json' | 'strategic' | 'apply';
export type Query = Readonly<Record<string, string>>;
export type Json = any;
/** Sets a value at a path, or removes what is there. */
export type Edit = { readonly at: readonly string[]; readonly to?: Json };

/** What a step made of both servers; they should be the same. */
export interface Heard {
  readonly status: number;
  /** Without what no two servers agree on. */
  readonly said: Json;
}

export const ACCEPT: Readonly<Record<Form, string>> = {
  table: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  metadata: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  metadataList: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
};

export const CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A copy of an object with edits made; a path through what is no object makes one. */
export function edited(object: Json, edits: readonly Edit[]): Json {
  const copy = structuredClone(object);
  for (const { at, to } of edits) {
    let place = copy;
    for (const key of at.slice(0, -1)) {
      if (place[key] === null || typeof place[key] !== 'object') place[key] = {};
      place = place[key];
    }
    const last = at.at(-1)!;
    if (to === undefined) delete place[last];
    else place[last] = structuredClone(to);
  }
  return copy;
}
