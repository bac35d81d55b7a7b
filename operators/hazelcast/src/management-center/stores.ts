import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import type { Center } from '../api/management-center.ts';
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
    const data = (await secret(tls.secretName))?.data;
    const text = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString('utf8');
    if (data === undefined) {
      problems.push(`${path}: Not found: "${tls.secretName}"`);
      continue;
    }
    try {
      stores[cluster.name] = storeOf(cluster, { certificate: text('tls.crt'), key: text('tls.key'), authority: text('ca.crt') });
    } catch {
      // What the parser says may show what it read.
      problems.push(`${path}: Invalid value: "${tls.secretName}": tls.crt and tls.key must be a certificate and its key, PEM`);
    }
  }
  return { stores, problems };
}
