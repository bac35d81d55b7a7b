import { done, step, waitFor } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { MemberError } from '../../protocol/error.ts';
import type { Members } from '../../protocol/members.ts';
import { isReady, isTerminating } from '../members/pods.ts';
import { keyOf } from '../members/see.ts';
import { selectorOf } from '../names.ts';
import { nextStartup } from '../startup.ts';
import { Pod } from '../../pod.ts';

/** How long until members that have just begun to listen are asked again; ms. */
const AGAIN_MS = 2_000;
/** What is remembered must be written before it is acted on: hence another pass, at once; ms. */
const AT_ONCE_MS = 10;

/**
 * Starts a cluster that cannot recover, as `persistence.startupAction` says: once for one written wish. Whoever takes the field away and writes it again
 * wishes anew. Between the configuration and the StatefulSet's own wait, since members that wait for data are never ready. Source: spec/hazelcast-core.md §2.14.
 */
export const startup = (members: Members) =>
  step('startup', Hazelcast, { reads: [Pod] }, async (hz, cx) => {
    const pods = await cx.list(Pod, { labels: selectorOf(hz) });
    const complete = hz.spec.clusterSize > 0 && pods.length === hz.spec.clusterSize;
    const observed = { pods: pods.map(({ metadata }) => metadata.uid), complete, running: complete && pods.every(isReady) };
    const next = nextStartup({ wish: hz.spec.persistence?.startupAction, noted: hz.status?.startup, ...observed });
    if (next.note !== hz.status?.startup) cx.status({ startup: next.note });
    if (next.do === 'nothing') return done;
    if (next.do === 'remember') return waitFor('StartupAction', `members are about to be told: ${next.note.action}`, { afterMs: AT_ONCE_MS });
    const waiting = pods.filter((pod) => !isReady(pod) && !isTerminating(pod) && next.note.pods.includes(pod.metadata.uid));
    for (const pod of waiting) {
      try {
        if (!(await members.startup(keyOf(hz), pod.status?.podIP ?? '', next.note.action, cx))) continue;
      } catch (error) {
        if (!(error instanceof MemberError)) throw error;
        cx.log.info({ pod: pod.metadata.name, code: error.code, error: error.message }, 'a member does not take a startup action');
        continue;
      }
      cx.event('Warning', next.note.action, `${pod.metadata.name} took it: members start without what is missing`, 'Start');
      cx.status({ startup: { ...next.note, state: 'Done' } });
      return waitFor('StartupAction', 'members start', { afterMs: AGAIN_MS });
    }
    return waitFor('StartupAction', `no member takes ${next.note.action} yet: none waits for data`, { afterMs: AGAIN_MS });
  });
