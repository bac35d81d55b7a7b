import type { Core } from '../core/core.ts';
import { forbidden, notFound } from '../refusals.ts';
import type { GroupResource } from '../object.ts';
import type { Plugin } from './admission.ts';
import { nameOf } from './name.ts';

const NAMESPACES: GroupResource = { group: '', plural: 'namespaces' };
/** Namespaces that nobody may delete. */
const PROTECTED: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing is made in a namespace that is not there or is on its way out (spec/sandbox.md §2.10). */
export const namespaceLifecycle: Plugin = {
  create(core, { served, info }, object) {
    if (info.namespace === undefined) return object;
    const namespace = core.store.get('namespaces', info.namespace);
    if (namespace === undefined) throw notFound(NAMESPACES, info.namespace);
    if (namespace.object.metadata.deletionTimestamp !== undefined) {
      const why = `unable to create new content in namespace ${info.namespace} because it is being terminated`;
      const cause = { reason: 'NamespaceTerminating', message: `namespace ${info.namespace} is being terminated`, field: 'metadata.namespace' };
      throw forbidden(served, nameOf(object), why, [cause]);
    }
    return object;
  },
};

/** @throws {Refusal} 403 for the namespaces that a cluster cannot do without. */
export function checkNamespaceDeletion(_core: Core, name: string): void {
  if (PROTECTED.has(name)) throw forbidden(NAMESPACES, name, 'this namespace may not be deleted');
}
