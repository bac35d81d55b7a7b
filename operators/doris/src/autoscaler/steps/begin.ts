import { StatefulSet } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import type { Desired } from '@binnacle/runtime';
import type { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { labelsOf, namesOf } from '../../cluster/names.ts';
import { directionsOf } from '../hpa.ts';

type Kind = (typeof AUTOSCALERS)[number];

/**
 * Gives the scale subresource what a HorizontalPodAutoscaler needs to begin: as many compute nodes as there are, once, and never again, since from then on the
 * number is its own. A field that nobody has set would be read as none wanted.
 */
export const begin = (kind: Kind) =>
  step('begin', kind, { owns: [kind], reads: [StatefulSet, DorisCluster] }, async (object, cx) => {
    const spec = object.spec as AutoscalerSpec; // sound: a Live spec is the declared one
    if (directionsOf(spec, 'cn').length === 0) {
      cx.status({ replicas: undefined, selector: undefined });
      return done;
    }
    const live = await cx.get(StatefulSet, namesOf(spec.cluster, 'cn').statefulSet);
    const selector = Object.entries(labelsOf(spec.cluster, 'cn')).map(([key, value]) => `${key}=${value}`);
    cx.status({ replicas: live?.status?.replicas ?? 0, selector: selector.join(',') });
    if (spec.replicas !== undefined) return done;
    const { min = 1, max = 1 } = spec.cn?.replicas ?? {};
    const there = live?.spec?.replicas ?? (await cx.get(DorisCluster, spec.cluster))?.spec.cn?.replicas ?? min;
    const replicas = Math.min(Math.max(there, min), max);
    // Sound: server-side apply takes a part of an object, and what is missing here is its author's.
    await cx.apply(kind, { name: object.metadata.name, spec: { replicas } } as unknown as Desired<Kind>, { owner: 'none' });
    return done;
  });
