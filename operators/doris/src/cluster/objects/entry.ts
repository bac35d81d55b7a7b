import type { Container, EnvVar, Volume } from '@binnacle/client/kinds';
import { accountSecretName, namesOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { frontEndPorts } from '../ports.ts';
import { componentOf, isOfficial } from './cluster.ts';
import type { Cluster } from './cluster.ts';

/** What an image's entry script is told and where it looks: one contract for each of the two families of images. */
export interface Entry {
  readonly env: readonly EnvVar[];
  readonly confPath: string;
  readonly stopScript: string;
  readonly command?: readonly string[];
}

/** The contract of a component's image. Sources: spec/doris-operator.md §3.2 and §4.2; spec/doris-field-notes.md §2.3 and §2.4 for Apache's own images. */
export function entryOf(cluster: Cluster, name: ComponentName): Entry {
  return isOfficial(componentOf(cluster, name)) ? official(cluster, name) : classic(cluster, name);
}

/** The volume with the component's configuration files. */
export const confVolume = (cluster: Cluster, name: ComponentName): Volume => ({ name: 'conf', configMap: { name: namesOf(cluster.name, name).configMap } });

/** Where the front ends are and whom to log in as, in the words of the existing operator's images. */
export function accountEnv(cluster: Cluster, name: ComponentName): readonly EnvVar[] {
  return [
    { name: 'FE_SVC', value: namesOf(cluster.name, 'fe').service },
    ...(name === 'fe' ? [] : [queryPortEnv(cluster)]),
    { name: 'ACC_USER', valueFrom: secret(cluster, 'user') },
    { name: 'ACC_PWD', valueFrom: secret(cluster, 'password') },
  ];
}

export const queryPortEnv = (cluster: Cluster): EnvVar => ({ name: 'FE_QUERY_PORT', value: String(frontEndPorts(cluster.spec.fe?.config).query) });

function classic(cluster: Cluster, name: ComponentName): Entry {
  const env = accountEnv(cluster, name);
  switch (name) {
    case 'fe':
      return { env, confPath: '/etc/apache-doris/fe/', stopScript: 'bin/stop_fe.sh' };
    case 'be':
      return { env: [...env, { name: 'BE_PROBE_TIMEOUT', value: '200' }], confPath: '/etc/apache-doris/be/', stopScript: 'bin/stop_be.sh' };
    case 'cn': // its script reads another name than the one that it was given (spec/doris-operator.md §10 #31)
      return { env: [...env, { name: 'CN_PROBE_TIMEOUT', value: '200' }], confPath: '/etc/apache-doris/be/', stopScript: 'bin/stop_be.sh' };
    case 'broker':
      return { env: [...env, { name: 'PROBE_TIMEOUT', value: '100' }], confPath: '/opt/apache-doris/broker/conf', stopScript: 'bin/stop_broker.sh' };
  }
}

function official(cluster: Cluster, name: ComponentName): Entry {
  const field = (env: string, fieldPath: string): EnvVar => ({ name: env, valueFrom: { fieldRef: { fieldPath } } });
  const script = name === 'cn' ? 'be' : name;
  return {
    env: [
      field('POD_NAME', 'metadata.name'),
      field('POD_IP', 'status.podIP'),
      field('HOST_IP', 'status.hostIP'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      { name: 'CONFIGMAP_MOUNT_PATH', value: '/etc/doris' },
      { name: 'DORIS_ROOT', value: '/opt/apache-doris' },
      { name: 'USER', valueFrom: secret(cluster, 'user') },
      { name: 'PASSWD', valueFrom: secret(cluster, 'password') },
      { name: 'ENV_FE_ADDR', value: namesOf(cluster.name, 'fe').service },
      queryPortEnv(cluster),
      ...(name === 'fe' ? [{ name: 'ELECT_NUMBER', value: String(cluster.spec.fe?.followers ?? ALL_VOTE) }] : []),
      ...(name === 'cn' ? [{ name: 'COMPONENT_TYPE', value: 'COMPUTE' }] : []),
    ],
    confPath: '/etc/doris',
    stopScript: `/opt/apache-doris/${script}_prestop.sh`,
    command: [`/opt/apache-doris/${script}_entrypoint.sh`, '$(ENV_FE_ADDR)'],
  };
}

/** For ELECT_NUMBER, which must not depend on how many there are: a template that changes with the replicas restarts them all. */
const ALL_VOTE = 99;

const secret = (cluster: Cluster, key: string) => ({ secretKeyRef: { name: accountSecretName(cluster.name), key } });

/**
 * Raises vm.max_map_count on the node, which needs a privileged container: only where it is asked for. Otherwise the node has it already, and newer images
 * are told not to insist (SKIP_CHECK_ULIMIT, from 2.1.8 and 3.0.4 on).
 */
export function sysctl(cluster: Cluster, had: boolean): Container | undefined {
  const image = cluster.spec.busyBoxImage;
  const named = image !== undefined && image !== '';
  if (!(cluster.spec.setMaxMapCount ?? (named || had))) return undefined;
  return {
    name: SYSCTL,
    image: named ? image : 'busybox:1.36',
    command: ['sysctl', '-w', 'vm.max_map_count=2000000'],
    securityContext: { privileged: true },
  };
}

export const SYSCTL = 'sysctl';
