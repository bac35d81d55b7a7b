import type { Cluster } from '../../api/hazelcast.ts';
import { tlsOf } from '../effective.ts';
import { PATHS } from '../names.ts';

/** The keystore beside `hazelcast.yaml`: what members prove themselves with, and whom they believe. */
export const KEYSTORE_KEY = 'hazelcast.jks';
/** It stands in `hazelcast.yaml` beside the keystore, and hides nothing from who can read that. In the restart checksum of every cluster with TLS. */
export const KEYSTORE_PASSWORD = 'hazelcast';

const MUTUAL = { None: undefined, Required: 'REQUIRED', Optional: 'OPTIONAL' } as const;

/** The `ssl` sections of both endpoints; undefined: in clear. Members always prove themselves to one another. Source: spec/hazelcast-core.md §2.7.4. */
export function ssl(hz: Cluster): { readonly member: object; readonly client: object } | undefined {
  const tls = tlsOf(hz);
  return tls === undefined ? undefined : { member: section('REQUIRED'), client: section(MUTUAL[tls.mutualAuthentication]) };
}

function section(mutual: 'REQUIRED' | 'OPTIONAL' | undefined): object {
  const store = (name: 'key' | 'trust') => ({
    [`${name}Store`]: `${PATHS.config}/${KEYSTORE_KEY}`,
    [`${name}StorePassword`]: KEYSTORE_PASSWORD,
    [`${name}StoreType`]: 'JKS',
  });
  return {
    enabled: true,
    'factory-class-name': 'com.hazelcast.nio.ssl.BasicSSLContextFactory',
    properties: { protocol: 'TLS', ...(mutual === undefined ? store('key') : { mutualAuthentication: mutual, ...store('key'), ...store('trust') }) },
  };
}

/** What a member must be restarted for. */
export function restartSsl(hz: Cluster): object | undefined {
  const both = ssl(hz);
  return both === undefined
    ? undefined
    : { 'member-server-socket-endpoint-config': { ssl: both.member }, 'client-server-socket-endpoint-config': { ssl: both.client } };
}
