import { images } from '../../programs.ts';
import type { Story, StoryWorld } from '../story.ts';

const JOB = 'batch/v1/jobs/j';
const holds = (job: any, wanted: string) => job.status.conditions?.some(({ type, status }: any) => type === wanted && status === 'True') === true;
const podTemplate = (image: string) => ({ spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image }] } });

async function job(world: StoryWorld, image: string, more: object = {}): Promise<void> {
  await world.make('batch/v1/jobs', { metadata: { name: 'j' }, spec: { template: podTemplate(image), ...more } });
}

/** It says so, and its pods are let go. */
async function ended({ until, all }: StoryWorld, as: 'Complete' | 'Failed'): Promise<void> {
  await until(JOB, `it is ${as}`, (object) => holds(object, as));
  await all('v1/pods', 'pods are let go', (pods) =>
    pods.every(({ metadata }) => metadata.finalizers === undefined && metadata.deletionTimestamp === undefined),
  );
}

/** Of Jobs and CronJobs. */
export const jobStories: readonly Story[] = [
  {
    name: 'a Job runs two at a time',
    async tell(world) {
      await job(world, images.succeeds, { completions: 4, parallelism: 2 });
      await ended(world, 'Complete');
    },
  },
  {
    name: 'a Job fails at its limit',
    async tell(world) {
      await job(world, images.fails, { backoffLimit: 0 });
      await ended(world, 'Failed');
    },
  },
  {
    name: 'an indexed Job',
    async tell(world) {
      await job(world, images.succeeds, { completionMode: 'Indexed', completions: 3, parallelism: 3 });
      await ended(world, 'Complete');
    },
  },
  {
    name: 'a Job is suspended and resumed',
    async tell(world) {
      await job(world, images.sleeper, { suspend: true, parallelism: 2 });
      await world.until(JOB, 'it is suspended', (object) => holds(object, 'Suspended'));
      await world.patch(JOB, { spec: { suspend: false } });
      await world.until(JOB, 'both run', ({ status }) => status.ready === 2);
      await world.patch(JOB, { spec: { suspend: true } });
      await world.until(JOB, 'it is suspended again', (object) => holds(object, 'Suspended') && (object.status.active ?? 0) === 0);
      await world.all('v1/pods', 'pods are gone', (pods) => pods.length === 0);
    },
  },
  {
    name: 'a Job that runs too long',
    async tell(world) {
      await job(world, images.sleeper);
      await world.until(JOB, 'it runs', ({ status }) => status.ready === 1);
      // Only now: a busy machine may be slower than any deadline.
      await world.patch(JOB, { spec: { activeDeadlineSeconds: 1 } });
      await world.until(JOB, 'it has failed', (object) => holds(object, 'Failed'));
      await world.all('v1/pods', 'its pod is gone', (pods) => pods.length === 0);
    },
  },
  {
    name: 'a Job is deleted and its pods with it',
    async tell(world) {
      await job(world, images.sleeper);
      await world.until(JOB, 'it runs', ({ status }) => status.ready === 1);
      await world.remove(JOB, { propagationPolicy: 'Background' });
      await world.all('v1/pods', 'its pod is gone', (pods) => pods.length === 0);
    },
  },
  {
    name: 'a Job goes when its time to live is over',
    async tell(world) {
      await job(world, images.succeeds, { ttlSecondsAfterFinished: 2 });
      await world.gone(JOB);
      await world.all('v1/pods', 'its pod is gone', (pods) => pods.length === 0);
    },
  },
  {
    name: 'a CronJob makes a Job each minute',
    async tell(world) {
      await world.make('batch/v1/cronjobs', {
        metadata: { name: 'c' },
        spec: { schedule: '* * * * *', jobTemplate: { spec: { template: podTemplate(images.succeeds) } } },
      });
      await world.until('batch/v1/cronjobs/c', 'one has run', ({ status }) => status?.lastSuccessfulTime !== undefined && (status.active ?? []).length === 0);
      await world.patch('batch/v1/cronjobs/c', { spec: { suspend: true } });
      await world.remove('batch/v1/cronjobs/c', { propagationPolicy: 'Background' });
      await world.all('batch/v1/jobs', 'its Job is gone', (jobs) => jobs.length === 0);
      await world.all('v1/pods', 'its pod is gone', (pods) => pods.length === 0);
    },
  },
];
