import { done, finalizer as finalizerStep } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { FINALIZER } from '../../hazelcast/names.ts';

/** Objects in the field carry it, so it is ours to take off. There is nothing to clean up: what belongs to it goes by owner references, its volume stays. */
export const finalizer = finalizerStep(FINALIZER, ManagementCenter, {}, async () => await Promise.resolve(done));
