import type { CustomObject, FieldError } from '@binnacle/schema';
import { jvmFaults } from './check/jvm.ts';
import { licenceFaults } from './check/licence.ts';
import { memberFaults } from './check/member.ts';
import { nameFaults, networkFaults, newNameFaults } from './check/network.ts';
import { repeatedNameFaults } from './check/repeated.ts';
import { storageFaults } from './check/storage.ts';
import { updateFaults } from './check/update.ts';
import type { Spec } from './spec.ts';
import type { Status } from './status.ts';

export { licenceSecret } from './check/licence.ts';

type Object = CustomObject<Spec, Status>;

/**
 * What is wrong with a Hazelcast beyond its schema, as far as the object alone can tell: what must exist beside it is looked up by the validation step.
 * Source of rules and texts: spec/hazelcast-core.md §2.4; scripts match on the texts.
 */
export function* faults(now: Object, before: Object | undefined): Iterable<FieldError> {
  yield* nameFaults(now.metadata?.name ?? '');
  yield* networkFaults(now.spec);
  yield* storageFaults(now.spec);
  yield* jvmFaults(now.spec);
  yield* memberFaults(now.spec);
  yield* licenceFaults(now.spec);
  if (before !== undefined) yield* updateFaults(now, before);
}

/** What is refused at the door and let be where it is stored already: clusters run with it, if not as somebody meant. */
export function* newFaults(now: Object, before: Object | undefined): Iterable<FieldError> {
  if (before === undefined) yield* newNameFaults(now.metadata?.name ?? '');
  yield* repeatedNameFaults(now.spec, before?.spec);
}
