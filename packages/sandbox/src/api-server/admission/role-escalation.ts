import { permission } from '../auth/authorise.ts';
import { uncovered } from '../auth/covers.ts';
import { BUCKETS, effectiveRules, grants, rulesOfRole } from '../auth/rbac.ts';
import type { PolicyRule } from '../auth/rbac.ts';
import type { Core } from '../core/core.ts';
import { equal } from '../../objects/json.ts';
import { record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { forbidden } from '../refusals.ts';
import type { Admission, Plugin } from './admission.ts';

const ROLES: ReadonlySet<string> = new Set([BUCKETS.roles, BUCKETS.clusterRoles]);
const BINDINGS: ReadonlySet<string> = new Set([BUCKETS.bindings, BUCKETS.clusterBindings]);

/** Nobody gives away rights that it does not have, by a role or by a binding to one (spec/sandbox.md §2.20). */
export const roleEscalation: Plugin = {
  create(core, admission, object) {
    check(core, admission, object);
    return object;
  },
  update(core, admission, object, before) {
    const same =
      equal(object['rules'], before['rules']) && equal(object['aggregationRule'], before['aggregationRule']) && equal(object['subjects'], before['subjects']);
    if (!same) check(core, admission, object);
    return object;
  },
};

/** @throws {Refusal} 403 */
function check(core: Core, { served, info, user }: Admission, object: ApiObject): void {
  const namespace = info.namespace ?? '';
  const may = (verb: string) => {
    const { group, plural } = served;
    return permission(core, user, { verb, group, plural, subresource: '', name: object.metadata.name ?? '', namespace }) !== undefined;
  };
  if (ROLES.has(served.bucket) && !may('escalate')) covered(core, { served, info, user }, object, effectiveRules(core, object));
  if (BINDINGS.has(served.bucket)) {
    const ref = record(object['roleRef']);
    const plural = ref['kind'] === 'Role' ? 'roles' : 'clusterroles';
    const bind = { verb: 'bind', group: served.group, plural, subresource: '', name: text(ref['name']) ?? '', namespace };
    if (permission(core, user, bind) === undefined) covered(core, { served, info, user }, object, rulesOfRole(core, ref, namespace));
  }
}

function covered(core: Core, { served, info, user }: Pick<Admission, 'served' | 'info' | 'user'>, object: ApiObject, wanted: readonly PolicyRule[]): void {
  if (permission(core, user, { verb: '*', group: '*', plural: '*', subresource: '', name: '', namespace: '' }) !== undefined) return;
  const owned = Array.from(grants(core, user, info.namespace ?? ''), ({ rule }) => rule);
  const missing = uncovered(owned, wanted);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const lines = missing.map((one) =>
    one.url === undefined
      ? `{APIGroups:[${JSON.stringify(one.group)}], Resources:[${JSON.stringify(one.resource)}], Verbs:[${JSON.stringify(one.verb)}]}`
      : `{NonResourceURLs:[${JSON.stringify(one.url)}], Verbs:[${JSON.stringify(one.verb)}]}`,
  );
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`;
  throw forbidden(served, object.metadata.name ?? '', why);
}
