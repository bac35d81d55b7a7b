import { done, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Doors } from '../../sql/front-end.ts';
import { LOOKED_AT, lookAround } from '../look.ts';

/** Who is there and who is missing, told before anything is done, and once more by `alive` when a pass comes so far. Waits for nobody. */
export const members = (doors: Doors) =>
  step('members', DorisCluster, { reads: LOOKED_AT }, async (object, cx) => {
    await lookAround(doors, object, cx);
    return done;
  });
