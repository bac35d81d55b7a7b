import type { Center, KnownCluster } from '../api/management-center.ts';
import { emit } from '../hazelcast/config/emit.ts';
import { writeKeyStore } from '../tls/jks.ts';
import type { Material } from '@binnacle/runtime';
import { contextPath } from './names.ts';

/** Where the container finds the client configuration of each cluster. */
export const CONFIG_PATH = '/config';
/** Environment variables with the account that searches the LDAP server. */
export const LDAP_USERNAME = 'MC_LDAP_USERNAME';
export const LDAP_PASSWORD = 'MC_LDAP_PASSWORD';

/** Of the keystores that we make: whoever can read the Secret has both. */
const PASSWORD = 'hazelcast';

/** Keystores by cluster, of those that are encrypted. */
export type Stores = Readonly<Record<string, Buffer>>;

type Connected = NonNullable<Center['spec']['hazelcastClusters']>[number];

/** Whether the connection is encrypted. An empty section means that it is not. */
export function encryption({ tls }: Connected): Connected['tls'] {
  return tls === undefined || tls.secretName === '' ? undefined : tls;
}

/** What a client needs: the members' certificate and what it is signed by, to trust; and its own, where members want one. */
export function storeOf(cluster: Connected, { key, chain, authorities }: Material): Buffer {
  const own = encryption(cluster)?.mutualAuthentication === 'None' ? undefined : { key, chain };
  return writeKeyStore({ own, trusted: [...chain, ...authorities] }, PASSWORD);
}

/** The client configuration of a cluster. Source: spec/hazelcast-core.md §4.3. */
export function clientConfig(cluster: Connected): string {
  const { name, address } = cluster;
  const tls = encryption(cluster);
  const [file, factory] = [`${CONFIG_PATH}/${name}.jks`, 'com.hazelcast.nio.ssl.BasicSSLContextFactory'];
  const trust = { protocol: 'TLSv1.2', trustStore: file, trustStorePassword: PASSWORD };
  const own = tls === undefined || tls.mutualAuthentication === 'None' ? {} : { keyStore: file, keyStorePassword: PASSWORD };
  const ssl = { enabled: tls !== undefined, 'factory-class-name': factory, properties: tls === undefined ? {} : { ...trust, ...own } };
  return emit({ 'hazelcast-client': { 'cluster-name': name, network: { 'cluster-members': [address], ssl } } });
}

/** `<cluster>.yaml` → client configuration. */
export function clientConfigs(mc: Center): Readonly<Record<string, string>> {
  return Object.fromEntries((mc.spec.hazelcastClusters ?? []).map((cluster) => [`${cluster.name}.yaml`, clientConfig(cluster)]));
}

/**
 * What the container's shell runs before Management Center starts. Connections that are no longer wanted, or not as they were, are taken out of its data first:
 * what is there already stays as it is when it is added. The LDAP account comes from the environment: as text it would be in the StatefulSet for everybody to
 * read, as it was under the existing operator. It is set up at every start, so that it is there without a volume as well.
 */
export function initCommand(mc: Center, known: readonly KnownCluster[] = []): string {
  // One that is not there is no reason not to start.
  const removed = known.filter(({ replaced }) => replaced === true).map(({ name }) => `{ ./bin/mc-conf.sh cluster remove -H /data -cn=${name} || true; }`);
  const clusters = (mc.spec.hazelcastClusters ?? []).map(
    ({ name }) => `./bin/mc-conf.sh cluster add --lenient=true -H /data --client-config ${CONFIG_PATH}/${name}.yaml`,
  );
  return [...removed, ...clusters, ...ldapCommands(mc)].join(' && ');
}

function ldapCommands(mc: Center): readonly string[] {
  const ldap = mc.spec.securityProvider?.ldap;
  if (ldap === undefined) return [];
  const options: readonly (readonly [option: string, value: string])[] = [
    ['url', quoted(ldap.url)],
    ['ldap-username', `"$${LDAP_USERNAME}"`],
    ['ldap-password', `"$${LDAP_PASSWORD}"`],
    ['user-dn', quoted(ldap.userDN)],
    ['group-dn', quoted(ldap.groupDN)],
    ['user-search-filter', quoted(ldap.userSearchFilter)],
    ['group-search-filter', quoted(ldap.groupSearchFilter)],
    ['admin-groups', quoted(ldap.adminGroups.join(','))],
    ['read-write-groups', quoted(ldap.userGroups.join(','))],
    ['read-only-groups', quoted(ldap.readonlyUserGroups.join(','))],
    ['metrics-only-groups', quoted(ldap.metricsOnlyGroups.join(','))],
  ];
  const configure = options.map(([option, value]) => `--${option}=${value}`).join(' ');
  const [lookup, nested] = ldap.nestedGroupSearch ? [NESTED.lookup, ` ${NESTED.option}`] : [[], ''];
  return [...lookup, './bin/hz-mc conf security reset -H /data', `./bin/hz-mc conf ldap configure -H /data ${configure}${nested}`];
}

/**
 * Groups in groups. Management Center documents the setting and not the name of its option, which is therefore taken from the help of the command; where that has
 * none it says so and does not start. A value is always given: of a switch alone nobody could say which way it turns.
 */
const NESTED = {
  lookup: [
    'MC_LDAP_HELP="$(./bin/hz-mc conf ldap configure -h 2>&1 || true)"',
    '{ case "$MC_LDAP_HELP" in *--nested*) true ;; *) echo "nestedGroupSearch: this Management Center has no option for it" >&2; false ;; esac; }',
    'MC_LDAP_NESTED="${MC_LDAP_HELP#*--nested}"',
  ],
  option: '"--nested${MC_LDAP_NESTED%%[!a-z-]*}=true"',
} as const;

/** In double quotes, as one word of a shell: nothing in it is run or expanded. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\$`]/g, '\\$&')}"`;
}

/** `JAVA_OPTS`, ours first. */
export function javaOpts(mc: Center, options: { readonly phoneHome: boolean; readonly licensed: boolean }): string {
  const { ingress } = mc.spec.externalConnectivity;
  return [
    '-Dhazelcast.mc.healthCheck.enable=true',
    '-Dhazelcast.mc.lock.skip=true',
    '-Dhazelcast.mc.tls.enabled=false',
    '-Dmancenter.ssl=false',
    `-Dhazelcast.mc.phone.home.enabled=${options.phoneHome}`,
    ...(options.licensed ? ['-Dhazelcast.mc.license=$(MC_LICENSE_KEY)'] : []),
    ...(ingress === undefined ? [] : [`-Dhazelcast.mc.contextPath=${ingress.path}`]),
    ...(mc.spec.jvm?.args ?? []),
  ].join(' ');
}

/** Where the container tells that it lives. */
export const healthPath = (mc: Center): string => `${contextPath(mc)}/health`;
