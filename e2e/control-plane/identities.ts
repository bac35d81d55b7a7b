import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@binnacle/client';
import type { Cluster } from '@binnacle/client';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { kubeconfigYaml } from '../kubeconfig.ts';

/** Who comes to the API server with a token of this run: the administrator, and the servers, with the rights that Kubernetes gives to each by its name. */
const USERS = {
  admin: { name: 'admin', groups: 'system:masters' },
  node: { name: 'system:node:binnacle', groups: 'system:masters' },
  'kube-controller-manager': { name: 'system:kube-controller-manager', groups: '' },
  'kube-scheduler': { name: 'system:kube-scheduler', groups: '' },
} as const;
export type Identity = keyof typeof USERS;

/** Files that the servers are started with, and the ways in. */
export interface Identities {
  readonly ca: string;
  readonly serving: { readonly certificate: string; readonly key: string };
  readonly tokens: string;
  readonly accountKey: string;
  /** Of this user, for our own client. */
  cluster(user: Identity): Cluster;
  /** Path of a kubeconfig of this user. */
  kubeconfig(user: Identity): string;
}

const AUTHORITY = 'binnacle-e2e';

/** An authority, certificates, tokens and keys for one run, in a folder that only we can read. */
export function identities(folder: string, server: string): Identities {
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const valid = longLife(systemClock().now());
  const authority = createAuthority(AUTHORITY, valid);
  const hosts = ['127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.96.0.1'];
  const serving = createServerCertificate(authority, AUTHORITY, hosts, valid);
  const secrets = Object.fromEntries(Object.keys(USERS).map((user) => [user, randomBytes(24).toString('hex')])) as Readonly<Record<Identity, string>>;
  const rows = Object.entries(USERS).map(([user, { name, groups }]) => [secrets[user as Identity], name, name, `"${groups}"`].join(','));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const cluster = (user: Identity): Cluster => ({ server, ca: authority.certificate, credentials: { type: 'token', token: secrets[user] } });
  return {
    ca: write('ca.crt', authority.certificate),
    serving: { certificate: write('serving.crt', serving.certificate), key: write('serving.key', serving.key) },
    tokens: write('tokens.csv', `${rows.join('\n')}\n`),
    accountKey: write('accounts.key', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()),
    cluster,
    kubeconfig: (user) => write(`${user}.kubeconfig`, kubeconfigYaml(cluster(user))),
  };
}
