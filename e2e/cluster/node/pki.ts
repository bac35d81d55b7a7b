import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the control plane listens, and the first address of Services. */
export const ADDRESS = (index: number): string => `172.31.250.${index + 2}`;
const API_SERVICE = '10.96.0.1';
const DAYS = '2';
/** Requests as they were answered, without bodies: who did what. */
const AUDIT = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  userGroups: [system:serviceaccounts]
`;

/** Certificates and kubeconfigs of a cluster that lives for one run: one authority, a certificate for everyone, nobody that is not verified. */
export function pki(folder: string, nodes: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl('genrsa', '-out', 'sa.key', '2048');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-days', DAYS, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=e2e');
  const issue = (name: string, subject: string, hosts: readonly string[] = []): void => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    writeFileSync(join(folder, `${name}.ext`), hosts.length === 0 ? 'extendedKeyUsage=clientAuth\n' : `subjectAltName=${hosts.join(',')}\n`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      DAYS,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  };
  const kubeconfig = (name: string): void =>
    writeFileSync(
      join(folder, `${name}.kubeconfig`),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'e2e', cluster: { server: `https://${ADDRESS(0)}:6443`, 'certificate-authority': join(folder, 'ca.crt') } }],
        users: [{ name, user: { 'client-certificate': join(folder, `${name}-client.crt`), 'client-key': join(folder, `${name}-client.key`) } }],
        contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: name } }],
        'current-context': 'e2e',
      }),
      { mode: 0o600 },
    );
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  issue('apiserver', '/CN=kube-apiserver', [...names.map((name) => `DNS:${name}`), `IP:${API_SERVICE}`, `IP:${ADDRESS(0)}`]);
  issue('kubelet-client', '/O=system:masters/CN=kube-apiserver-kubelet-client');
  const who: Readonly<Record<string, string>> = {
    admin: '/O=system:masters/CN=admin',
    'controller-manager': '/CN=system:kube-controller-manager',
    scheduler: '/CN=system:kube-scheduler',
    'kube-proxy': '/CN=system:kube-proxy',
    ...Object.fromEntries(nodes.map((node) => [node, `/O=system:nodes/CN=system:node:${node}`])),
  };
  for (const [name, subject] of Object.entries(who)) {
    issue(`${name}-client`, subject);
    kubeconfig(name);
  }
  for (const [index, node] of nodes.entries()) issue(node, `/O=system:nodes/CN=system:node:${node}`, [`DNS:${node}`, `IP:${ADDRESS(index)}`]);
  writeFileSync(join(folder, 'audit.yaml'), AUDIT);
}
