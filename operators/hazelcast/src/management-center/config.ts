import type { Center } from '../api/management-center.ts';
import { emit } from '../hazelcast/config/emit.ts';
import { contextPath } from './names.ts';

/** Where the container finds the client configuration of each cluster. */
export const CONFIG_PATH = '/config';
/** Environment variables with the account that searches the LDAP server. */
export const LDAP_USERNAME = 'MC_LDAP_USERNAME';
export const LDAP_PASSWORD = 'MC_LDAP_PASSWORD';

/** `<cluster>.yaml` → client configuration. Source: spec/hazelcast-core.md §4.3. */
export function clientConfigs(mc: Center): Readonly<Record<string, string>> {
  const ssl = { enabled: false, 'factory-class-name': 'com.hazelcast.nio.ssl.BasicSSLContextFactory', properties: {} };
  return Object.fromEntries(
    (mc.spec.hazelcastClusters ?? []).map(({ name, address }) => [
      `${name}.yaml`,
      emit({ 'hazelcast-client': { 'cluster-name': name, network: { 'cluster-members': [address], ssl } } }),
    ]),
  );
}

/**
 * What the container's shell runs before Management Center starts. The LDAP account comes from the environment: as text it would be in the StatefulSet for
 * everybody to read, as it was under the existing operator. It is set up at every start, so that it is there without a volume as well.
 */
export function initCommand(mc: Center): string {
  const clusters = (mc.spec.hazelcastClusters ?? []).map(
    ({ name }) => `./bin/mc-conf.sh cluster add --lenient=true -H /data --client-config ${CONFIG_PATH}/${name}.yaml`,
  );
  return [...clusters, ...ldapCommands(mc)].join(' && ');
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
  return ['./bin/hz-mc conf security reset -H /data', `./bin/hz-mc conf ldap configure -H /data ${configure}`];
}

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
