import { StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop } from '@binnacle/runtime';
import { faults } from '../../api/check.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import type { Doors } from '../../sql/front-end.ts';
import { asMaster } from '../doris.ts';
import { LOOKED_AT, look, nextLook } from '../look.ts';
import { namesOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';

/**
 * Refuses what could never come up, before anything is written. The same rules as at admission: an object may be older than they are. Members that are there go
 * on, whatever is wrong with the spec, and the status goes on telling of them.
 */
export const validation = (doors: Doors) =>
  step('validation', DorisCluster, { reads: LOOKED_AT }, async (object, cx) => {
    const { spec, name } = clusterFrom(object);
    const found = [...faults(spec, spec)].map(({ field, message }) => `${field}: ${message}`);
    if (found.length === 0) return done;
    if (spec.fe === undefined || (await cx.get(StatefulSet, namesOf(name, 'fe').statefulSet)) === undefined) return stop('InvalidSpec', found.join('; '));
    const cluster = await scaledCluster(object, cx);
    await asMaster(doors, cluster, cx, async (master) => {
      await look(object, cluster, cx, master);
      return done;
    });
    return stop('InvalidSpec', found.join('; '), nextLook(cx.clock));
  });
