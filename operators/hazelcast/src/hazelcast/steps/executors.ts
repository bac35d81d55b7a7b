import { Secret } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { jsonEqual } from '@binnacle/schema';
import { Hazelcast } from '../../api/hazelcast.ts';
import { MemberError } from '../../protocol/error.ts';
import type { Members } from '../../protocol/members.ts';
import { added, storedRollout } from '../config/configuration.ts';
import { splitExecutors } from '../config/executors.ts';
import { sectionsIn } from '../config/read.ts';
import { keyOf } from '../members/see.ts';
import { ROLLOUT, selectorOf } from '../names.ts';
import { yamlOf } from '../objects/config.ts';
import { Pod } from '../../pod.ts';

/** How long until a member that did not take an executor is asked again; ms. */
const AGAIN_MS = 5_000;

/**
 * Gives executors that came since members started to all of them. Members that start later find them in their file. Again after a crash: one that is there
 * already is no error. Source: spec/hazelcast-core.md §2.15.
 */
export const executors = (members: Members) =>
  step('executors', Hazelcast, { reads: [Pod, Secret] }, async (hz, cx) => {
    const secret = await cx.get(Secret, hz.metadata.name);
    const rollout = storedRollout(secret?.metadata.annotations?.[ROLLOUT]);
    if (rollout === undefined) return done;
    const wanted = { configuration: rollout.restart, executorServices: added(rollout) };
    const pods = await cx.list(Pod, { labels: selectorOf(hz) });
    if (pods.length === 0 || jsonEqual(hz.status?.dynamic ?? null, wanted)) return done;
    const sections = sectionsIn(yamlOf(secret) ?? '');
    const given = splitExecutors(sections).executors.filter(({ key }) => wanted.executorServices.includes(key));
    for (const { config } of given) {
      for (const pod of pods) {
        try {
          await members.addExecutor(keyOf(hz), pod.status?.podIP ?? '', config, cx);
        } catch (error) {
          if (!(error instanceof MemberError)) throw error;
          cx.log.info({ pod: pod.metadata.name, executor: config.name, code: error.code, error: error.message }, 'a member does not take an executor');
          return waitFor('ExecutorNotTaken', `${pod.metadata.name} does not take executor ${config.name} (${error.code})`, { afterMs: AGAIN_MS });
        }
      }
    }
    if (given.length > 0) cx.event('Normal', 'ExecutorsAdded', `all members have ${wanted.executorServices.join(', ')}`, 'Configure');
    cx.status({ dynamic: wanted });
    return done;
  });
