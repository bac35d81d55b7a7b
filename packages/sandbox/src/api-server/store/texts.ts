import { recent } from '../../recent.ts';
import type { ApiObject } from '../object.ts';

/** Characters of JSON, and bytes of lines of one sort, that are surely kept; twice as much at most. */
const KEPT = 2_000_000;

/**
 * What objects look like as text, made once for all who want it about the same time: the answer to a write, its events, the first events of several watches.
 * Kept only so long: the text of an object weighs as much as the object.
 */
export interface Texts {
  json(object: ApiObject): string;
  /** The bytes of a sort of line about an object; `sort` is one of a few, and `make` gives the same for the same sort and object. */
  line(sort: string, object: ApiObject, make: () => Uint8Array): Uint8Array;
}

/** Of one server. */
export function texts(): Texts {
  const jsons = recent<ApiObject, string>(KEPT, (text) => text.length);
  const newLines = () => recent<ApiObject, Uint8Array>(KEPT, (line) => line.byteLength);
  const lines = new Map<string, ReturnType<typeof newLines>>();
  return {
    json: (object) => jsons(object, () => JSON.stringify(object)),
    line(sort, object, make) {
      let known = lines.get(sort);
      if (known === undefined) lines.set(sort, (known = newLines()));
      return known(object, make);
    },
  };
}
