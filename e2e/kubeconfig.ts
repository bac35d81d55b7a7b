import type { Cluster } from '@binnacle/client';
import { stringify } from 'yaml';

const encoded = (pem: string) => Buffer.from(pem).toString('base64');

/** A kubeconfig for tools that are not ours. @throws {Error} for credentials that it has no place for. */
export function kubeconfigYaml(cluster: Cluster): string {
  const name = 'target';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: cluster.server, ...(cluster.ca === undefined ? {} : { 'certificate-authority-data': encoded(cluster.ca) }) } }],
    users: [{ name, user: userOf(cluster) }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: cluster.namespace ?? 'default' } }],
    'current-context': name,
  });
}

function userOf({ credentials }: Cluster): Readonly<Record<string, string>> {
  switch (credentials.type) {
    case 'token':
      return { token: credentials.token };
    case 'certificate':
      return { 'client-certificate-data': encoded(credentials.cert), 'client-key-data': encoded(credentials.key) };
    default:
      throw new Error(`a target is reached by token or by certificate, not by ${credentials.type}`);
  }
}
