import { admit } from '@binnacle/schema';
import { ManagementCenter } from '../src/api/management-center.ts';
import type { Center } from '../src/api/management-center.ts';

const object = (spec: object) => ({
  apiVersion: 'hazelcast.com/v1alpha1',
  kind: 'ManagementCenter',
  metadata: {
    name: 'managementcenter',
    namespace: 'default',
    uid: '0f4c53ac-5d37-4d35-9f4e-3a3a3f0e7f40',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
  },
  spec,
});

/** A ManagementCenter as the API server would store it: defaults filled in. */
export function center(spec: object = {}): Center {
  return admit(ManagementCenter, object(spec)).object as Center; // sound: metadata is complete, and admission filled in the rest
}

/** What admission says against a spec, as `path: message`; `before`: against a change from it. */
export function centerRefusals(spec: object, before?: object): readonly string[] {
  const old = before === undefined ? undefined : center(before);
  return admit(ManagementCenter, object(spec), old).errors.map(({ field, message }) => `${field}: ${message}`);
}
