import { forbidden } from '../refusals.ts';
import type { Plugin } from './admission.ts';

/** Kinds that tell a server to ask others before it writes. This one asks nobody, and must not look as if it did. */
const NOT_OBEYED: ReadonlySet<string> = new Set([
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
]);

/** Refuses what would be accepted and then not obeyed. */
export const refuseWebhooks: Plugin = {
  create(_core, { served }, object) {
    if (!NOT_OBEYED.has(served.bucket)) return object;
    throw forbidden(served, object.metadata.name ?? '', 'this server calls no admission webhooks and evaluates no admission policies; it would not be obeyed');
  },
};
