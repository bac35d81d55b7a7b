import { template } from '../../conformance/workloads.ts';
import { images } from '../../programs.ts';
import type { Story, StoryWorld } from '../story.ts';

const DEPLOYMENT = 'apps/v1/deployments/d';
const newImage = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const condition = (object: any, wanted: string) => object.status.conditions?.find(({ type }: any) => type === wanted);

async function deployment(world: StoryWorld, replicas: number, more: object = {}): Promise<void> {
  const spec = { replicas, selector: { matchLabels: { app: 'd' } }, template: template('d', images.sleeper), ...more };
  await world.make('apps/v1/deployments', { metadata: { name: 'd' }, spec });
  await complete(world, replicas);
}

/** Also said by its conditions, and no pod of before is on its way out. */
async function complete({ until, all }: StoryWorld, replicas: number): Promise<void> {
  await until(
    DEPLOYMENT,
    `${replicas} are available`,
    (object) =>
      object.status.observedGeneration === object.metadata.generation &&
      (object.status.updatedReplicas ?? 0) === replicas &&
      (object.status.replicas ?? 0) === replicas &&
      (object.status.availableReplicas ?? 0) === replicas &&
      object.status.terminatingReplicas === 0 &&
      condition(object, 'Progressing')?.reason === 'NewReplicaSetAvailable',
  );
  await all('v1/pods', 'no pod is left over', (pods) => pods.length === replicas);
  await all('apps/v1/replicasets', 'sets know', (sets) =>
    sets.every(
      ({ metadata, spec, status }) =>
        status.observedGeneration === metadata.generation &&
        status.replicas === spec.replicas &&
        (status.availableReplicas ?? 0) === spec.replicas &&
        status.terminatingReplicas === 0,
    ),
  );
}

async function changed(world: StoryWorld, replicas: number, spec: object): Promise<void> {
  await world.patch(DEPLOYMENT, { spec });
  await complete(world, replicas);
}

/** Of a Deployment. */
export const deploymentStories: readonly Story[] = [
  {
    name: 'a Deployment grows and shrinks',
    async tell(world) {
      await deployment(world, 2);
      await changed(world, 3, { replicas: 3 });
      await changed(world, 1, { replicas: 1 });
    },
  },
  {
    name: 'a Deployment is rolled and rolled back',
    async tell(world) {
      await deployment(world, 2, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
      await changed(world, 2, newImage(images.sleeper2));
      await changed(world, 2, newImage(images.sleeper));
    },
  },
  {
    name: 'a Deployment whose old pods go first is rolled',
    async tell(world) {
      await deployment(world, 2, { strategy: { type: 'Recreate' } });
      await changed(world, 2, newImage(images.sleeper2));
    },
  },
  {
    name: 'a Deployment that may lose one is rolled',
    async tell(world) {
      await deployment(world, 3, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } });
      await changed(world, 3, newImage(images.sleeper2));
    },
  },
  {
    name: 'a Deployment is paused, scaled and resumed',
    async tell(world) {
      await deployment(world, 1);
      await world.patch(DEPLOYMENT, { spec: { paused: true, ...newImage(images.sleeper2) } });
      await world.until(DEPLOYMENT, 'it is paused', (object) => condition(object, 'Progressing')?.reason === 'DeploymentPaused');
      await world.patch(DEPLOYMENT, { spec: { replicas: 2 } });
      await world.until(DEPLOYMENT, 'two of the old', ({ status }) => status.availableReplicas === 2);
      await changed(world, 2, { paused: false });
    },
  },
  {
    name: 'a Deployment that gets nowhere says so, and is healed',
    async tell(world) {
      await deployment(world, 1);
      // Only now, and no longer than it is stuck: a busy machine may be slower than any deadline.
      await world.patch(DEPLOYMENT, { spec: { progressDeadlineSeconds: 3, ...newImage(images.missing) } });
      await world.until(DEPLOYMENT, 'the deadline is over', (object) => condition(object, 'Progressing')?.reason === 'ProgressDeadlineExceeded');
      await changed(world, 1, { progressDeadlineSeconds: 600, ...newImage(images.sleeper2) });
    },
  },
];
