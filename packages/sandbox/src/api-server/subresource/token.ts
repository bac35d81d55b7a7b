import { timestamp } from '@binnacle/client';
import { invalid as invalidField } from '@binnacle/schema';
import { ISSUER } from '../auth/tokens.ts';
import type { Served } from '../catalog/served.ts';
import type { Core, TokenBond, TokenSubject } from '../core/core.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, conflict, invalid, notFound } from '../refusals.ts';

const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;
/** Pods ask for this when they want what every pod gets; such a token lives a year, since programs from before did not read it again. Source: pkg/serviceaccount. */
const EXTENDED_SECONDS = 3607;
const YEAR_SECONDS = 365 * 24 * 3600;

/**
 * Makes a token for a ServiceAccount that ends by itself, and with the object that it is bound to.
 * @throws {Refusal} 404 without the account or that object; 400 when it cannot be bound to it; 409 for another UID; 422 for a life too short or too long.
 */
export function requestToken(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const account = core.store.get(served.bucket, objectKey(info.namespace, info.name!))?.object;
  if (account === undefined) throw notFound(served, info.name!);
  const spec = record(record(readBody(call)?.value)['spec']);
  const expirationSeconds = typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : DEFAULT_SECONDS;
  checkLife(expirationSeconds);
  const asked = list(spec['audiences']).map(String);
  const audiences = asked.length === 0 ? [ISSUER] : asked;
  const subject = { namespace: info.namespace!, name: info.name!, uid: account.metadata.uid!, ...bound(core, info, record(spec['boundObjectRef'])) };
  const extended = subject.pod !== undefined && expirationSeconds === EXTENDED_SECONDS && audiences.includes(ISSUER);
  const life = extended ? { lifetimeSeconds: YEAR_SECONDS, warnAfterSeconds: expirationSeconds } : { lifetimeSeconds: expirationSeconds };
  const token = core.tokens.sign(subject, { ...life, audiences });
  const status = { token, expirationTimestamp: timestamp(core.clock.now() + expirationSeconds * 1000) };
  const metadata = { name: info.name!, namespace: info.namespace!, creationTimestamp: timestamp(core.clock.now()) };
  const answer = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec: { ...spec, audiences, expirationSeconds }, status };
  return { status: 201, object: answer };
}

/** @throws {Refusal} 422 */
function checkLife(seconds: number): void {
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return;
  const wrong = seconds < MIN_SECONDS ? 'may not specify a duration less than 10 minutes' : 'may not specify a duration larger than 2^32 seconds';
  throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [invalidField('spec.expirationSeconds', seconds, wrong)]);
}

/** What the token is to die with. @throws {Refusal} 400, 404, 409 */
function bound(core: Core, { namespace, name: account }: ResourceRequest, ref: Readonly<Record<string, unknown>>): Partial<TokenSubject> {
  if (Object.keys(ref).length === 0) return {};
  const [apiVersion, kind, name, uid] = [text(ref['apiVersion']) ?? '', text(ref['kind']) ?? '', text(ref['name']) ?? '', text(ref['uid']) ?? ''];
  const find = (plural: string, within: string | undefined): ApiObject => {
    const object = core.store.get(plural, objectKey(within, name))?.object;
    if (object === undefined) throw notFound({ group: '', plural }, name);
    if (uid === '' || object.metadata.uid === uid) return object;
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', plural: kind }, name, why);
  };
  switch (apiVersion.includes('/') ? '' : kind) {
    case 'Pod': {
      const pod = find('pods', namespace);
      const { serviceAccountName, nodeName } = record(pod['spec']);
      if (serviceAccountName !== account)
        throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`);
      return { pod: bond(pod), ...(text(nodeName) === undefined ? {} : { node: nodeBond(core, text(nodeName)!) }) };
    }
    case 'Secret':
      return { secret: bond(find('secrets', namespace)) };
    case 'Node':
      return { node: bond(find('nodes', undefined)) };
    default:
      throw badRequest(`cannot bind token to object of type ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`);
  }
}

function bond({ metadata }: ApiObject): TokenBond {
  // Sound: what is stored has both.
  return { name: metadata.name!, uid: metadata.uid! };
}

function nodeBond(core: Core, name: string): TokenBond {
  return { name, uid: core.store.get('nodes', name)?.object.metadata.uid ?? '' };
}
