import { ApiError } from '@binnacle/client';

/** Whether something could not be made because its namespace is on its way out: nothing can be done about it, and nothing is to be told. Source: pkg/controller/replicaset/replica_set.go, manageReplicas. */
export function namespaceEnds(error: unknown): boolean {
  return error instanceof ApiError && error.causes.some(({ reason }) => reason === 'NamespaceTerminating');
}
