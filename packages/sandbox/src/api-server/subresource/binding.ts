import { timestamp } from '@binnacle/client';
import { Refusal } from '../../refusal.ts';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { commitUpdate } from '../crud/commit.ts';
import { writeOptions } from '../crud/options.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text, withMetadata } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, conflict } from '../refusals.ts';

/** What a conflict is about. */
const BINDING = { group: '', plural: 'pods/binding' };

/**
 * Puts a pod on a node, once and for all: what a scheduler does. Source: pkg/registry/core/pod/storage/storage.go, `BindingREST`.
 * @throws {Refusal} 400 when the Binding is another pod's; 409 when the pod is on a node or going; 500 for a target that is no node, as the real server has it.
 */
export async function bindPod(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const { dryRun } = writeOptions('CreateOptions', call, false);
  const binding = record(readBody(call)?.value);
  const metadata = record(binding['metadata']);
  if (metadata['name'] !== info.name) throw badRequest('name in URL does not match name in Binding object');
  const node = targetOf(record(binding['target']));
  const uid = text(metadata['uid']) ?? '';
  await commitUpdate(core, served, objectKey(info.namespace, info.name!), info.name!, dryRun, (pod) => {
    if (uid !== '' && uid !== pod.metadata.uid)
      throw conflict(served, info.name!, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
    return bound(core, pod, node, metadata);
  });
  return { status: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** @throws {Refusal} 500 */
function targetOf(target: Readonly<Record<string, unknown>>): string {
  const [kind, name] = [text(target['kind']) ?? '', text(target['name']) ?? ''];
  const wrong = [
    ...(kind === '' || kind === 'Node' ? [] : [`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`]),
    ...(name === '' ? ['target.name: Required value'] : []),
  ];
  if (wrong.length > 0) throw new Refusal(500, '', wrong.length === 1 ? wrong[0]! : `[${wrong.join(', ')}]`);
  return name;
}

/** Labels and annotations of the Binding become the pod's. @throws {Refusal} 409 */
function bound(core: Core, pod: ApiObject, node: string, metadata: Readonly<Record<string, unknown>>): ApiObject {
  const spec = record(pod['spec']);
  const name = pod.metadata.name!;
  if (pod.metadata.deletionTimestamp !== undefined) throw conflict(BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  const taken = text(spec['nodeName']) ?? '';
  if (taken !== '') throw conflict(BINDING, name, `pod ${name} is already assigned to node ${JSON.stringify(taken)}`);
  const status = record(pod['status']);
  const others = list(status['conditions']).filter((condition) => record(condition)['type'] !== 'PodScheduled');
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(core.clock.now()) };
  const generation = (pod.metadata.generation ?? 0) + 1;
  const placed = withMetadata(pod, {
    ...(pod.metadata.generation === undefined ? {} : { generation }),
    ...merged('labels', pod.metadata.labels, metadata['labels']),
    ...merged('annotations', pod.metadata.annotations, metadata['annotations']),
  });
  return { ...placed, spec: { ...spec, nodeName: node }, status: { ...status, conditions: [...others, scheduled] } };
}

function merged(key: 'labels' | 'annotations', own: Readonly<Record<string, string>> | undefined, added: unknown): object {
  return Object.keys(record(added)).length === 0 ? {} : { [key]: { ...own, ...record(added) } };
}
