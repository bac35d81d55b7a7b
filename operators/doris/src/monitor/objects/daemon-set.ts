import type { DaemonSet } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { dataHash } from '../../cluster/hash.ts';
import { MONITOR_IMAGES } from '../images.ts';
import { ACCOUNT, PORTS, configMapName, partName } from '../names.ts';
import { configData } from './config.ts';
import type { Monitor } from './from.ts';
import { resourcesOf } from './pod.ts';

/** Promtail on every node. Runs as root: log files on nodes belong to nobody else. It writes where it remembers how far it read, and nowhere else. */
export function daemonSet(monitor: Monitor): Desired<typeof DaemonSet> {
  const { name, spec } = monitor;
  const labels = labelsBeside(spec.cluster, 'promtail');
  const host = (volume: string, path: string) => ({ name: volume, hostPath: { path } });
  return {
    name: partName(name, 'promtail'),
    labels,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'al-assad.github.io/promtail-conf': dataHash(configData(monitor, 'promtail')) } },
        spec: {
          serviceAccountName: ACCOUNT,
          ...given({ imagePullSecrets: spec.imagePullSecrets }),
          volumes: [
            { name: 'config', configMap: { name: configMapName(name, 'promtail') } },
            host('run', '/run/promtail'),
            host('containers', '/var/lib/docker/containers'),
            host('pods', '/var/log/pods'),
          ],
          containers: [
            {
              name: 'promtail',
              image: spec.promtail?.image || MONITOR_IMAGES.promtail,
              ...given({ imagePullPolicy: spec.imagePullPolicy || undefined }),
              args: ['-config.file=/etc/promtail/promtail.yaml'],
              env: [{ name: 'HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
              ports: [{ name: 'http-metrics', containerPort: PORTS.promtail }],
              ...resourcesOf(spec.promtail),
              volumeMounts: [
                { name: 'config', mountPath: '/etc/promtail', readOnly: true },
                { name: 'run', mountPath: '/run/promtail' },
                { name: 'containers', mountPath: '/var/lib/docker/containers', readOnly: true },
                { name: 'pods', mountPath: '/var/log/pods', readOnly: true },
              ],
              readinessProbe: { httpGet: { path: '/ready', port: PORTS.promtail }, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 5 },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsUser: 0 },
            },
          ],
        },
      },
    },
  };
}
