import { ConfigMap, Job, Secret } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { DorisInitializer } from '../../api/doris-initializer.ts';
import type { InitializerStatus } from '../../api/doris-initializer.ts';
import { RUN, RUN_AGAIN, jobName } from '../names.ts';
import { labelsBeside } from '../../labels.ts';
import { failureIn, jobState, jobStatus } from '../observe.ts';
import { adopted, ended } from '../plan.ts';
import { wishOf } from '../wish.ts';
import { Pod } from '../../pod.ts';

/**
 * What became of the run that was begun last. Its end is written into the status before anything is decided from it: from then on the Job is not needed.
 * A Job that vanished before its end was seen may have run: it is never made again without being asked for.
 */
export const follow = step('follow', DorisInitializer, { owns: [Job, Secret, ConfigMap], reads: [Pod] }, async (object, cx) => {
  if (object.spec.cluster === '') return done;
  const status = object.status as InitializerStatus | undefined; // sound: a Live status is the declared one
  const job = await cx.get(Job, jobName(object.metadata.name));
  cx.keep(Job);
  cx.keep(Secret);
  cx.keep(ConfigMap);
  if (job !== undefined) cx.status(jobStatus(job));
  const run = status?.run;
  if (run === undefined) {
    const theirs = job?.metadata.annotations?.[RUN] === undefined ? job : undefined;
    if (theirs === undefined && status?.LastApplySpecHash === undefined) return done;
    const wish = await wishOf(object, cx);
    if ('type' in wish) return wish;
    const before = adopted(status, theirs === undefined ? undefined : jobState(theirs), wish.fingerprints);
    if (before === undefined) return done;
    cx.status({ run: before });
    return waitFor('Recorded', 'took over what an earlier operator has run', { afterMs: 1 });
  }
  const mine = job !== undefined && (job.metadata.annotations?.[RUN] ?? '0') === String(run.number) ? job : undefined;
  if (run.state === 'Starting' && mine !== undefined) {
    cx.status({ run: { ...run, state: 'Started' } });
    return waitFor('Recorded', `run ${run.number} has begun`, { afterMs: 1 });
  }
  if (run.state !== 'Started') return done;
  if (mine === undefined) {
    if (object.metadata.annotations?.[RUN_AGAIN] !== run.wish.again) {
      cx.status({ run: ended(run, 'failed') });
      return waitFor('Recorded', `run ${run.number} is given up`, { afterMs: 1 });
    }
    const message = `the Job of run ${run.number} was deleted before its end was seen: it may have run. A new value of the annotation ${RUN_AGAIN} runs it again`;
    return stop('JobGone', message);
  }
  const state = jobState(mine);
  if (state !== 'completed' && state !== 'failed') return waitFor('JobRunning', `Job ${mine.metadata.name} is ${state}`);
  const pods = state === 'failed' ? await cx.list(Pod, { labels: labelsBeside(object.spec.cluster, 'initializer') }) : [];
  cx.status({ run: ended(run, state, failureIn(mine, pods)) });
  if (state === 'completed') cx.event('Normal', 'Initialized', `run ${run.number} has done ${run.parts.join(', ')}`, 'Initialize');
  return waitFor('Recorded', `run ${run.number} ${state}`, { afterMs: 1 });
});
