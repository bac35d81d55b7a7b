import type { Live } from '@binnacle/client';
import type { Job } from '@binnacle/client/kinds';
import type { InitializerStatus } from '../api/doris-initializer.ts';
import { given } from '../given.ts';
import { MAIN_CONTAINER } from './objects/job.ts';
import type { JobState } from './plan.ts';
import type { Pod } from '../pod.ts';

/** A Job in the existing operator's words. */
export function jobState({ status }: Live<typeof Job>): JobState {
  const holds = (type: string) => status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  if (holds('Complete')) return 'completed';
  if (holds('Failed')) return 'failed';
  return status?.startTime === undefined ? 'pending' : 'running';
}

/** The Job's numbers as they stand in the initializer's status. */
export function jobStatus(job: Live<typeof Job>): Partial<InitializerStatus> {
  const { startTime, completionTime, active, succeeded, failed, ready } = job.status ?? {};
  return {
    jobRef: { name: job.metadata.name, namespace: job.metadata.namespace ?? '' },
    status: jobState(job),
    ...given({ startTime, completionTime, active, succeeded, failed, ready }),
  };
}

/** A pod says one line of its own; what an image says besides is cut; characters. */
const FAILURE_MOST = 400;

/** The last words of the newest pod of a Job that failed: which statement it was. `undefined`: it left none. */
export function failureIn(job: Live<typeof Job>, pods: readonly Live<typeof Pod>[]): string | undefined {
  const own = pods
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === job.metadata.uid) === true)
    .toSorted((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1));
  for (const { status } of own) {
    const said = status?.containerStatuses?.find(({ name }) => name === MAIN_CONTAINER)?.state?.terminated;
    const last = said?.exitCode === 0 ? undefined : said?.message?.trim().split('\n').at(-1);
    if (last !== undefined && last !== '') return last.slice(0, FAILURE_MOST);
  }
  return undefined;
}
