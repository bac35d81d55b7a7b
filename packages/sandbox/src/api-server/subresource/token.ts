import { timestamp } from '@binnacle/client';
import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record } from '../object.ts';
import { invalid, notFound } from '../refusals.ts';

const MIN_SECONDS = 600;
const DEFAULT_SECONDS = 3600;

/** Makes a token for a ServiceAccount that ends by itself. @throws {Refusal} 404; 422 for a shorter life than ten minutes. */
export function requestToken(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const account = core.store.get(served.bucket, objectKey(info.namespace, info.name!))?.object;
  if (account === undefined) throw notFound(served, info.name!);
  const spec = record(record(readBody(call)?.value)['spec']);
  const expirationSeconds = typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : DEFAULT_SECONDS;
  if (expirationSeconds < MIN_SECONDS) {
    const message = `Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes`;
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [{ reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message }]);
  }
  const subject = { namespace: info.namespace!, name: info.name!, uid: account.metadata.uid! };
  const audiences = list(spec['audiences']).map(String);
  const token = core.tokens.sign(subject, { lifetimeSeconds: expirationSeconds, audiences });
  const status = { token, expirationTimestamp: timestamp(core.clock.now() + expirationSeconds * 1000) };
  const metadata = { name: info.name!, namespace: info.namespace!, creationTimestamp: timestamp(core.clock.now()) };
  return { status: 201, object: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec: { ...spec, expirationSeconds }, status } };
}
