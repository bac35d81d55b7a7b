import { admit } from '@binnacle/schema';
import { Hazelcast } from '../src/api/hazelcast.ts';
import type { Cluster } from '../src/api/hazelcast.ts';

/** A Hazelcast as the API server would store it: defaults filled in. `hazelcast` in `default` unless told. */
export function cluster(
  spec: object = {},
  metadata: { readonly name?: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> } = {},
): Cluster {
  const stored = { uid: 'f3b0c442-98fc-4c14-9afb-f4c8996fb924', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', generation: 1 };
  const { object } = admit(Hazelcast, {
    apiVersion: 'hazelcast.com/v1alpha1',
    kind: 'Hazelcast',
    metadata: { name: 'hazelcast', namespace: 'default', ...stored, ...metadata },
    spec,
  });
  return object as Cluster; // sound: metadata is complete, and admission filled in the rest
}

/** What admission says against a spec, as `path: message`. */
export function refusals(spec: object, metadata: { readonly name?: string } = {}): readonly string[] {
  const object = { apiVersion: 'hazelcast.com/v1alpha1', kind: 'Hazelcast', metadata: { name: 'hazelcast', namespace: 'default', ...metadata }, spec };
  return admit(Hazelcast, object).errors.map(({ field, message }) => `${field}: ${message}`);
}
