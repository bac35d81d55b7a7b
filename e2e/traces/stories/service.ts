import { template } from '../../conformance/workloads.ts';
import { images } from '../../programs.ts';
import type { Story } from '../story.ts';

const SCALER = 'autoscaling/v2/horizontalpodautoscalers';
const addresses = (slices: readonly any[], isReady: boolean) =>
  slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }: any) => conditions.ready === isReady).length;

/** Of Services and of autoscalers. */
export const serviceStories: readonly Story[] = [
  {
    name: 'a Service follows its pods',
    endpoints: true,
    async tell(world) {
      const slices = 'discovery.k8s.io/v1/endpointslices';
      await world.make('v1/services', { metadata: { name: 's' }, spec: { selector: { app: 's' }, ports: [{ name: 'http', port: 80 }] } });
      await world.all(slices, 'there is a slice', (all) => all.length === 1);
      await world.until('v1/endpoints/s', 'there are endpoints', () => true);
      const pod = { metadata: { name: 'p', labels: { app: 's' } }, spec: template('s', images.sleeper).spec };
      await world.make('v1/pods', pod);
      await world.all(slices, 'it is ready', (all) => addresses(all, true) === 1);
      await world.until('v1/endpoints/s', 'it is ready here too', ({ subsets }) => subsets?.[0]?.addresses?.length === 1);
      await world.patch('v1/pods/p', { metadata: { labels: { app: 'other' } } });
      await world.all(slices, 'it has left', (all) => addresses(all, true) + addresses(all, false) === 0);
      await world.until('v1/endpoints/s', 'it has left here too', ({ subsets }) => subsets === undefined);
      await world.remove('v1/services/s');
      await world.all(slices, 'the slice is gone', (all) => all.length === 0);
      await world.gone('v1/endpoints/s');
    },
  },
  {
    name: 'an autoscaler without metrics holds to its limits',
    async tell(world) {
      const spec = { replicas: 1, selector: { matchLabels: { app: 'd' } }, template: template('d', images.sleeper) };
      await world.make('apps/v1/deployments', { metadata: { name: 'd' }, spec });
      await world.until('apps/v1/deployments/d', 'one is available', ({ status }) => status.availableReplicas === 1);
      const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
      const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
      await world.make(SCALER, { metadata: { name: 'h' }, spec: { scaleTargetRef: target, minReplicas: 2, maxReplicas: 3, metrics: [cpu] } });
      await world.until('apps/v1/deployments/d', 'two are available', ({ status }) => status.availableReplicas === 2 && status.terminatingReplicas === 0);
      const says = (object: any, wanted: string) => object.status.conditions?.find(({ type }: any) => type === wanted)?.status;
      await world.until(`${SCALER}/h`, 'it misses metrics', (object) => says(object, 'ScalingActive') === 'False' && object.status.currentReplicas === 2);
      await world.remove(`${SCALER}/h`);
      await world.gone(`${SCALER}/h`);
    },
  },
];
