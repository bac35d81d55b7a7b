import { done, step, stop, waitFor } from '@binnacle/runtime';
import { DorisAutoscaler } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Waiting } from '../../waiting.ts';
import { directionsOf } from '../hpa.ts';

/** What is to be scaled is there, and no other autoscaler scales it. */
export const target = (waiting: Waiting) =>
  step('target', DorisAutoscaler, { reads: [DorisCluster, DorisAutoscaler] }, async (object, cx) => {
    const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
    const { name, namespace = '' } = object.metadata;
    if (spec.cluster === '' || spec.cn === undefined) {
      cx.status({ clusterRef: undefined });
      return done;
    }
    waiting.add({ namespace, name: spec.cluster }, { namespace, name });
    const cluster = await cx.get(DorisCluster, spec.cluster);
    if (cluster === undefined) return waitFor('ClusterMissing', `there is no DorisCluster ${spec.cluster}`);
    if (cluster.spec.cn === undefined) return waitFor('NoComputeNodes', `DorisCluster ${spec.cluster} has no spec.cn: there is nothing to scale`);
    cx.status({ clusterRef: { name: spec.cluster, namespace } });
    const other = (await cx.list(DorisAutoscaler)).find(
      (one) => one.metadata.name < name && one.spec.cluster === spec.cluster && one.spec.cn !== undefined && one.metadata.deletionTimestamp === undefined,
    );
    if (other !== undefined) return stop('AlreadyScaled', `DorisAutoscaler ${other.metadata.name} scales DorisCluster ${spec.cluster} already`);
    if (directionsOf(spec).length > 0 && (spec.cn.replicas?.max ?? 0) < 1)
      return stop('NoMaximum', 'spec.cn.replicas.max must be at least 1: without it nothing bounds what the rules add');
    return done;
  });
