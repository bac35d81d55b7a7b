import { groupResource, objectKey, record, text } from '../object.ts';
import { forbidden } from '../refusals.ts';
import type { Plugin } from './admission.ts';

/** Every pod runs as a ServiceAccount that exists: `default` when it names none. */
export const serviceAccount: Plugin = {
  create(core, { served, info }, pod) {
    if (served.bucket !== 'pods' || info.subresource !== undefined) return pod;
    const spec = record(pod['spec']);
    const name = text(spec['serviceAccountName']) || text(spec['serviceAccount']) || 'default';
    if (core.store.get('serviceaccounts', objectKey(info.namespace, name)) === undefined) {
      const missing = `${groupResource({ group: '', plural: 'serviceaccount' })} "${name}" not found`;
      throw forbidden(served, pod.metadata.name ?? '', `error looking up service account ${info.namespace}/${name}: ${missing}`);
    }
    return { ...pod, spec: { ...spec, serviceAccountName: name, serviceAccount: name } };
  },
};
