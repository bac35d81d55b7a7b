import type { ConfigMap } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { dataHash } from '../hash.ts';
import { javaConf, nativeConf } from '../conf.ts';
import { labelsOf, namesOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { componentOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { BROKER_LOG4J } from './log4j.ts';
import { storageRootPath } from './storage.ts';
import { TLS_CONF } from './tls.ts';

/** A component's configuration files: `hadoopConf.config` first, so that the operator's own files win over files of the same name. */
export function configData(cluster: Cluster, name: ComponentName): Readonly<Record<string, string>> {
  const config = componentOf(cluster, name).config ?? {};
  return { ...cluster.spec.hadoopConf?.config, ...ownFiles(cluster, name, config) };
}

/** The ConfigMap `<cluster>-<component>-config`. */
export function configMap(cluster: Cluster, name: ComponentName, annotations?: Readonly<Record<string, string>>): Desired<typeof ConfigMap> {
  return { name: namesOf(cluster.name, name).configMap, labels: labelsOf(cluster.name, name), ...given({ annotations }), data: configData(cluster, name) };
}

/** Pod annotation with the hash of the configuration that the pods are restarted for, one by one. */
export const configAnnotation = (name: ComponentName): string => `al-assad.github.io/${name}-config`;

/** The hash of a component's configuration as the spec wants it. */
export const configHash = (cluster: Cluster, name: ComponentName): string => dataHash(configData(cluster, name));

/** The one file whose lines Doris may be told while it runs. Brokers have no such file. */
export const LIVE_FILES = { fe: 'fe.conf', be: 'be.conf', cn: 'be.conf' } as const;
export type LiveName = keyof typeof LIVE_FILES;
export const isLive = (name: ComponentName): name is LiveName => name in LIVE_FILES;

/** Names of the files that the operator writes itself and no Hadoop has. */
export const configFiles: readonly string[] = ['fe.conf', 'be.conf', 'apache_hdfs_broker.conf'];

/**
 * Lines that overwrite the user's (spec/doris-operator.md §2.7). `enable_fqdn_mode` does nothing for compute nodes; it is kept because it is in their hash. Those
 * of TLS are apart: see TLS_CONF.
 */
export function forcedLines(spec: Cluster['spec'], name: ComponentName): Readonly<Record<string, string>> {
  if (name === 'broker') return {};
  if (name !== 'be') return { enable_fqdn_mode: 'true' };
  const roots = storageRootPath(spec.be);
  return { be_node_role: 'mix', ...(roots === undefined ? {} : { storage_root_path: roots }) };
}

function ownFiles(cluster: Cluster, name: ComponentName, config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lines = { ...config, ...(name === 'fe' && cluster.spec.fe?.tls !== undefined ? TLS_CONF : {}), ...forcedLines(cluster.spec, name) };
  if (name === 'broker') return { 'apache_hdfs_broker.conf': javaConf(lines), 'log4j.properties': BROKER_LOG4J };
  return { [LIVE_FILES[name]]: name === 'fe' ? javaConf(lines) : nativeConf(lines) };
}
