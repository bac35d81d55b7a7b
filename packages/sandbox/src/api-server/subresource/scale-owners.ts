import { difference, fieldSet, intersection, isEmpty } from '../../objects/apply/field-set.ts';
import { decodeOwners, encodeOwners, identityOf } from '../../objects/apply/managed-fields.ts';
import type { Owner, Owners } from '../../objects/apply/managed-fields.ts';
import type { JsonObject } from '../../objects/json.ts';
import type { ApiObject } from '../object.ts';

const SCALE = 'autoscaling/v1';
const IN_SCALE = fieldSet(['f:spec', 'f:replicas']);

/**
 * Who owns an object's number of replicas, as owners of that number in its Scale. `path`: where the object has it.
 * Source: apimachinery, pkg/util/managedfields/scalehandler.go, `ToSubresource`.
 */
export function ownersOfScale(object: ApiObject, path: readonly string[]): readonly JsonObject[] | undefined {
  const scaled = [...decodeOwners(object.metadata.managedFields).values()].filter((owner) => owns(owner, path));
  return encodeOwners(byIdentity(scaled.map((owner) => ({ ...owner, apiVersion: SCALE, fields: IN_SCALE }))));
}

/**
 * Owners of an object after its Scale was written, which left `scale` as the Scale's owners. An owner that did not apply, and still owns the number, is told
 * twice from then on, the number apart and without a time: of two that are told alike only one is read the next time.
 * Source: as above, `ToParent`; who updates is known by name and version, and a Scale's version is another one.
 */
export function ownersAfterScale(before: ApiObject, scale: unknown, path: readonly string[], apiVersion: string): readonly JsonObject[] | undefined {
  const parent = decodeOwners(before.metadata.managedFields);
  const left = new Map(decodeOwners(scale));
  const replicas = replicasIn(path);
  const out = new Map<string, Owner>();
  for (const [identity, owner] of parent) {
    if (!owns(owner, path) || left.delete(identity)) {
      out.set(identity, owner);
      continue;
    }
    const fields = difference(owner.fields, replicas);
    if (!isEmpty(fields)) out.set(identity, { ...owner, fields });
  }
  for (const [identity, { time: _, ...owner }] of left) {
    if (isEmpty(intersection(owner.fields, IN_SCALE))) continue;
    const time = parent.get(identity)?.time;
    out.set(identity, { ...owner, apiVersion, fields: replicas, ...(time === undefined ? {} : { time }) });
  }
  return encodeOwners(out);
}

const replicasIn = (path: readonly string[]) => fieldSet(path.map((key) => `f:${key}`));
const owns = (owner: Owner, path: readonly string[]) => !isEmpty(intersection(owner.fields, replicasIn(path)));
const byIdentity = (owners: readonly Owner[]): Owners => new Map(owners.map((owner) => [identityOf(owner), owner]));
