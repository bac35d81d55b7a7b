import { done, finalizer as finalizerStep } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { FINALIZER } from '../../hazelcast/names.ts';
import type { References } from '@binnacle/runtime';

/** Objects in the field carry it, so it is ours to take off. There is nothing to clean up: what belongs to it goes by owner references, its volume stays. */
export const finalizer = (references: References) =>
  finalizerStep(FINALIZER, ManagementCenter, {}, async ({ metadata }) => {
    references.note({ namespace: metadata.namespace ?? '', name: metadata.name }, []);
    return await Promise.resolve(done);
  });
