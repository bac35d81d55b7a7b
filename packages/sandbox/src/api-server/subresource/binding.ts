import { timestamp } from '@binnacle/client';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { commitUpdate } from '../crud/commit.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text, withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, conflict } from '../refusals.ts';

/** Puts a pod on a node, once and for all: what a scheduler does. */
export async function bindPod(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const binding = record(readBody(call)?.value);
  const node = text(record(binding['target'])['name']) ?? '';
  if (node === '') throw badRequest('target.name: Required value');
  const uid = text(record(binding['metadata'])['uid']) ?? '';
  const dryRun = call.query.getAll('dryRun').includes('All');
  await commitUpdate(core, served, objectKey(info.namespace, info.name!), info.name!, dryRun, (pod) => {
    if (uid !== '' && uid !== pod.metadata.uid)
      throw conflict(served, info.name!, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
    return bound(core, served, pod, node);
  });
  return { status: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** @throws {Refusal} 409 */
function bound(core: Core, served: Served, pod: ApiObject, node: string): ApiObject {
  const spec = record(pod['spec']);
  const name = pod.metadata.name!;
  if (pod.metadata.deletionTimestamp !== undefined) throw conflict(served, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  const taken = text(spec['nodeName']) ?? '';
  if (taken !== '') throw conflict(served, name, `pod ${name} is already assigned to node ${JSON.stringify(taken)}`);
  const status = record(pod['status']);
  const others = list(status['conditions']).filter((condition) => record(condition)['type'] !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(core.clock.now()) };
  const generation = (pod.metadata.generation ?? 0) + 1;
  const placed = withMetadata(pod, pod.metadata.generation === undefined ? {} : { generation });
  return { ...placed, spec: { ...spec, nodeName: node }, status: { ...status, conditions: [...others, scheduled] } };
}
