import type { MutatingWebhook, ValidatingWebhook } from '@binnacle/client/kinds';
import type { Core } from '../../core/core.ts';
import { list } from '../../object.ts';

/** Stored configurations have been checked and filled in: what the types call optional is there. */
export type Hook = Required<Pick<MutatingWebhook & ValidatingWebhook, 'clientConfig' | 'failurePolicy' | 'matchPolicy' | 'name' | 'timeoutSeconds'>> &
  Pick<MutatingWebhook & ValidatingWebhook, 'matchConditions' | 'namespaceSelector' | 'objectSelector' | 'reinvocationPolicy' | 'rules'>;

/** Where the configurations of each sort are stored. */
export const CONFIGURATIONS = {
  mutating: 'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  validating: 'validatingwebhookconfigurations.admissionregistration.k8s.io',
} as const;
export type Sort = keyof typeof CONFIGURATIONS;

/** All webhooks of a sort in the order of their call: configurations by name, webhooks as they are listed (spec/sandbox.md §2.10). */
export function hooksOf(core: Core, sort: Sort): readonly Hook[] {
  // Sound: see the type. The store lists by key, and that is the name.
  return core.store.list(CONFIGURATIONS[sort], '').flatMap(({ object }) => list(object['webhooks']) as readonly Hook[]);
}
