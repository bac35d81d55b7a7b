import type { CustomObject, FieldError } from '@binnacle/schema';
import { fresh } from './check/fresh.ts';
import { jvmFaults } from './check/jvm.ts';
import { licenceFaults } from './check/licence.ts';
import { memberFaults } from './check/member.ts';
import { nameFaults, networkFaults, newNameFaults } from './check/network.ts';
import { repeatedNameFaults } from './check/repeated.ts';
import { sinceFaults } from './check/since.ts';
import { storageFaults } from './check/storage.ts';
import { takenVolumeFaults } from './check/taken-volumes.ts';
import { updateFaults } from './check/update.ts';
import type { Spec } from './spec.ts';
import type { Status } from './status.ts';

export { licenceSecret } from './check/licence.ts';

type Object = CustomObject<Spec, Status>;

/**
 * What an edit makes wrong about a Hazelcast beyond its schema, or what is wrong with a new one, as far as the object alone can tell: what must exist beside it
 * is looked up by the validation step. Source of rules and texts: spec/hazelcast-core.md §2.4; scripts match on the texts.
 */
export function* faults(now: Object, before: Object | undefined): Iterable<FieldError> {
  yield* fresh(ownFaults, now, before);
  if (before !== undefined) yield* updateFaults(now, before);
}

function* ownFaults({ metadata, spec }: Object): Iterable<FieldError> {
  yield* nameFaults(metadata?.name ?? '');
  yield* networkFaults(spec);
  yield* storageFaults(spec);
  yield* jvmFaults(spec);
  yield* memberFaults(spec);
  yield* licenceFaults(spec);
  yield* sinceFaults(spec);
}

/** What is refused at the door and let be where it is stored already: clusters run with it, if not as somebody meant. */
export function* newFaults(now: Object, before: Object | undefined): Iterable<FieldError> {
  if (before === undefined) yield* newNameFaults(now.metadata?.name ?? '');
  yield* repeatedNameFaults(now.spec, before?.spec);
  yield* fresh(({ spec }) => takenVolumeFaults(spec), now, before);
}
