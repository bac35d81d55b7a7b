import { done, finalizer as finalizerStep, waitFor } from '@binnacle/runtime';
import type { References } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { FINALIZER } from '../../hazelcast/names.ts';
import { Pod } from '../../pod.ts';
import { selectorOf } from '../names.ts';

/** Whoever deletes it with this waits, in Kubernetes' name, until what belongs to it is gone. */
const FOREGROUND = 'foregroundDeletion';

/**
 * Objects in the field carry it, so it is ours to take off. There is nothing to clean up: what belongs to it goes by owner references, its volume stays. Deleted
 * in the foreground it is there as long as its pod: so long it goes on telling what is waited for, instead of what it said last while it ran.
 */
export const finalizer = (references: References) =>
  finalizerStep(FINALIZER, ManagementCenter, { reads: [Pod] }, async (mc, cx) => {
    const { metadata } = mc;
    if (metadata.finalizers?.includes(FOREGROUND) === true) {
      const pods = await cx.list(Pod, { labels: selectorOf(mc) });
      if (pods.length > 0) return waitFor('Deleting', `still stopping: ${pods.map((pod) => pod.metadata.name).join(', ')}`);
    }
    references.note({ namespace: metadata.namespace ?? '', name: metadata.name }, []);
    return done;
  });
