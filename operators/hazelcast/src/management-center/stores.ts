import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import type { Center } from '../api/management-center.ts';
import { materialOf } from '@binnacle/runtime';
import { encryption, storeOf } from './config.ts';
import type { Stores } from './config.ts';

/** The keystores of its clusters, or what is wrong with their Secrets, each with the path of its field. */
export async function storesOf(
  { spec }: Center,
  secret: (name: string) => Promise<Live<typeof Secret> | undefined>,
): Promise<{ readonly stores: Stores; readonly problems: readonly string[] }> {
  const stores: Record<string, Buffer> = {};
  const problems: string[] = [];
  for (const [index, cluster] of (spec.hazelcastClusters ?? []).entries()) {
    const tls = encryption(cluster);
    if (tls === undefined) continue;
    const path = `spec.hazelcastClusters[${index}].tls.secretName`;
    const found = await secret(tls.secretName);
    const material = found === undefined ? undefined : materialOf(found.data);
    if (material === undefined) problems.push(`${path}: Not found: "${tls.secretName}"`);
    else if (typeof material === 'string') problems.push(`${path}: Invalid value: "${tls.secretName}": the Secret ${material}`);
    else stores[cluster.name] = storeOf(cluster, material);
  }
  return { stores, problems };
}
