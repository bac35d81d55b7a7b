import type { Plugin } from './admission.ts';

const GUARDS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** Claims and volumes are kept until nobody uses them: a controller takes the finalizer off. */
export const storageProtection: Plugin = {
  create(_core, { served }, object) {
    const guard = GUARDS[served.bucket];
    const finalizers = object.metadata.finalizers ?? [];
    if (guard === undefined || finalizers.includes(guard)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, guard] } };
  },
};
