import type { Container, Volume } from '@binnacle/client/kinds';
import { STORES, tlsSecretName } from '../../cluster/objects/tls.ts';

/** How the Job logs in to front ends that offer TLS. */
export interface Encryption {
  readonly cluster: string;
  /** A full name: that is what certificates are made for. */
  readonly host: string;
  /** Secret with what the Job proves itself with, if front ends ask. */
  readonly clientSecretName?: string;
}

const AUTHORITY = '/etc/doris/tls';
const OWN = '/etc/doris/tls-client';
/** In the ConfigMap. */
export const OPTIONS_KEY = 'client.cnf';
/** Of the script that logs in: the file with the client library's options. */
export const OPTIONS_ENV = { name: 'FE_CLIENT_OPTIONS', value: '/etc/doris/client.cnf' } as const;

/**
 * Options of the client library under MySQLdb. In a file, since its arguments cannot say it: the image's MySQLdb has no `ssl_mode`, and under others that stands for less. The two
 * last lines ask the same of MySQL's library and of MariaDB's; each passes over the other's.
 */
export function clientOptions({ clientSecretName }: Encryption): string {
  const own = clientSecretName === undefined ? '' : `ssl-cert=${OWN}/tls.crt\nssl-key=${OWN}/tls.key\n`;
  return `[client]\nssl-ca=${AUTHORITY}/${STORES.trusted}\n${own}ssl-mode=VERIFY_IDENTITY\nssl-verify-server-cert=1\n`;
}

/** What the container that logs in gets for it: of the front ends' Secret the authority alone, their keys stay theirs. */
export function encryptionVolumes(encryption: Encryption | undefined, configMap: string) {
  if (encryption === undefined) return { env: [], volumes: [] as readonly Volume[], mounts: [] as NonNullable<Container['volumeMounts']> };
  const { cluster, clientSecretName } = encryption;
  const own = clientSecretName !== undefined;
  const items = (...keys: readonly string[]) => keys.map((key) => ({ key, path: key }));
  return {
    env: [OPTIONS_ENV],
    volumes: [
      { name: 'client-options', configMap: { name: configMap, items: items(OPTIONS_KEY) } },
      { name: 'tls', secret: { secretName: tlsSecretName(cluster), items: items(STORES.trusted) } },
      ...(own ? [{ name: 'tls-client', secret: { secretName: clientSecretName, items: items('tls.crt', 'tls.key') } }] : []),
    ],
    mounts: [
      { name: 'client-options', mountPath: OPTIONS_ENV.value, subPath: OPTIONS_KEY, readOnly: true },
      { name: 'tls', mountPath: AUTHORITY, readOnly: true },
      ...(own ? [{ name: 'tls-client', mountPath: OWN, readOnly: true }] : []),
    ],
  };
}
