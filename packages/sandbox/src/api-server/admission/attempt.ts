import type { Served } from '../catalog/served.ts';
import { text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import type { Admission } from './admission.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** A write as webhooks and policies are asked about it. */
export interface Attempt {
  readonly served: Served;
  readonly operation: Operation;
  /** `''` for the object itself. */
  readonly subresource: string;
  readonly name: string;
  /** `''` outside of namespaces; a namespace's own name for a request about it. */
  readonly namespace: string;
  /** Absent on DELETE. */
  readonly object: ApiObject | undefined;
  /** Absent on CREATE. */
  readonly before: ApiObject | undefined;
  readonly admission: Admission;
}

/** What is being attempted. Neither an object nor one before: nothing is. */
export function attempt(admission: Admission, object: ApiObject | undefined, before: ApiObject | undefined): Attempt {
  const { served, info } = admission;
  // One that is to be generated is not there before the object was changed by whoever may.
  const name = info.name ?? object?.metadata.name ?? before?.metadata.name ?? '';
  return {
    served,
    operation: object === undefined ? 'DELETE' : before === undefined ? 'CREATE' : 'UPDATE',
    subresource: info.subresource ?? '',
    name,
    namespace: info.namespace ?? (served.bucket === 'namespaces' ? name : ''),
    object,
    before,
    admission,
  };
}

/** The kind of what is written: the subresource's own where it has one, as Scale or Eviction. */
export function kindOf({ subresource, object, before }: Attempt, served: Served): { readonly group: string; readonly version: string; readonly kind: string } {
  const written = object ?? before;
  const apiVersion = text(written?.apiVersion);
  if (subresource === '' || written === undefined || apiVersion === undefined || written.kind === served.kind) {
    return { group: served.group, version: served.version, kind: served.kind };
  }
  const slash = apiVersion.indexOf('/');
  return { group: slash === -1 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind: written.kind };
}
