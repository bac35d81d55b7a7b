import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '@binnacle/client/kinds';
import type { Core } from '../../core/core.ts';
import type { ApiObject } from '../../object.ts';

/** Where policies and their bindings are stored. */
export const POLICIES = 'validatingadmissionpolicies.admissionregistration.k8s.io';
export const BINDINGS = 'validatingadmissionpolicybindings.admissionregistration.k8s.io';

/** Stored policies have been checked and filled in: what the types call optional is there. */
export type Policy = ApiObject & { readonly spec: NonNullable<ValidatingAdmissionPolicy['spec']> };
export type Binding = ApiObject & { readonly spec: NonNullable<ValidatingAdmissionPolicyBinding['spec']> };

/** All policies that are bound, by name, each with its bindings. */
export function boundPolicies(core: Core): readonly { readonly policy: Policy; readonly bindings: readonly Binding[] }[] {
  // Sound: see the types.
  const bindings = core.store.list(BINDINGS, '').map(({ object }) => object as Binding);
  if (bindings.length === 0) return [];
  return core.store.list(POLICIES, '').flatMap(({ object }) => {
    const own = bindings.filter(({ spec }) => spec.policyName === object.metadata.name);
    return own.length === 0 ? [] : [{ policy: object as Policy, bindings: own }];
  });
}
