import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { deleteAdmitted } from '../crud/delete.ts';
import { writeOptions } from '../crud/options.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, notFound, internal } from '../refusals.ts';
import { matchesSelector } from '../select/label-selector.ts';
import { timestamp } from '@binnacle/client';

const BUDGETS = 'poddisruptionbudgets.policy';

/**
 * Deletes a pod if its disruption budget lets it (spec/sandbox.md §2.16): what `kubectl drain` asks for.
 * @throws {Refusal} 400 when the Eviction is another pod's; 404 when there is no such pod; 429 when the budget is used up.
 */
export function evictPod(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const asked = writeOptions('CreateOptions', call, false);
  const eviction = record(readBody(call)?.value);
  if (record(eviction['metadata'])['name'] !== info.name) throw badRequest('name in URL does not match name in Eviction object');
  const key = objectKey(info.namespace, info.name!);
  const pod = core.store.get(served.bucket, key)?.object;
  if (pod === undefined) throw notFound(served, info.name!);
  const options = record(eviction['deleteOptions']);
  const dryRun = list(options['dryRun']).includes('All') || asked.dryRun;
  if (!isTerminal(pod)) spendBudget(core, info.namespace!, pod, dryRun);
  const body = new TextEncoder().encode(JSON.stringify({ ...options, ...(dryRun ? { dryRun: ['All'] } : {}) }));
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
