import { doris } from './entries/doris.ts';
import type { Entry } from './entries/entry.ts';
import { hazelcast } from './entries/hazelcast.ts';
import { OPERATOR_NAMES } from './operator-names.ts';
import type { OperatorName } from './operator-names.ts';

export { OPERATOR_NAMES } from './operator-names.ts';
export type { OperatorName } from './operator-names.ts';
export type { Entry } from './entries/entry.ts';

const ENTRIES: Readonly<Record<OperatorName, Entry>> = { doris, hazelcast };

/** The operators by name, in the order given. */
export function entries(names: readonly OperatorName[] = OPERATOR_NAMES): readonly Entry[] {
  return names.map((name) => ENTRIES[name]);
}
