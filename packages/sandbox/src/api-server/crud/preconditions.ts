import type { Served } from '../catalog/served.ts';
import type { ApiObject } from '../object.ts';
import { Refusal } from '../../refusal.ts';

/** Which object exactly is meant. */
export interface Preconditions {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** @throws {Refusal} 409 when the stored object is not the one that is meant. */
export function checkPreconditions(served: Served, object: ApiObject, { uid, resourceVersion }: Preconditions): void {
  if (uid !== undefined && uid !== object.metadata.uid) {
    throw mismatch(
      served,
      object,
      `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion) {
    const found = object.metadata.resourceVersion;
    throw mismatch(
      served,
      object,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${found}). The object might have been modified`,
    );
  }
}

/** Here the real server names the kind, where other conflicts name the resource. */
function mismatch(served: Served, object: ApiObject, why: string): Refusal {
  const name = object.metadata.name!;
  const what = served.group === '' ? served.kind : `${served.kind}.${served.group}`;
  const details = { name, ...(served.group === '' ? {} : { group: served.group }), kind: served.kind };
  return new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${what} "${name}": ${why}`, details);
}
