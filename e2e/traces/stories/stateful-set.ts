import { template } from '../../conformance/workloads.ts';
import { images } from '../../programs.ts';
import type { Story, StoryWorld } from '../story.ts';

const SET = 'apps/v1/statefulsets/w';
const claimTemplate = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } };
const newImage = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });

/** A StatefulSet `w` with its headless Service, of so many pods that are ready when this returns. `more` goes over its spec. */
async function statefulSet(world: StoryWorld, replicas: number, more: object = {}): Promise<void> {
  await world.make('v1/services', { metadata: { name: 'w' }, spec: { clusterIP: 'None', selector: { app: 'w' }, ports: [{ port: 80 }] } });
  const spec = { serviceName: 'w', replicas, selector: { matchLabels: { app: 'w' } }, template: template('w', images.sleeper), ...more };
  await world.make('apps/v1/statefulsets', { metadata: { name: 'w' }, spec });
  await settled(world, replicas);
}

const settled = ({ until }: StoryWorld, replicas: number) =>
  until(
    SET,
    `${replicas} are ready`,
    ({ metadata, status }) =>
      status.observedGeneration === metadata.generation &&
      (status.availableReplicas ?? 0) === replicas &&
      status.replicas === replicas &&
      status.updatedReplicas === replicas &&
      status.currentReplicas === replicas &&
      status.currentRevision === status.updateRevision,
  );

async function scaled(world: StoryWorld, replicas: number): Promise<void> {
  await world.patch(SET, { spec: { replicas } });
  await settled(world, replicas);
}

/** Of a StatefulSet. */
export const statefulSetStories: readonly Story[] = [
  {
    name: 'a StatefulSet, one pod after the other, grows and shrinks',
    async tell(world) {
      await statefulSet(world, 2, { volumeClaimTemplates: [claimTemplate] });
      await scaled(world, 3);
      await scaled(world, 1);
    },
  },
  {
    name: 'a StatefulSet, all pods at once, grows and shrinks',
    async tell(world) {
      await statefulSet(world, 3, { podManagementPolicy: 'Parallel' });
      await scaled(world, 1);
      await scaled(world, 3);
    },
  },
  ...['OrderedReady', 'Parallel'].map((podManagementPolicy) => ({
    name: `a StatefulSet (${podManagementPolicy}) is rolled to a partition, then all of it, then back`,
    async tell(world: StoryWorld) {
      await statefulSet(world, 3, { podManagementPolicy });
      await world.patch(SET, { spec: { ...newImage(images.sleeper2), updateStrategy: { rollingUpdate: { partition: 2 } } } });
      const held = ({ metadata, status }: any) =>
        status.observedGeneration === metadata.generation && status.updatedReplicas === 1 && status.availableReplicas === 3 && status.currentReplicas === 2;
      await world.until(SET, 'one is updated', held);
      await world.patch(SET, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
      await settled(world, 3);
      await world.patch(SET, { spec: newImage(images.sleeper) });
      await settled(world, 3);
    },
  })),
  {
    name: 'a StatefulSet whose pods are replaced when somebody deletes them',
    async tell(world) {
      await statefulSet(world, 2, { updateStrategy: { type: 'OnDelete' } });
      await world.patch(SET, { spec: newImage(images.sleeper2) });
      await world.until(SET, 'the template is seen', ({ metadata, status }) => status.observedGeneration === metadata.generation);
      await world.remove('v1/pods/w-0');
      await world.until(SET, 'one is updated', ({ status }) => status.updatedReplicas === 1 && status.availableReplicas === 2);
      await world.remove('v1/pods/w-1');
      await world.until(SET, 'both are updated', ({ status }) => status.updatedReplicas === 2 && status.availableReplicas === 2);
    },
  },
  {
    name: 'claims of a StatefulSet go with pods and set',
    async tell(world) {
      await statefulSet(world, 2, {
        volumeClaimTemplates: [claimTemplate],
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
      });
      await world.patch(SET, { spec: { replicas: 1 } });
      await settled(world, 1);
      await world.gone('v1/persistentvolumeclaims/data-w-1');
      await world.remove(SET);
      await world.gone('v1/persistentvolumeclaims/data-w-0');
      await world.gone('v1/pods/w-0');
    },
  },
  {
    name: 'a StatefulSet that is stuck',
    async tell(world) {
      await statefulSet(world, 2);
      await world.patch(SET, { spec: newImage(images.missing) });
      const stuck = (pod: any) => pod.spec.containers[0].image === images.missing && pod.spec.nodeName !== undefined;
      await world.until('v1/pods/w-1', 'the last pod is stuck', stuck);
      await world.patch(SET, { spec: newImage(images.sleeper) });
      const seen = ({ metadata, status }: any) => status.observedGeneration === metadata.generation && status.currentRevision === status.updateRevision;
      await world.until(SET, 'the old template is seen', seen);
      await world.remove('v1/pods/w-1');
      await settled(world, 2);
    },
  },
];
