import { Refusal } from '../../refusal.ts';
import type { Core } from '../core/core.ts';
import type { Call, User } from '../http/call.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { groupResource } from '../object.ts';
import { attributesOf } from './attributes.ts';
import type { Attributes } from './attributes.ts';
import { allows, grants } from './rbac.ts';

/** Whose members may do anything. */
export const MASTERS = 'system:masters';

/** Why a user may do something, `undefined` when nothing lets it. */
export function permission(core: Core, user: User, wanted: Attributes): string | undefined {
  if (user.groups.includes(MASTERS)) return '';
  const namespace = 'path' in wanted ? '' : wanted.namespace;
  for (const { rule, reason } of grants(core, user, namespace)) if (allows(rule, wanted)) return reason;
  return undefined;
}

/**
 * Lets a request through, or refuses it. An apply that would make the object needs the right to create as well.
 * @throws {Refusal} 403 with Kubernetes' text (spec/sandbox.md §2.20).
 */
export function authorise(core: Core, call: Call, info: RequestInfo): void {
  const wanted = attributesOf(call, info);
  check(core, call.user, wanted);
  if (!info.resource || info.verb !== 'patch' || info.subresource !== undefined || !isApply(call)) return;
  const served = core.catalog.find(info.group, info.version, info.plural);
  const key = info.namespace === undefined ? info.name! : `${info.namespace}/${info.name}`;
  if (served !== undefined && core.store.get(served.bucket, key) === undefined) check(core, call.user, { ...wanted, verb: 'create' });
}

function isApply(call: Call): boolean {
  return (call.headers['content-type'] ?? '').startsWith('application/apply-patch');
}

/** @throws {Refusal} 403 */
function check(core: Core, user: User, wanted: Attributes): void {
  if (permission(core, user, wanted) === undefined) throw denied(user, wanted);
}

/** 403: nothing lets this user do that. */
export function denied(user: User, wanted: Attributes): Refusal {
  const who = `User ${JSON.stringify(user.name)}`;
  if ('path' in wanted) return new Refusal(403, 'Forbidden', `forbidden: ${who} cannot ${wanted.verb} path ${JSON.stringify(wanted.path)}`, {});
  const { group, plural, subresource, name, namespace } = wanted;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const what = `${groupResource({ group, plural })}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  const message = `${what} is forbidden: ${who} cannot ${wanted.verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`;
  return new Refusal(403, 'Forbidden', message, { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural });
}
