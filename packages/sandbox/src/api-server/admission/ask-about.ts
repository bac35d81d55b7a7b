import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { readBody } from '../http/body.ts';
import type { Call } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion, list, record } from '../object.ts';
import { admissionOf, admitRequest } from './admission.ts';

/** Asks the webhooks about a request whose body is of a kind of its own and is not stored: a Binding, an Eviction, a TokenRequest. @throws {Refusal} */
export async function askAbout(core: Core, served: Served, info: ResourceRequest, call: Call): Promise<void> {
  const { group, version, kind } = served.subresources.find(({ name }) => name === info.subresource)!;
  const body = record(readBody(call)?.value);
  const metadata = { ...record(body['metadata']), name: info.name!, ...(info.namespace === undefined ? {} : { namespace: info.namespace }) };
  const object = { ...body, apiVersion: groupVersion({ group, version }), kind, metadata };
  const inBody = list(record(body['deleteOptions'])['dryRun']).includes('All');
  await admitRequest(core, admissionOf(served, info, call, inBody || call.query.getAll('dryRun').includes('All')), object, undefined);
}
