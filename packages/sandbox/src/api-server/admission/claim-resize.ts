import { quantityNanos } from '@binnacle/schema';
import { record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { forbidden } from '../refusals.ts';
import type { Plugin } from './admission.ts';

const CLASSES = 'storageclasses.storage.k8s.io';

/** A claim grows only when it is bound, and where its class lets it (spec/sandbox.md §2.18). */
export const claimResize: Plugin = {
  confirm(core, { served, info }, claim, before) {
    if (served.bucket !== 'persistentvolumeclaims' || info.subresource !== undefined || asked(claim) <= asked(before)) return;
    const refuse = (why: string) => forbidden(served, claim.metadata.name ?? '', why);
    if (record(before['status'])['phase'] !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
    const [name, was] = [claim, before].map((one) => text(record(one['spec'])['storageClassName']) ?? '');
    const storageClass = name === was && name !== undefined ? core.store.get(CLASSES, name)?.object : undefined;
    if (storageClass?.['allowVolumeExpansion'] !== true)
      throw refuse('only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
  },
};

/** Nanos; a quantity that cannot be read is refused later, by the kind's own rules. */
function asked(claim: ApiObject): bigint {
  const { requests } = record(record(claim['spec'])['resources']);
  return quantityNanos(text(record(requests)['storage']) ?? '0') ?? 0n;
}
