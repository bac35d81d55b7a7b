import type { AnyKind } from '@binnacle/client';
import { allow, guard, refuse } from '@binnacle/runtime';
import type { Hook, View } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { DorisMonitor } from '../api/doris-monitor.ts';
import { scalersOf, targetsOf } from '../autoscaler/others.ts';

/** Refuses a second object for what one object alone can look after. The one that was there first stays, and so does an older pair: only a new claim is judged. */
export const onlyOne: readonly Hook[] = [
  ...AUTOSCALERS.map((kind) =>
    single(kind, `${kind.plural}-target`, AUTOSCALERS, (write, view) => {
      const spec = write.spec as AutoscalerSpec; // sound: the schema has judged it
      const claims = targetsOf(spec).filter((target) => write.before === undefined || !targetsOf(write.before as AutoscalerSpec).includes(target));
      for (const target of claims) {
        const other = scalersOf(view, { namespace: write.namespace, target }).find((one) => one.kind !== kind.kind || one.name !== write.name);
        if (other !== undefined) return `spec.${target.split('/')[1]}: ${other.kind} ${other.name} scales these nodes of DorisCluster ${spec.cluster} already`;
      }
      return undefined;
    }),
  ),
  single(DorisMonitor, 'doris-monitor-target', [DorisMonitor], ({ spec, before, name, namespace }, view) => {
    const { cluster } = spec as { readonly cluster: string };
    if (cluster === '' || (before as { readonly cluster?: string } | undefined)?.cluster === cluster) return undefined;
    const other = view.list(DorisMonitor, { namespace }).find((one) => one.metadata.name !== name && one.spec.cluster === cluster);
    return other === undefined ? undefined : `spec.cluster: DorisMonitor ${other.metadata.name} monitors DorisCluster ${cluster} already`;
  }),
];

interface Claim {
  readonly spec: unknown;
  readonly before: unknown;
  readonly name: string;
  readonly namespace: string;
}

function single(kind: AnyKind, name: string, reads: readonly AnyKind[], fault: (claim: Claim, view: View) => string | undefined): Hook {
  return guard({
    name,
    kind,
    on: ['CREATE', 'UPDATE'],
    reads,
    review: ({ object, before, ref }, view) => {
      const [now, was] = [object as { readonly spec?: unknown } | undefined, before as { readonly spec?: unknown } | undefined];
      if (now?.spec === undefined) return allow;
      const message = fault({ spec: now.spec, before: was?.spec, name: ref.name, namespace: ref.namespace ?? '' }, view);
      return message === undefined ? allow : refuse(message);
    },
  });
}
