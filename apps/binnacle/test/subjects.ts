import type { Subject } from '@binnacle/testing';
import { entries } from '../src/operators.ts';

/** Both operators, as the command line knows them. */
export const doris: Subject = entries(['doris'])[0]!;
export const hazelcast: Subject = entries(['hazelcast'])[0]!;
