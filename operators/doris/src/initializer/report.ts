import type { Pass } from '@binnacle/runtime';
import type { InitializerStatus } from '../api/doris-initializer.ts';
import { valueHash } from '../cluster/hash.ts';

/** The existing operator's words for how a pass ended. Unlike there, waiting for the cluster is `waiting` and not `failed` (spec/doris-operator.md §10 #26). */
export function report(object: { readonly spec: unknown; readonly status?: unknown }, { outcome }: Pass): Partial<InitializerStatus> {
  const { run } = (object.status ?? {}) as InitializerStatus; // sound: a Live status is the declared one
  if (outcome.type === 'gone') return {};
  if (outcome.type === 'done') {
    // Without a cluster nothing was run, and the hash would say that it was.
    const { cluster } = object.spec as { readonly cluster: string };
    return { phase: 'applied', Message: '', ...(cluster === '' ? {} : { LastApplySpecHash: valueHash(object.spec) }) };
  }
  if (outcome.type === 'error' || outcome.type === 'stop') return { phase: 'failed', Message: outcome.message };
  const begun = run !== undefined && run.state !== 'Starting';
  return { phase: begun ? 'applied' : 'waiting', Message: outcome.message };
}
