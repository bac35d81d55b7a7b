import { timingSafeEqual } from 'node:crypto';
import type { Core } from '../core/core.ts';
import type { Incoming, User } from '../http/call.ts';
import { objectKey } from '../object.ts';
import { unauthorised } from '../refusals.ts';
import { denied, MASTERS, permission } from './authorise.ts';

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
  const user = /^bearer /i.test(header) ? authenticateToken(core, header.slice('bearer '.length).trim()) : undefined;
  if (user === undefined) throw unauthorised();
  return impersonated(core, user, incoming.headers);
}

/** Whose token it is; `undefined` when it is nobody's, or of an account that has gone. */
export function authenticateToken(core: Core, token: string): User | undefined {
  if (sameText(token, core.adminToken)) return ADMIN;
  const subject = core.tokens.read(token);
  if (subject === undefined) return undefined;
  const { namespace, name, uid } = subject;
  const account = core.store.get('serviceaccounts', objectKey(namespace, name));
  if (account?.object.metadata.uid !== uid) return undefined;
  return { name: `system:serviceaccount:${namespace}:${name}`, uid, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED] };
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
