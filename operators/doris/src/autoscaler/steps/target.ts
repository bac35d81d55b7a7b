import { done, step, stop, waitFor } from '@binnacle/runtime';
import { AUTOSCALERS, autoscalerFaults } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Waiting } from '../../waiting.ts';
import { SCALED, directionsOf } from '../hpa.ts';
import { scalersFrom, targetsOf } from '../others.ts';

const WORD = { cn: ['NoComputeNodes', 'compute nodes'], be: ['NoBackEnds', 'back ends'] } as const;

/** What is to be scaled is there, and no other autoscaler of either kind was there first. */
export const target = (kind: (typeof AUTOSCALERS)[number], waiting: Waiting) =>
  step('target', kind, { reads: [DorisCluster, ...AUTOSCALERS] }, async (object, cx) => {
    const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
    const { name, namespace = '' } = object.metadata;
    if (spec.cluster === '' || (spec.cn === undefined && spec.be === undefined)) {
      cx.status({ clusterRef: undefined });
      return done;
    }
    waiting.add({ namespace, name: spec.cluster }, { namespace, name });
    const cluster = await cx.get(DorisCluster, spec.cluster);
    if (cluster === undefined) return waitFor('ClusterMissing', `there is no DorisCluster ${spec.cluster}`);
    for (const part of SCALED) {
      if (spec[part] === undefined || cluster.spec[part] !== undefined) continue;
      const [reason, word] = WORD[part];
      return waitFor(reason, `DorisCluster ${spec.cluster} has no spec.${part}: there are no ${word} to scale`);
    }
    cx.status({ clusterRef: { name: spec.cluster, namespace } });
    for (const one of targetsOf(spec)) {
      const [first] = await scalersFrom((other) => cx.list(other), one);
      if (first === undefined || (first.kind === kind.kind && first.name === name)) continue;
      return stop('AlreadyScaled', `${first.kind} ${first.name} scales ${WORD[one.endsWith('/cn') ? 'cn' : 'be'][1]} of DorisCluster ${spec.cluster} already`);
    }
    for (const part of SCALED) {
      if (directionsOf(spec, part).length > 0 && (spec[part]?.replicas?.max ?? 0) < 1)
        return stop('NoMaximum', `spec.${part}.replicas.max must be at least 1: without it nothing bounds what the rules add`);
    }
    // Objects may be older than the rules at admission.
    const found = [...autoscalerFaults(spec)];
    return found.length === 0 ? done : stop('InvalidSpec', found.map(({ field, message }) => `${field}: ${message}`).join('; '));
  });
