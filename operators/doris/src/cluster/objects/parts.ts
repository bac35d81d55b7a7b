import type { ComponentName } from '../names.ts';
import { backEndPorts, brokerPorts, frontEndPorts } from '../ports.ts';
import { bornOnce, bornVolume } from './born.ts';
import { componentOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { confVolume, entryOf, sysctl } from './entry.ts';
import type { PodParts } from './pod.ts';
import { META_PATH, META_VOLUME, dataMounts } from './storage.ts';
import { tlsVolume } from './tls.ts';

/** What makes a component's pods different from others'. `hadSysctl`: a cluster that was taken over has a container that sets vm.max_map_count. */
export function partsOf(cluster: Cluster, name: ComponentName, hadSysctl: boolean): PodParts {
  switch (name) {
    case 'fe':
      return frontEnd(cluster);
    case 'be':
    case 'cn':
      return backEnd(cluster, name, hadSysctl);
    case 'broker':
      return broker(cluster);
  }
}

function frontEnd(cluster: Cluster): PodParts {
  const ports = frontEndPorts(componentOf(cluster, 'fe').config);
  const { confPath, ...entry } = entryOf(cluster, 'fe');
  const tls = tlsVolume(cluster);
  return {
    ...entry,
    ports: [
      { name: 'http-port', containerPort: ports.http },
      { name: 'edit-log-port', containerPort: ports.editLog },
      { name: 'rpc-port', containerPort: ports.rpc },
      { name: 'query-port', containerPort: ports.query },
    ],
    volumes: [confVolume(cluster, 'fe'), { name: 'fe-log', emptyDir: {} }, bornVolume(cluster), ...tls.volumes],
    mounts: [
      { name: 'conf', mountPath: confPath },
      { name: META_VOLUME, mountPath: META_PATH },
      { name: 'fe-log', mountPath: '/opt/apache-doris/fe/log' },
      ...tls.mounts,
    ],
    // Not the query port: a follower opens that one only when it has caught up, and is needed for the quorum before.
    probePort: ports.editLog,
    readinessDelaySeconds: 3,
    metricsPort: ports.http,
    initContainers: [bornOnce(cluster)],
  };
}

function backEnd(cluster: Cluster, name: 'be' | 'cn', hadSysctl: boolean): PodParts {
  const ports = backEndPorts(componentOf(cluster, name).config);
  const { confPath, env, ...entry } = entryOf(cluster, name);
  const init = sysctl(cluster, hadSysctl);
  return {
    ...entry,
    env: init === undefined ? [...env, { name: 'SKIP_CHECK_ULIMIT', value: 'true' }] : env,
    ports: [
      { name: 'webserver-port', containerPort: ports.webserver },
      { name: 'heart-port', containerPort: ports.heartbeat },
      { name: 'be-port', containerPort: ports.be },
      { name: 'brpc-port', containerPort: ports.brpc },
    ],
    volumes: [confVolume(cluster, name), { name: `${name}-log`, emptyDir: {} }],
    mounts: [
      { name: 'conf', mountPath: confPath },
      { name: `${name}-log`, mountPath: '/opt/apache-doris/be/log' },
      ...(name === 'be' ? dataMounts(cluster.spec.be) : []),
    ],
    probePort: ports.heartbeat,
    readinessDelaySeconds: 0,
    metricsPort: ports.webserver,
    initContainers: init === undefined ? [] : [init],
  };
}

function broker(cluster: Cluster): PodParts {
  const { ipc } = brokerPorts(componentOf(cluster, 'broker').config);
  const { confPath, ...entry } = entryOf(cluster, 'broker');
  return {
    ...entry,
    ports: [{ name: 'ipc-port', containerPort: ipc }],
    volumes: [confVolume(cluster, 'broker')],
    mounts: [{ name: 'conf', mountPath: confPath }],
    probePort: ipc,
    readinessDelaySeconds: 0,
    initContainers: [],
  };
}
