import type { Subject } from '@binnacle/testing';
import { entries } from '../src/operators.ts';

/** Both operators, as the command line knows them. */
export const [doris, hazelcast] = entries() as readonly [Subject, Subject];
