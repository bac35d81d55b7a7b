import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { commitUpdate } from '../crud/commit.ts';
import { decodeBody } from '../crud/decode.ts';
import { located } from '../crud/metadata.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { record } from '../object.ts';
import { modified } from '../refusals.ts';

/** Replaces the finalizers in a namespace's spec, nothing else: when none is left the namespace goes. */
export async function finalizeNamespace(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<Result> {
  const wanted = located(served, decodeBody(served, call).object, info);
  const object = await commitUpdate(core, served, info.name!, info.name!, false, (before) => {
    const { resourceVersion } = wanted.metadata;
    if ((resourceVersion ?? '') !== '' && resourceVersion !== before.metadata.resourceVersion) throw modified(served, info.name!);
    const finalizers = record(wanted['spec'])['finalizers'];
    const { finalizers: _gone, ...spec } = record(before['spec']);
    return { ...before, spec: { ...spec, ...(Array.isArray(finalizers) && finalizers.length > 0 ? { finalizers } : {}) } };
  });
  return { status: 200, object };
}
