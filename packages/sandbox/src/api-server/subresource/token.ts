import { timestamp } from '@binnacle/client';
import { builtinSchema, definition, invalid as invalidField } from '@binnacle/schema';
import { trackUpdate } from '../../objects/apply/index.ts';
import { ISSUER } from '../auth/tokens.ts';
import type { Served } from '../catalog/served.ts';
import type { Core, TokenBond, TokenSubject } from '../core/core.ts';
import { writeOptions } from '../crud/options.ts';
import { readBody } from '../http/body.ts';
import type { Call, Result } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { badRequest, conflict, invalid, notFound } from '../refusals.ts';

const GROUP = 'authentication.k8s.io';
const VERSION = `${GROUP}/v1`;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;
/** Pods ask for this when they want what every pod gets; such a token lives a year, since programs from before did not read it again. Source: pkg/serviceaccount. */
const EXTENDED_SECONDS = 3607;
const YEAR_SECONDS = 365 * 24 * 3600;

/**
 * Makes a token for a ServiceAccount that ends by itself, and with the object that it is bound to.
 * Source: pkg/registry/core/serviceaccount/storage/token.go.
 * @throws {Refusal} 404 without the account or that object; 400 when it cannot be bound to it; 409 for another UID; 422 for another account, a life too short or too long.
 */
export function requestToken(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const { fieldManager: manager } = writeOptions('CreateOptions', call, false);
  const request = record(readBody(call)?.value);
  const said = record(request['metadata']);
  checkPlace(info, said);
  const account = core.store.get(served.bucket, objectKey(info.namespace, info.name!))?.object;
  if (account === undefined) throw notFound(served, info.name!);
  const { uid } = account.metadata;
  if ((text(said['uid']) ?? '') !== '' && said['uid'] !== uid) {
    const why = `the UID in the token request (${text(said['uid'])}) does not match the UID of the service account (${uid})`;
    throw conflict({ group: GROUP, plural: 'TokenRequest' }, info.name!, why);
  }
  const spec = record(request['spec']);
  const expirationSeconds = typeof spec['expirationSeconds'] === 'number' ? spec['expirationSeconds'] : DEFAULT_SECONDS;
  checkLife(expirationSeconds);
  const asked = list(spec['audiences']).map(String);
  const audiences = asked.length === 0 ? [ISSUER] : asked;
  const subject = { namespace: info.namespace!, name: info.name!, uid: uid!, ...bound(core, info, record(spec['boundObjectRef'])) };
  const extended = subject.pod !== undefined && expirationSeconds === EXTENDED_SECONDS && audiences.includes(ISSUER);
  const life = extended ? { lifetimeSeconds: YEAR_SECONDS, warnAfterSeconds: expirationSeconds } : { lifetimeSeconds: expirationSeconds };
  const token = core.tokens.sign(subject, { ...life, audiences });
  const status = { token, expirationTimestamp: timestamp(core.clock.now() + expirationSeconds * 1000) };
  const creationTimestamp = timestamp(core.clock.now());
  const metadata = { name: info.name!, namespace: info.namespace!, ...(uid === undefined ? {} : { uid }), creationTimestamp, ...owned(request, manager, core) };
  const answered = { ...spec, audiences, expirationSeconds, boundObjectRef: spec['boundObjectRef'] ?? null };
  return { status: 201, object: { kind: 'TokenRequest', apiVersion: VERSION, metadata, spec: answered, status } };
}

/** Owners of what the request says, as of any object. */
function owned(request: Readonly<Record<string, unknown>>, manager: string, core: Core): { readonly managedFields?: readonly object[] } {
  const spec = { expirationSeconds: DEFAULT_SECONDS, ...record(request['spec']) };
  const after = { apiVersion: VERSION, kind: 'TokenRequest', metadata: {}, spec };
  const schema = builtinSchema(GROUP, 'v1', 'TokenRequest')!;
  const tracked = trackUpdate({
    before: undefined,
    blank: { spec: {} },
    after,
    manager,
    apiVersion: VERSION,
    schema,
    resolve: definition,
    subresource: 'token',
    now: core.clock.now(),
  });
  const managedFields = list(record(tracked['metadata'])['managedFields']).map(record);
  return managedFields.length === 0 ? {} : { managedFields };
}

/** @throws {Refusal} 422 when the body is about another account than the path. */
function checkPlace({ name, namespace }: ResourceRequest, said: Readonly<Record<string, unknown>>): void {
  for (const [field, value, wanted] of [
    ['name', text(said['name']) ?? '', name],
    ['namespace', text(said['namespace']) ?? '', namespace],
  ] as const) {
    if (value === '' || value === wanted) continue;
    const wrong = invalidField(`metadata.${field}`, value, `must match the service account ${field} if specified`);
    throw invalid({ group: GROUP, kind: 'TokenRequest' }, name!, [wrong]);
  }
}

/** @throws {Refusal} 422 */
function checkLife(seconds: number): void {
  if (seconds >= MIN_SECONDS && seconds <= MAX_SECONDS) return;
  const wrong = seconds < MIN_SECONDS ? 'may not specify a duration less than 10 minutes' : 'may not specify a duration larger than 2^32 seconds';
  throw invalid({ group: GROUP, kind: 'TokenRequest' }, '', [invalidField('spec.expirationSeconds', seconds, wrong)]);
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
