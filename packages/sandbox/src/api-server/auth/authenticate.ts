import { timingSafeEqual } from 'node:crypto';
import { parseTimestamp } from '@binnacle/client';
import type { Core, TokenSubject } from '../core/core.ts';
import type { Incoming, User } from '../http/call.ts';
import { objectKey } from '../object.ts';
import { unauthorised } from '../refusals.ts';
import { denied, MASTERS, permission } from './authorise.ts';
import { ISSUER } from './tokens.ts';

const AUTHENTICATED = 'system:authenticated';

/** Who the administrator of the kubeconfig is. */
export const ADMIN: User = { name: 'kubernetes-admin', groups: [MASTERS, AUTHENTICATED] };
/** Whoever shows no credentials. What it may do, roles say: see that the server is well, and which version it is. */
const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
/** Paths that are answered without credentials. */
const PUBLIC: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz', '/version']);

/**
 * Who sends a request, by its bearer token; with the `Impersonate-*` headers whom it speaks for.
 * @throws {Refusal} 401 without a token that is known; 403 when it may not speak for that user.
 */
export function authenticate(core: Core, incoming: Pick<Incoming, 'headers' | 'path'>): User {
  const header = incoming.headers['authorization'];
  if (header === undefined) {
    if (PUBLIC.has(incoming.path.split('?')[0]!)) return ANONYMOUS;
    throw unauthorised();
  }
  const user = /^bearer /i.test(header) ? authenticateToken(core, header.slice('bearer '.length).trim())?.user : undefined;
  if (user === undefined) throw unauthorised();
  return impersonated(core, user, incoming.headers);
}

/**
 * Whose token it is, and for which of the wanted audiences it is meant; `undefined` when it is nobody's, for none of them, or of an account, or bound to
 * an object, that has gone. The administrator's is for all.
 */
export function authenticateToken(
  core: Core,
  token: string,
  wanted: readonly string[] = [ISSUER],
): { readonly user: User; readonly audiences: readonly string[] } | undefined {
  if (sameText(token, core.adminToken)) return { user: ADMIN, audiences: wanted };
  const subject = core.tokens.read(token);
  if (subject === undefined || !alive(core, subject)) return undefined;
  const audiences = wanted.filter((audience) => subject.audiences.includes(audience));
  if (audiences.length === 0) return undefined;
  const { namespace, name, uid, pod, node, id } = subject;
  const extra = {
    'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
    ...(node === undefined ? {} : { 'authentication.kubernetes.io/node-name': [node.name] }),
    ...(node === undefined || node.uid === '' ? {} : { 'authentication.kubernetes.io/node-uid': [node.uid] }),
    ...(pod === undefined ? {} : { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
  };
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED];
  return { user: { name: `system:serviceaccount:${namespace}:${name}`, uid, groups, extra }, audiences };
}

/** What is on its way out counts as there for this much longer, so that a pod can say goodbye; ms. Source: pkg/serviceaccount/claims.go. */
const LEEWAY_MS = 60_000;

/** Whether the account, and what the token is bound to, are still those that it was made for. Of a pod's node nothing is asked. */
function alive(core: Core, { namespace, name, uid, pod, secret, node }: TokenSubject): boolean {
  const there = (bucket: string, key: string, bond: { readonly uid: string }) => {
    const metadata = core.store.get(bucket, key)?.object.metadata;
    if (metadata?.uid !== bond.uid) return false;
    return metadata.deletionTimestamp === undefined || parseTimestamp(metadata.deletionTimestamp) >= core.clock.now() - LEEWAY_MS;
  };
  return (
    there('serviceaccounts', objectKey(namespace, name), { uid }) &&
    (pod === undefined || there('pods', objectKey(namespace, pod.name), pod)) &&
    (secret === undefined || there('secrets', objectKey(namespace, secret.name), secret)) &&
    (node === undefined || pod !== undefined || there('nodes', node.name, node))
  );
}

/** A user of the in-process door, in the groups that everybody is in who has shown who it is. */
export function known(user: User): User {
  return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] };
}

function impersonated(core: Core, user: User, headers: Incoming['headers']): User {
  const name = headers['impersonate-user'];
  if (name === undefined) return user;
  const groups = (headers['impersonate-group'] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  for (const [plural, one] of [['users', name], ...groups.map((group) => ['groups', group])] as const) {
    const wanted = { verb: 'impersonate', group: '', plural: plural!, subresource: '', name: one!, namespace: '' };
    if (permission(core, user, wanted) === undefined) throw denied(user, wanted);
  }
  return known({ name, groups });
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.byteLength === y.byteLength && timingSafeEqual(x, y);
}
