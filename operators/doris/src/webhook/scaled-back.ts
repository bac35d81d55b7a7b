import type { AnyKind } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { allow, guard } from '@binnacle/runtime';
import type { Hook, View } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { DorisCluster } from '../api/doris-cluster.ts';
import { scalersOf, targetsOf } from '../autoscaler/others.ts';
import type { Target } from '../autoscaler/others.ts';
import { namesOf } from '../cluster/names.ts';
import { suspendedReplicas } from '../cluster/objects/stateful-set.ts';

/** Warns whoever takes an autoscaler away, or a part of one, that nodes which it added go with it. Back ends go slowly: all that they hold is moved first. */
export const scaledBack: readonly Hook[] = AUTOSCALERS.map((kind) =>
  guard({
    name: `${kind.plural}-scaled-back`,
    kind: kind as AnyKind,
    on: ['UPDATE', 'DELETE'],
    reads: [DorisCluster, StatefulSet, ...AUTOSCALERS],
    review: ({ object, before, ref }, view) => {
      const namespace = ref.namespace ?? '';
      const scaled = (of: unknown) => targetsOf(((of as { readonly spec?: unknown } | undefined)?.spec ?? { cluster: '' }) as AutoscalerSpec); // sound: the schema has judged it
      const staying = scaled(object);
      const warnings = scaled(before)
        .filter((target) => !staying.includes(target))
        // The next in line goes on with the nodes that there are.
        .filter((target) => scalersOf(view, { namespace, target }).every((one) => one.kind === kind.kind && one.name === ref.name))
        .flatMap((target) => leaving(target, namespace, view));
      return warnings.length === 0 ? allow : { type: 'allow', warnings };
    },
  }),
);

function leaving(target: Target, namespace: string, view: View): readonly string[] {
  const [name, part] = target.split('/') as [string, 'cn' | 'be']; // sound: a Target is made of these
  const cluster = view.get(DorisCluster, { namespace, name });
  const wanted = cluster?.spec[part]?.replicas;
  if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined || wanted === undefined) return [];
  const set = view.get(StatefulSet, { namespace, name: namesOf(name, part).statefulSet });
  const there = suspendedReplicas(set) ?? set?.spec?.replicas ?? 0;
  if (there <= wanted) return [];
  const [nodes, how] = part === 'be' ? ['back ends', ', one after the other, and all data on it is moved'] : ['compute nodes', ''];
  return [
    `DorisCluster ${name} has ${there} ${nodes}, and its spec.${part}.replicas says ${wanted}: the rest leaves${how}. To keep them set it to ${there} first`,
  ];
}
