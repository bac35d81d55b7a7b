import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { isTrue } from '../http/request-info.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, internal, notFound } from '../refusals.ts';

/** A container's log, from the node that runs the pod. @throws {Refusal} 404, 400 when it is not clear which container is meant or it has not started. */
export async function podLogs(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Outgoing> {
  const pod = core.store.get(served.bucket, objectKey(info.namespace, info.name!))?.object;
  if (pod === undefined) throw notFound(served, info.name!);
  for (const option of ['sinceSeconds', 'sinceTime', 'limitBytes']) {
    if (call.query.has(option)) throw badRequest(`this server does not serve logs by ${option}`);
  }
  const container = containerOf(pod, call.query.get('container') ?? '');
  const node = text(record(pod['spec'])['nodeName']) ?? '';
  if (node === '') throw badRequest(`container ${JSON.stringify(container)} in pod ${JSON.stringify(info.name)} is waiting to start: pod is not scheduled`);
  const kubelet = core.kubelets.get(node);
  if (kubelet === undefined)
    throw internal(`Get "https://${node}:10250/containerLogs/${info.namespace}/${info.name}/${container}": no kubelet of that node is attached`);
  const tail = call.query.get('tailLines');
  const signal = AbortSignal.any([call.signal, core.closing]);
  const lines = kubelet.logs({ namespace: info.namespace!, name: info.name! }, container, {
    follow: isTrue(call.query.get('follow')),
    tailLines: tail === null ? undefined : Number(tail),
    previous: isTrue(call.query.get('previous')),
    timestamps: isTrue(call.query.get('timestamps')),
    signal,
  });
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: encodedLines(lines, signal) };
}

async function* encodedLines(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const line of lines) yield encoder.encode(`${line}\n`);
  } catch (error) {
    // Whoever asked has gone: that is how following ends.
    if (!signal.aborted) throw error;
  }
}

/** The container that is meant: the only one when none is named. @throws {Refusal} 400 */
export function containerOf(pod: ApiObject, wanted: string): string {
  const spec = record(pod['spec']);
  const names = (field: string) => list(spec[field]).map((container) => text(record(container)['name']) ?? '');
  const [containers, initial] = [names('containers'), names('initContainers')];
  const name = pod.metadata.name;
  if (wanted !== '') {
    if ([...containers, ...initial].includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  }
  const marked = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (marked !== undefined && containers.includes(marked)) return marked;
  if (containers.length === 1) return containers[0]!;
  const also = initial.length === 0 ? '' : ` or one of the init containers: [${initial.join(' ')}]`;
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${also}`);
}
