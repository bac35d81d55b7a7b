import { parseTimestamp } from '@binnacle/client';
import { invalid as invalidField } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { Call, Outgoing } from '../http/call.ts';
import { isTrue } from '../http/request-info.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, internal, invalid, notFound } from '../refusals.ts';

/** A container's log, from the node that runs the pod. @throws {Refusal} 404, 400 when it is not clear which container is meant or it has not started. */
export async function podLogs(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Outgoing> {
  const pod = core.store.get(served.bucket, objectKey(info.namespace, info.name!))?.object;
  if (pod === undefined) throw notFound(served, info.name!);
  const options = logOptions(call.query, core.clock.now());
  const container = containerOf(pod, call.query.get('container') ?? '');
  const node = text(record(pod['spec'])['nodeName']) ?? '';
  if (node === '') throw badRequest(`container ${JSON.stringify(container)} in pod ${JSON.stringify(info.name)} is waiting to start: pod is not scheduled`);
  const kubelet = core.kubelets.get(node);
  if (kubelet === undefined)
    throw internal(`Get "https://${node}:10250/containerLogs/${info.namespace}/${info.name}/${container}": no kubelet of that node is attached`);
  const signal = AbortSignal.any([call.signal, core.closing]);
  const lines = kubelet.logs({ namespace: info.namespace!, name: info.name! }, container, {
    follow: isTrue(call.query.get('follow')),
    tailLines: options.tailLines,
    since: options.since,
    previous: isTrue(call.query.get('previous')),
    timestamps: isTrue(call.query.get('timestamps')),
    signal,
  });
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: encodedLines(lines, options.limitBytes, signal) };
}

interface LogOptions {
  readonly tailLines: number | undefined;
  /** Ms since the epoch. */
  readonly since: number | undefined;
  readonly limitBytes: number | undefined;
}

/** Which part of a log is wanted. @throws {Refusal} 422 */
function logOptions(query: URLSearchParams, now: number): LogOptions {
  const errors: FieldError[] = [];
  const number = (name: string, least: number): number | undefined => {
    const given = query.get(name);
    if (given === null || given === '') return undefined;
    const value = Number(given);
    if (!Number.isInteger(value) || value < least) errors.push(invalidField(name, value, `must be greater than or equal to ${least}`));
    return value;
  };
  const [tailLines, limitBytes, sinceSeconds] = [number('tailLines', 0), number('limitBytes', 1), number('sinceSeconds', 1)];
  const sinceTime = query.get('sinceTime');
  const since = sinceTime === null ? undefined : parseTimestamp(sinceTime);
  if (since !== undefined && Number.isNaN(since)) errors.push(invalidField('sinceTime', sinceTime, 'must be a time as RFC 3339 writes it'));
  if (since !== undefined && sinceSeconds !== undefined) {
    errors.push({ reason: 'FieldValueForbidden', field: 'sinceTime', message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified' });
  }
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, '', errors);
  return { tailLines, limitBytes, since: sinceSeconds === undefined ? since : now - sinceSeconds * 1000 };
}

/** `limitBytes`: after so many it ends, in the middle of a line if need be. */
async function* encodedLines(lines: AsyncIterable<string>, limitBytes: number | undefined, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let left = limitBytes ?? Infinity;
  try {
    for await (const line of lines) {
      const bytes = encoder.encode(`${line}\n`).subarray(0, left);
      left -= bytes.byteLength;
      yield bytes;
      if (left <= 0) return;
    }
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
