import type { AnyKind, DeepReadonly, Of } from '@binnacle/client';
import { filler } from '@binnacle/runtime';
import type { Hook } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import { DorisCluster } from '../api/doris-cluster.ts';
import { DorisInitializer } from '../api/doris-initializer.ts';
import { DorisMonitor } from '../api/doris-monitor.ts';
import { PERIOD_SECONDS } from '../autoscaler/hpa.ts';
import { INITIALIZER_IMAGE } from '../initializer/objects/job.ts';
import { MONITOR_IMAGES } from '../monitor/images.ts';

type Filled<K extends AnyKind> = DeepReadonly<Of<K>>;

/**
 * Writes down, when an object is made, what it is going to run with where its author left that out. What is written stays when a later version of the operator
 * has another default: images do not change under anybody's feet. Only on creation: who takes a field out later means the operator's own choice.
 */
export const fillers: readonly Hook[] = [
  onCreation('doris-cluster-defaults', DorisCluster, (object) => {
    const { be } = object.spec;
    const storage = be?.storage?.map((volume) => (volume.medium === undefined || volume.medium === '' ? { ...volume, medium: 'HDD' } : volume));
    const strategy = object.spec.statefulSetUpdateStrategy || 'RollingUpdate';
    return { ...object, spec: { ...object.spec, statefulSetUpdateStrategy: strategy, ...(storage === undefined ? {} : { be: { ...be!, storage } }) } };
  }),
  onCreation('doris-initializer-defaults', DorisInitializer, (object) => ({
    ...object,
    spec: { ...object.spec, image: object.spec.image || INITIALIZER_IMAGE },
  })),
  onCreation('doris-monitor-defaults', DorisMonitor, (object) => {
    let { spec } = object;
    for (const [part, image] of Object.entries(MONITOR_IMAGES) as [keyof typeof MONITOR_IMAGES, string][]) {
      const own = spec[part];
      if (own !== undefined && own.image === '') spec = { ...spec, [part]: { ...own, image } };
    }
    return { ...object, spec };
  }),
  ...AUTOSCALERS.map((kind) =>
    onCreation(`${kind.plural}-defaults`, kind, (object) => {
      const { cn } = object.spec;
      if (cn === undefined || cn.behavior !== undefined) return object;
      const { scaleUp = PERIOD_SECONDS, scaleDown = PERIOD_SECONDS } = cn.scalePeriodSeconds ?? {};
      const replicas = { ...cn.replicas, min: cn.replicas?.min ?? 1 };
      return { ...object, spec: { ...object.spec, cn: { ...cn, replicas, scalePeriodSeconds: { scaleUp, scaleDown } } } };
    }),
  ),
];

function onCreation<K extends AnyKind>(name: string, kind: K, fill: (object: Filled<K>) => Filled<K>): Hook {
  return filler({
    name,
    kind,
    on: ['CREATE'],
    // What the schema refuses right after is not of the type yet: it stays as it is.
    fill: ({ object }) => (isSpecified(object) ? fill(object) : object) as Filled<K>,
  });
}

const isSpecified = <T>(object: T | undefined): object is T => typeof (object as { readonly spec?: unknown } | undefined)?.spec === 'object';
