import type { Volume, VolumeMount } from '@binnacle/client/kinds';
import type { Cluster } from './cluster.ts';

/** The Secret with the front ends' keystores, made by us of the one that the user names. */
export const tlsSecretName = (cluster: string): string => `${cluster}-fe-tls`;

/** Its files: what a front end proves itself with, whose clients' certificates it believes, and, PEM, whom clients of it have to believe. */
export const STORES = { server: 'server_certificate.p12', authorities: 'ca_certificate.p12', trusted: 'ca.crt' } as const;

/**
 * Doris' own default for its keystores, and no secret: the Secret they are in guards them. One for both, because Doris opens each store with the other's
 * (fe/fe-core/…/mysql/MysqlSslContext.java).
 */
export const STORE_PASSWORD = 'doris';

const PATH = '/etc/doris-tls';
/** Whom clients of front ends have to believe, in a front end's pod. */
export const TRUSTED_PATH = `${PATH}/${STORES.trusted}`;
export const TLS_VOLUME = 'fe-tls';

/** Lines of fe.conf with `tls`. Front ends read the stores anew for each connection: a certificate is renewed without a restart. */
export const TLS_CONF: Readonly<Record<string, string>> = {
  enable_ssl: 'true',
  mysql_ssl_default_ca_certificate: `${PATH}/${STORES.authorities}`,
  mysql_ssl_default_ca_certificate_password: STORE_PASSWORD,
  mysql_ssl_default_server_certificate: `${PATH}/${STORES.server}`,
  mysql_ssl_default_server_certificate_password: STORE_PASSWORD,
};

/** What a front end's pod gets for it. */
export function tlsVolume({ name, spec }: Cluster): { readonly volumes: readonly Volume[]; readonly mounts: readonly VolumeMount[] } {
  if (spec.fe?.tls === undefined) return { volumes: [], mounts: [] };
  return {
    volumes: [{ name: TLS_VOLUME, secret: { secretName: tlsSecretName(name) } }],
    mounts: [{ name: TLS_VOLUME, mountPath: PATH, readOnly: true }],
  };
}
