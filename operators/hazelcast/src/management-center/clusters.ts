import { createHash } from 'node:crypto';
import type { Center, KnownCluster } from '../api/management-center.ts';
import { clientConfig } from './config.ts';
import type { Stores } from './config.ts';

/**
 * The clusters that its data may hold a connection to, those that were taken out of the spec too, and those whose connection is another one than the data
 * began with. It is written down before a pod is told, so that none is ever forgotten. Nothing is, of a Management Center that keeps no data. Pure.
 */
export function knownClusters(mc: Center, stores: Stores): readonly KnownCluster[] {
  if (!mc.spec.persistence.enabled) return [];
  const known = mc.status?.clusters ?? [];
  const wanted = (mc.spec.hazelcastClusters ?? []).map((cluster): KnownCluster => {
    const config = hashOf(clientConfig(cluster), stores[cluster.name]);
    const before = known.find(({ name }) => name === cluster.name);
    return { name: cluster.name, config, ...(before !== undefined && (before.replaced === true || before.config !== config) ? { replaced: true } : {}) };
  });
  const gone = known.filter(({ name }) => !wanted.some((one) => one.name === name)).map(({ name, config }): KnownCluster => ({ name, config, replaced: true }));
  return [...wanted, ...gone];
}

/** What a connection is made of, in short. */
export function hashOf(...parts: readonly (string | Uint8Array | undefined)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part ?? '');
  return hash.digest('hex').slice(0, 16);
}
