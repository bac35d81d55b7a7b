import { template } from '../../conformance/workloads.ts';
import { images } from '../../programs.ts';
import type { Story, StoryWorld } from '../story.ts';

const replicaSet = (name: string, replicas: number) => ({
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, images.sleeper) },
});

async function deployed(world: StoryWorld, deployment = replicaSet('d', 2)): Promise<void> {
  await world.make('apps/v1/deployments', deployment);
  await world.until('apps/v1/deployments/d', 'two are available', ({ status }) => status.availableReplicas === 2);
}

/** Of what goes with its owner. */
export const deletionStories: readonly Story[] = [
  ...(['Background', 'Foreground'] as const).map((propagationPolicy) => ({
    name: `a Deployment is deleted (${propagationPolicy})`,
    async tell(world: StoryWorld) {
      await deployed(world);
      await world.remove('apps/v1/deployments/d', { propagationPolicy });
      await world.gone('apps/v1/deployments/d');
      await world.all('apps/v1/replicasets', 'its set is gone', (sets) => sets.length === 0);
      await world.all('v1/pods', 'its pods are gone', (pods) => pods.length === 0);
    },
  })),
  {
    name: 'a ReplicaSet is deleted without its pods, and another one takes them',
    async tell(world) {
      await world.make('apps/v1/replicasets', replicaSet('r', 2));
      await world.until('apps/v1/replicasets/r', 'two are ready', ({ status }) => status.availableReplicas === 2);
      await world.remove('apps/v1/replicasets/r', { propagationPolicy: 'Orphan' });
      await world.gone('apps/v1/replicasets/r');
      await world.all('v1/pods', 'nobody owns them', (pods) => pods.every(({ metadata }) => metadata.ownerReferences === undefined));
      await world.make('apps/v1/replicasets', replicaSet('r', 2));
      await world.until('apps/v1/replicasets/r', 'two are ready again', ({ status }) => status.availableReplicas === 2);
    },
  },
  {
    name: 'ConfigMaps with one owner and with two',
    async tell(world) {
      const owners = await Promise.all(['a', 'b'].map((name) => world.make('v1/configmaps', { metadata: { name } })));
      const of = (some: readonly any[]) => some.map(({ metadata: { name, uid } }) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid }));
      await world.make('v1/configmaps', { metadata: { name: 'one', ownerReferences: of([owners[0]]) } });
      await world.make('v1/configmaps', { metadata: { name: 'two', ownerReferences: of(owners) } });
      await world.remove('v1/configmaps/a');
      await world.gone('v1/configmaps/one');
      await world.until('v1/configmaps/two', 'it has lost one owner', ({ metadata }) => metadata.ownerReferences?.length === 1);
      await world.remove('v1/configmaps/b');
      await world.gone('v1/configmaps/two');
    },
  },
  {
    name: 'a namespace is deleted with all that is in it',
    async tell(world) {
      // Longer than any machine takes: pods that outlast it are a failure to the real controller.
      const { metadata, spec } = replicaSet('d', 2);
      const patient = { ...spec.template, spec: { ...spec.template.spec, terminationGracePeriodSeconds: 10 } };
      await deployed(world, { metadata, spec: { ...spec, template: patient } });
      await world.make('v1/configmaps', { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
      const path = `/api/v1/namespaces/${world.ns.name}`;
      await world.remove(path);
      await world.all('v1/pods', 'its pods are gone', (pods) => pods.length === 0);
      const held = ({ type, status }: any) => type === 'NamespaceFinalizersRemaining' && status === 'True';
      await world.until(path, 'it says what holds it', ({ status }) => status.conditions?.some(held));
      await world.patch('v1/configmaps/held', { metadata: { finalizers: null } });
      await world.gone(path);
    },
  },
];
