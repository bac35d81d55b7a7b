import { V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { clusterOf } from '../../cluster/names.ts';
import { SCALED, hpaNames } from '../hpa.ts';
import { scalersFrom } from '../others.ts';

/**
 * Deletes HorizontalPodAutoscalers of nodes that are not this autoscaler's any more, before anything is waited for: those of the cluster that was named before would
 * go on adding back ends there, which that cluster then takes out again; and beside those of the autoscaler whose the nodes are, Kubernetes stops both.
 */
export const letGo = (kind: (typeof AUTOSCALERS)[number]) =>
  step('letGo', kind, { owns: [V2HorizontalPodAutoscaler], reads: [DorisCluster, ...AUTOSCALERS] }, async (object, cx) => {
    const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
    const { name, uid } = object.metadata;
    const cluster = await cx.get(DorisCluster, spec.cluster);
    for (const part of SCALED) {
      const [first] = await scalersFrom((other) => cx.list(other), `${spec.cluster}/${part}`);
      const theirs = first !== undefined && (first.kind !== kind.kind || first.name !== name);
      for (const hpa of hpaNames({ kind: kind.kind, name }, part)) {
        const live = await cx.get(V2HorizontalPodAutoscaler, hpa);
        const ours = live?.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
        if (!ours || (cluster !== undefined && !theirs && clusterOf(live.metadata.labels) === spec.cluster)) continue;
        await cx.delete(V2HorizontalPodAutoscaler, hpa);
      }
    }
    return done;
  });
