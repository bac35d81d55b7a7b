import type { Served } from '../catalog/served.ts';
import { inCustomVersion } from '../conversion/convert.ts';
import type { Core } from '../core/core.ts';
import { fromStored, toStored } from '../core/present.ts';
import { userInfo } from '../http/call.ts';
import { groupVersion } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { kindOf } from './attempt.ts';
import type { Attempt } from './attempt.ts';

/** An AdmissionRequest without its uid and objects. `asked`: the version that the object is wanted in. */
export function requestOf(attempt: Attempt, asked: Served) {
  const { served, operation, subresource, name, namespace, admission } = attempt;
  const { user, dryRun } = admission;
  const resource = ({ group, version, plural }: Served) => ({ group, version, resource: plural });
  return {
    kind: kindOf(attempt, asked),
    resource: resource(asked),
    requestKind: kindOf(attempt, served),
    requestResource: resource(served),
    ...(subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo: userInfo(user),
    dryRun,
    options: { kind: `${OPTIONS[operation]}Options`, apiVersion: 'meta.k8s.io/v1', ...(dryRun ? { dryRun: ['All'] } : {}), ...admission.options },
  };
}

const OPTIONS = { CREATE: 'Create', UPDATE: 'Update', DELETE: 'Delete' } as const;

/** The object that is written, and the one before, in the version that is asked for; null where there is none. @throws {Refusal} 500 when a webhook does not convert them. */
export async function objectsOf(
  core: Core,
  { served, object, before }: Attempt,
  asked: Served,
): Promise<{ readonly object: ApiObject | null; readonly oldObject: ApiObject | null }> {
  return {
    object: object === undefined ? null : await inVersion(core, served, asked, object),
    oldObject: before === undefined ? null : await inVersion(core, served, asked, before),
  };
}

/** An object of one served version in another. A subresource's own kind has one version only. @throws {Refusal} as `objectsOf`. */
export async function inVersion(core: Core, from: Served, to: Served, object: ApiObject): Promise<ApiObject> {
  if (from === to || object.kind !== from.kind) return object;
  if (to.custom !== undefined) return inCustomVersion(core, to.custom, object, groupVersion(to));
  return fromStored(core, to, await toStored(core, from, object));
}
