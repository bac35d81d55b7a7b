import { controller, watch } from '@binnacle/runtime';
import type { Pass } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import type { AutoscalerStatus } from '../api/doris-autoscaler.ts';
import { DorisCluster } from '../api/doris-cluster.ts';
import { valueHash } from '../cluster/hash.ts';
import { waiting } from '../waiting.ts';
import { begin } from './steps/begin.ts';
import { letGo } from './steps/let-go.ts';
import { hpas } from './steps/hpas.ts';
import { target } from './steps/target.ts';

/** Scales nodes through HorizontalPodAutoscalers: the same controller for either name of the kind. */
export function autoscalerControllers() {
  return AUTOSCALERS.map((kind) => {
    const waits = waiting();
    const waitersOf = (namespace: string | undefined, name: string) => waits.take({ name, namespace: namespace ?? '' });
    return controller(kind, {
      steps: [letGo(kind), target(kind, waits), begin(kind), hpas(kind)],
      watches: [
        watch(DorisCluster, ({ metadata }) => waitersOf(metadata.namespace, metadata.name)),
        // Whoever had to stand back is told when the other one goes.
        ...AUTOSCALERS.map((other) => watch(other, ({ metadata, spec }) => waitersOf(metadata.namespace, spec.cluster))),
      ],
      report,
    });
  });
}

/** The existing operator's words. Steps say what was found; this says how it ended. */
function report(object: { readonly spec: unknown; readonly status?: unknown }, { outcome }: Pass): Partial<AutoscalerStatus> {
  const before = (object.status ?? {}) as AutoscalerStatus; // sound: a Live status is the declared one
  if (outcome.type === 'gone') return {};
  if (outcome.type === 'done') return { lastApplySpecHash: valueHash(object.spec) };
  return { cn: { ...before.cn, phase: 'failed', Message: outcome.message } };
}
