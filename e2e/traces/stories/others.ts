import { template } from '../../conformance/workloads.ts';
import { images } from '../../programs.ts';
import type { Story } from '../story.ts';

const newImage = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const claim = (name: string, more: object = {}) => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } }, ...more },
});
const podWith = (claimName: string) => ({
  metadata: { name: 'p' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'c', image: images.sleeper, volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }],
  },
});
const isRunning = ({ status }: any) => status.phase === 'Running';

/** Of DaemonSets, budgets and claims. */
export const otherStories: readonly Story[] = [
  {
    name: 'a DaemonSet is rolled and deleted',
    async tell(world) {
      const path = 'apps/v1/daemonsets/s';
      const settled = ({ metadata, status }: any) =>
        status.observedGeneration === metadata.generation && status.numberAvailable === 1 && status.updatedNumberScheduled === 1;
      await world.make('apps/v1/daemonsets', {
        metadata: { name: 's' },
        spec: { selector: { matchLabels: { app: 's' } }, template: template('s', images.sleeper) },
      });
      await world.until(path, 'it runs', settled);
      await world.patch(path, { spec: newImage(images.sleeper2) });
      await world.until(path, 'it is rolled', settled);
      await world.remove(path);
      await world.gone(path);
      await world.all('v1/pods', 'its pod is gone', (pods) => pods.length === 0);
    },
  },
  {
    name: 'a PodDisruptionBudget lets one go at a time',
    async tell(world) {
      const path = 'policy/v1/poddisruptionbudgets/b';
      const settled = ({ metadata, status }: any) =>
        status?.observedGeneration === metadata.generation &&
        status.currentHealthy === 3 &&
        status.disruptionsAllowed === 1 &&
        status.disruptedPods === undefined;
      await world.make('apps/v1/replicasets', {
        metadata: { name: 'r' },
        spec: { replicas: 3, selector: { matchLabels: { app: 'r' } }, template: template('r', images.sleeper) },
      });
      const [pod] = await world.all('v1/pods', 'three run', (pods) => pods.length === 3 && pods.every(isRunning));
      await world.until('apps/v1/replicasets/r', 'three are ready', ({ status }) => status.availableReplicas === 3);
      await world.make('policy/v1/poddisruptionbudgets', { metadata: { name: 'b' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'r' } } } });
      await world.until(path, 'one may go', settled);
      const { name } = pod.metadata;
      await world.ask('POST', `v1/pods/${name}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: world.ns.name } });
      await world.gone(`v1/pods/${name}`);
      await world.until(path, 'one may go again', settled);
      await world.until('apps/v1/replicasets/r', 'three are ready again', ({ status }) => status.availableReplicas === 3 && status.terminatingReplicas === 0);
    },
  },
  {
    name: 'a claim is bound when a pod wants it, and stays while the pod does',
    async tell(world) {
      const path = 'v1/persistentvolumeclaims/c';
      await world.make('v1/persistentvolumeclaims', claim('c'));
      await world.make('v1/pods', podWith('c'));
      await world.until('v1/pods/p', 'it runs', isRunning);
      await world.until(path, 'it is bound', ({ status }) => status.phase === 'Bound');
      await world.remove(path);
      await world.remove('v1/pods/p');
      await world.gone(path);
    },
  },
  {
    name: 'a claim is bound to a volume that is there',
    async tell(world) {
      const volume = `v-${world.ns.name}`;
      const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: world.ns.name, hostPath: { path: '/v' } };
      await world.make('/api/v1/persistentvolumes', { metadata: { name: volume }, spec });
      await world.make('v1/persistentvolumeclaims', claim('c', { storageClassName: world.ns.name }));
      await world.until('v1/persistentvolumeclaims/c', 'it is bound', ({ status }) => status.phase === 'Bound');
      await world.remove('v1/persistentvolumeclaims/c');
      await world.gone('v1/persistentvolumeclaims/c');
      await world.until(`/api/v1/persistentvolumes/${volume}`, 'it is released', ({ status }) => status.phase === 'Released');
      await world.remove(`/api/v1/persistentvolumes/${volume}`);
    },
  },
];
