import type { LabelSelector } from '@binnacle/client/kinds';
import type { Served } from '../../catalog/served.ts';
import type { Core } from '../../core/core.ts';
import { viewing } from '../../core/present.ts';
import { objectKey } from '../../object.ts';
import type { ApiObject } from '../../object.ts';
import { matchesSelector } from '../../select/label-selector.ts';
import type { Binding } from './stored.ts';

/**
 * The objects of a kind that a binding gives its policy as parameters, of which each is asked about by itself; one `undefined` where it names none.
 * `namespace`: of the request. @throws {Error} with the real server's text, when the binding cannot be obeyed.
 */
export async function paramsOf(core: Core, served: Served, { spec: { paramRef } }: Binding, namespace: string): Promise<readonly (ApiObject | undefined)[]> {
  if (paramRef === undefined) return [undefined];
  const within = served.namespaced ? (paramRef.namespace ?? '') || namespace : undefined;
  if (within === '') throw new Error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  if (!served.namespaced && (paramRef.namespace ?? '') !== '') throw new Error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const named = paramRef.name ?? '';
  const entries =
    named === '' ? selected(core, served.bucket, within, paramRef.selector ?? {}) : [core.store.get(served.bucket, objectKey(within, named)) ?? []].flat();
  if (entries.length === 0 && paramRef.parameterNotFoundAction === 'Deny')
    throw new Error('no params found for policy binding with `Deny` parameterNotFoundAction');
  const view = await viewing(core, served, entries);
  return entries.map((entry) => view(entry));
}

function selected(core: Core, bucket: string, namespace: string | undefined, selector: LabelSelector) {
  const all = core.store.list(bucket, namespace === undefined ? '' : `${namespace}/`);
  return all.filter(({ object }) => matchesSelector(selector, object.metadata.labels ?? {}));
}
