import { Refusal } from '../../refusal.ts';
import type { Kubelet } from '../../kubelet.ts';
import type { Core } from '../core/core.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, internal, notFound } from '../refusals.ts';

/** A running pod and who answers for it. */
export interface RunningPod {
  readonly object: ApiObject;
  readonly kubelet: Kubelet;
}

/** The pod that a request names. @throws {Refusal} 404; 400 when it has no node; 500 when it does not run or nobody answers for its node. */
export function runningPod(core: Core, info: ResourceRequest): RunningPod {
  const name = info.name!;
  const object = core.store.get('pods', objectKey(info.namespace, name))?.object;
  if (object === undefined) throw notFound({ group: '', plural: 'pods' }, name);
  const node = text(record(object['spec'])['nodeName']) ?? '';
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`);
  const phase = text(record(object['status'])['phase']) ?? 'Pending';
  if (phase !== 'Running') throw new Refusal(400, 'BadRequest', `pod ${name} is not running. Current status=${phase}`);
  const kubelet = core.kubelets.get(node);
  if (kubelet === undefined) throw internal(`no kubelet of node ${node} is attached`);
  return { object, kubelet };
}
