import type { Live } from '@binnacle/client';
import type { Job } from '@binnacle/client/kinds';
import type { InitializerStatus } from '../api/doris-initializer.ts';
import { given } from '../given.ts';
import type { JobState } from './plan.ts';

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
