import { controller, watch } from '@binnacle/runtime';
import type { Pass } from '@binnacle/runtime';
import { DorisAutoscaler } from '../api/doris-autoscaler.ts';
import type { AutoscalerStatus } from '../api/doris-autoscaler.ts';
import { DorisCluster } from '../api/doris-cluster.ts';
import { valueHash } from '../cluster/hash.ts';
import { waiting } from '../waiting.ts';
import { hpas } from './steps/hpas.ts';
import { target } from './steps/target.ts';

/** Scales compute nodes through HorizontalPodAutoscalers. */
export function autoscalerController() {
  const waits = waiting();
  return controller(DorisAutoscaler, {
    steps: [target(waits), hpas],
    watches: [watch(DorisCluster, (cluster) => waits.take({ name: cluster.metadata.name, namespace: cluster.metadata.namespace ?? '' }))],
    report,
  });
}

/** The existing operator's words. Steps say what was found; this says how it ended. */
function report(object: { readonly spec: unknown; readonly status?: unknown }, { outcome }: Pass): Partial<AutoscalerStatus> {
  const before = (object.status ?? {}) as AutoscalerStatus; // sound: a Live status is the declared one
  if (outcome.type === 'gone') return {};
  if (outcome.type === 'done') return { lastApplySpecHash: valueHash(object.spec) };
  return { cn: { ...before.cn, phase: 'failed', Message: outcome.message } };
}
