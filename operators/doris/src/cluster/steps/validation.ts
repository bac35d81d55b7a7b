import { StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, tellDoubts } from '@binnacle/runtime';
import type { FieldError } from '@binnacle/schema';
import { faults, idleFaults, newNameFaults } from '../../api/check.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Status } from '../../api/status.ts';
import type { Doors } from '../../sql/front-end.ts';
import { LOOKED_AT, lookAround, nextLook } from '../look.ts';
import { namesOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';

/**
 * Refuses what could never come up, before anything is written. The same rules as at admission: an object may be older than they are. Members that are there go
 * on, whatever is wrong with the spec, and the status goes on telling of them.
 */
export const validation = (doors: Doors) =>
  step(
    'validation',
    DorisCluster,
    { reads: LOOKED_AT },
    async (object, cx) => {
      const { spec, name } = clusterFrom(object);
      const there = spec.fe !== undefined && (await cx.get(StatefulSet, namesOf(name, 'fe').statefulSet)) !== undefined;
      const found = cx.faults.length > 0 ? [...cx.faults] : [...faults(spec, spec)].map(lineOf);
      const doubts = cx.faults.length > 0 ? [] : [...newNameFaults(name, spec), ...idleFaults(spec)];
      const born = (object.status as Status | undefined)?.lastApplySpecHash !== undefined; // sound: a Live status is the declared one
      // What is refused of a new cluster has nothing to lose here either; one that runs with it goes on.
      if (!there && !born) found.push(...doubts.map(lineOf));
      if (found.length === 0) {
        tellDoubts(object, cx, doubts);
        return done;
      }
      if (!there) return stop('InvalidSpec', found.join('; '));
      await lookAround(doors, object, cx);
      return stop('InvalidSpec', found.join('; '), nextLook(cx.clock));
    },
    { whileInvalid: true },
  );

const lineOf = ({ field, message }: FieldError): string => `${field}: ${message}`;
