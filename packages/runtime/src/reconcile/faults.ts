import type { Live } from '@binnacle/client';
import { rootSchema, validate } from '@binnacle/schema';
import type { AnyResource } from '../context.ts';

/** What is wrong with stored objects of a kind by its schema, which they may be older than; some were written while nobody checked. */
export interface Faults {
  /** `spec.size: Invalid value: -1: …`, for each fault; none when the spec is as declared. `object` has its defaults. Judged once a generation. */
  of(key: string, object: Live<AnyResource>): readonly string[];
  forget(key: string): void;
}

interface Judged {
  readonly uid: string;
  readonly generation: number | undefined;
  readonly faults: readonly string[];
}

const NONE: readonly string[] = [];

/** Has judged nothing yet. */
export function faultsOf(kind: AnyResource): Faults {
  const schema = rootSchema(kind.schema);
  const judged = new Map<string, Judged>();
  return {
    of(key, object) {
      const { uid, generation } = object.metadata;
      const known = judged.get(key);
      if (known !== undefined && known.uid === uid && known.generation === generation && generation !== undefined) return known.faults;
      const { status: _, ...asked } = object;
      // An error without a field only says that others hid some.
      const found = validate(schema, asked).filter(({ field }) => field !== '');
      const faults = found.length === 0 ? NONE : found.map(({ field, message }) => `${field}: ${message}`);
      judged.set(key, { uid, generation, faults });
      return faults;
    },
    forget: (key) => void judged.delete(key),
  };
}
