import { stringify } from 'yaml';

/** A kubeconfig with one cluster, one user and one context, as YAML. */
export function kubeconfigYaml(parts: {
  readonly url: string;
  readonly ca: string;
  readonly user: string;
  readonly token: string;
  readonly namespace: string | undefined;
}): string {
  const cluster = 'binnacle';
  const { url, ca, user, token, namespace } = parts;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: cluster, context: { cluster, user, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': cluster,
  });
}
