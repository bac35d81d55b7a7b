import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { deleteAdmitted } from '../crud/delete.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { notFound, internal } from '../refusals.ts';
import { matchesSelector } from '../select/label-selector.ts';
import { timestamp } from '@binnacle/client';

const BUDGETS = 'poddisruptionbudgets.policy';

/**
 * Deletes a pod if its disruption budget lets it (spec/sandbox.md §2.16): what `kubectl drain` asks for.
 * @throws {Refusal} 429 when the budget is used up; 404 when there is no such pod.
 */
export function evictPod(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const key = objectKey(info.namespace, info.name!);
  const pod = core.store.get(served.bucket, key)?.object;
  if (pod === undefined) throw notFound(served, info.name!);
  const options = record(record(readBody(call)?.value)['deleteOptions']);
  const dryRun = list(options['dryRun']).includes('All') || call.query.getAll('dryRun').includes('All');
  if (!isTerminal(pod)) spendBudget(core, info.namespace!, pod, dryRun);
  const body = new TextEncoder().encode(JSON.stringify(options));
  deleteAdmitted(core, served, info, { ...call, headers: { ...call.headers, 'content-type': 'application/json' }, body });
  return { status: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** A pod that does not run serves nobody. */
function isTerminal(pod: ApiObject): boolean {
  const phase = text(record(pod['status'])['phase']);
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
}

function spendBudget(core: Core, namespace: string, pod: ApiObject, dryRun: boolean): void {
  const matching = core.store
    .list(BUDGETS, `${namespace}/`)
    .filter(({ object }) => matchesSelector(record(object['spec'])['selector'] as Parameters<typeof matchesSelector>[0], pod.metadata.labels ?? {}));
  const [entry, second] = matching;
  if (entry === undefined) return;
  if (second !== undefined) throw internal('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
  const budget = entry.object;
  const status = record(budget['status']);
  const allowed = Number(status['disruptionsAllowed'] ?? 0);
  const stale = Number(status['observedGeneration'] ?? 0) < (budget.metadata.generation ?? 0);
  if (stale || allowed <= 0) {
    const [wanted, healthy] = [Number(status['desiredHealthy'] ?? 0), Number(status['currentHealthy'] ?? 0)];
    const why = stale
      ? `The disruption budget ${budget.metadata.name} is still being processed by the server.`
      : `The disruption budget ${budget.metadata.name} needs ${wanted} healthy pods and has ${healthy} currently`;
    const message = "Cannot evict pod as it would violate the pod's disruption budget.";
    throw new Refusal(429, 'TooManyRequests', message, { causes: [{ reason: 'DisruptionBudget', message: why }] });
  }
  if (dryRun) return;
  // Spent at once: the next eviction must not be let through on a count from before this one.
  const disruptedPods = { ...record(status['disruptedPods']), [pod.metadata.name!]: timestamp(core.clock.now()) };
  core.store.put(BUDGETS, entry.key, { ...budget, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods } }, entry);
}
