import type { DaemonSet } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { resourcesOf } from '../../resources.ts';
import { dataHash } from '../../cluster/hash.ts';
import { MONITOR_IMAGES } from '../images.ts';
import { ACCOUNT, PORTS, configMapName, partName } from '../names.ts';
import type { ShipperName } from '../names.ts';
import { ALLOY_STATE } from './alloy-conf.ts';
import { configData } from './config.ts';
import type { Monitor } from './from.ts';
import { shipperPlaced } from './placed.ts';

const host = (volume: string, path: string) => ({ name: volume, hostPath: { path } });
const readOnly = (name: string, mountPath: string) => ({ name, mountPath, readOnly: true });

/** What differs between the two that collect logs. */
const SHIPPERS = {
  promtail: {
    port: 'http-metrics',
    args: ['-config.file=/etc/promtail/promtail.yaml'],
    volumes: [host('run', '/run/promtail')],
    mounts: [{ name: 'run', mountPath: '/run/promtail' }],
    ready: '/ready',
  },
  alloy: {
    port: 'http',
    args: ['run', '/etc/alloy/config.alloy', `--server.http.listen-addr=0.0.0.0:${PORTS.alloy}`, `--storage.path=${ALLOY_STATE}`, '--disable-reporting'],
    volumes: [
      { name: 'state', hostPath: { path: ALLOY_STATE, type: 'DirectoryOrCreate' } },
      { name: 'promtail', hostPath: { path: '/run/promtail', type: 'DirectoryOrCreate' } },
    ],
    mounts: [{ name: 'state', mountPath: ALLOY_STATE }, readOnly('promtail', '/run/promtail')],
    ready: '/-/ready',
  },
} as const;

/** Promtail or Alloy on every node. Runs as root: log files on nodes belong to nobody else. It writes where it remembers how far it read, and nowhere else. */
export function daemonSet(monitor: Monitor, shipper: ShipperName): Desired<typeof DaemonSet> {
  const { name, spec } = monitor;
  const labels = labelsBeside(spec.cluster, shipper);
  const own = SHIPPERS[shipper];
  return {
    name: partName(name, shipper),
    labels,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { [`al-assad.github.io/${shipper}-conf`]: dataHash(configData(monitor, shipper)) } },
        spec: {
          serviceAccountName: ACCOUNT,
          ...given({ imagePullSecrets: spec.imagePullSecrets }),
          ...shipperPlaced(monitor, shipper),
          volumes: [
            { name: 'config', configMap: { name: configMapName(name, shipper) } },
            ...own.volumes,
            host('containers', '/var/lib/docker/containers'),
            host('pods', '/var/log/pods'),
          ],
          containers: [
            {
              name: shipper,
              image: spec[shipper]?.image || MONITOR_IMAGES[shipper],
              ...given({ imagePullPolicy: spec.imagePullPolicy || undefined }),
              args: [...own.args],
              env: [{ name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
              ports: [{ name: own.port, containerPort: PORTS[shipper] }],
              ...resourcesOf(spec[shipper]),
              volumeMounts: [
                readOnly('config', `/etc/${shipper}`),
                ...own.mounts,
                readOnly('containers', '/var/lib/docker/containers'),
                readOnly('pods', '/var/log/pods'),
              ],
              readinessProbe: { httpGet: { path: own.ready, port: PORTS[shipper] }, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 5 },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsUser: 0 },
            },
          ],
        },
      },
    },
  };
}
