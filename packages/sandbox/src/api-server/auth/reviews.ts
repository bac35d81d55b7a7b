import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import { decodeBody } from '../crud/decode.ts';
import { userInfo } from '../http/call.ts';
import type { Call, Result, User } from '../http/call.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import { groupVersion, list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { invalid, methodNotAllowed } from '../refusals.ts';
import type { Attributes } from './attributes.ts';
import { MASTERS, permission } from './authorise.ts';
import { authenticateToken } from './authenticate.ts';
import { grants } from './rbac.ts';
import { ISSUER } from './tokens.ts';

/** Answers questions that are asked by creating an object which is stored nowhere. */
export function review(core: Core, served: Served, info: ResourceRequest, call: Call): Result {
  const asked = decodeBody(served, call).object;
  const answer = (status: unknown): Result => ({
    status: 201,
    object: { ...asked, kind: served.kind, apiVersion: groupVersion(served), metadata: { ...asked.metadata }, status },
  });
  switch (served.kind) {
    case 'SelfSubjectAccessReview':
      return answer(accessStatus(core, call.user, wantedBy(served, asked)));
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return answer(accessStatus(core, subjectOf(served, asked), wantedBy(served, asked)));
    case 'SelfSubjectRulesReview':
      return answer(rulesStatus(core, call.user, text(record(asked['spec'])['namespace']) ?? info.namespace ?? ''));
    case 'SelfSubjectReview':
      return answer({ userInfo: userInfo(call.user) });
    case 'TokenReview':
      return answer(tokenStatus(core, record(asked['spec'])));
    default:
      throw methodNotAllowed();
  }
}

function accessStatus(core: Core, user: User, wanted: Attributes) {
  const reason = permission(core, user, wanted);
  return reason === undefined ? { allowed: false } : { allowed: true, ...(reason === '' ? {} : { reason }) };
}

/** @throws {Refusal} 422 when it asks for nothing, or for two things. */
function wantedBy(served: Served, asked: ApiObject): Attributes {
  const spec = record(asked['spec']);
  const [resource, path] = [spec['resourceAttributes'], spec['nonResourceAttributes']];
  if ((resource === undefined) === (path === undefined)) {
    const message = 'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw invalid(served, '', [{ reason: 'FieldValueInvalid', field: 'spec.resourceAttributes', message }]);
  }
  const of = (value: unknown, key: string) => text(record(value)[key]) ?? '';
  if (path !== undefined) return { verb: of(path, 'verb'), path: of(path, 'path') };
  const [verb, group, plural] = [of(resource, 'verb'), of(resource, 'group'), of(resource, 'resource')];
  return { verb, group, plural, subresource: of(resource, 'subresource'), name: of(resource, 'name'), namespace: of(resource, 'namespace') };
}

function subjectOf(served: Served, asked: ApiObject): User {
  const spec = record(asked['spec']);
  const name = text(spec['user']) ?? '';
  const groups = list(spec['groups']).map(String);
  if (name === '' && groups.length === 0) {
    throw invalid(served, '', [
      { reason: 'FieldValueInvalid', field: 'spec.user', message: 'Invalid value: "": at least one of user or group must be specified' },
    ]);
  }
  return { name, groups };
}

function rulesStatus(core: Core, user: User, namespace: string) {
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const rules = user.groups.includes(MASTERS) ? [all, { verbs: ['*'], nonResourceURLs: ['*'] }] : Array.from(grants(core, user, namespace), ({ rule }) => rule);
  return {
    resourceRules: rules.filter((rule) => 'resources' in rule),
    nonResourceRules: rules.filter((rule) => 'nonResourceURLs' in rule),
    incomplete: false,
  };
}

/** For whom a token is meant is asked for by its audiences; the server's own when none is named. */
function tokenStatus(core: Core, spec: Readonly<Record<string, unknown>>) {
  const asked = list(spec['audiences']).map(String);
  const known = authenticateToken(core, text(spec['token']) ?? '', asked.length === 0 ? [ISSUER] : asked);
  if (known === undefined) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(known.user), audiences: known.audiences };
}
