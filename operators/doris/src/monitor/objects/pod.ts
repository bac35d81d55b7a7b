import type { Container, PodSpec, Volume, VolumeMount } from '@binnacle/client/kinds';
import { given } from '../../given.ts';
import { resourcesOf } from '../../resources.ts';
import { runsAs } from '../../runs-as.ts';
import { MONITOR_IMAGES } from '../images.ts';
import { ACCOUNT, configMapName, grafanaSecretName, PORTS } from '../names.ts';
import type { PartName } from '../names.ts';
import type { Monitor } from './from.ts';
import { DASHBOARD_FILES } from './grafana-conf.ts';
import { placed } from './placed.ts';

/** What tells one part's pod from another's. */
interface Part {
  readonly image: string;
  /** User and group of the image; the volume is given to it, or it could not write there (spec/doris-operator.md §10 #32). */
  readonly user: number;
  readonly data: string;
  readonly account: 'monitor' | 'users';
}

const PARTS: Readonly<Record<PartName, Part>> = {
  prometheus: { image: MONITOR_IMAGES.prometheus, user: 65_534, data: '/data/prometheus', account: 'monitor' },
  grafana: { image: MONITOR_IMAGES.grafana, user: 472, data: '/data/grafana', account: 'users' },
  loki: { image: MONITOR_IMAGES.loki, user: 10_001, data: '/data', account: 'users' },
};

/** The pod of Prometheus, Grafana or Loki. Ports, probes, mounts and arguments: spec/doris-operator.md §6.3. */
export function podSpec(monitor: Monitor, part: PartName): PodSpec {
  const { spec } = monitor;
  const { image, user, data, account } = PARTS[part];
  const { volumes, mounts } = files(monitor, part);
  return {
    ...(account === 'monitor' ? { serviceAccountName: ACCOUNT } : { ...runsAs(spec.serviceAccount || undefined), automountServiceAccountToken: false }),
    ...given({ imagePullSecrets: spec.imagePullSecrets }),
    ...placed(monitor, part),
    securityContext: { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [...volumes],
    containers: [
      {
        name: part,
        image: spec[part]?.image || image,
        ...given({ imagePullPolicy: spec.imagePullPolicy || undefined }),
        ...arguments_(monitor, part),
        ports: [
          { name: part === 'loki' ? 'http-metrics' : 'http-port', containerPort: PORTS[part] },
          ...(part === 'loki' ? [{ name: 'grpc', containerPort: 9095 }] : []),
        ],
        ...resourcesOf(spec[part]),
        volumeMounts: [...mounts, { name: `${part}-data`, mountPath: data }],
        ...probes[part],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}

function arguments_({ name, spec }: Monitor, part: PartName): Pick<Container, 'args' | 'env'> {
  if (part === 'loki') return { args: ['-config.file=/etc/loki/loki.yml'] };
  if (part === 'grafana') {
    const from = (key: string) => ({ secretKeyRef: { name: grafanaSecretName(name), key } });
    return {
      env: [
        { name: 'GF_PATHS_DATA', value: '/data/grafana' },
        { name: 'GF_SECURITY_ADMIN_USER', valueFrom: from('user') },
        { name: 'GF_SECURITY_ADMIN_PASSWORD', valueFrom: from('password') },
      ],
    };
  }
  const retention = spec.prometheus?.retentionTime || undefined;
  return {
    args: [
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/data/prometheus',
      '--web.enable-lifecycle',
      ...(retention === undefined ? [] : [`--storage.tsdb.retention.time=${retention}`]),
    ],
  };
}

function files({ name }: Monitor, part: PartName): { readonly volumes: readonly Volume[]; readonly mounts: readonly VolumeMount[] } {
  const map = configMapName(name, part);
  if (part !== 'grafana') {
    const volume = `${part}-config`;
    return { volumes: [{ name: volume, configMap: { name: map } }], mounts: [{ name: volume, mountPath: `/etc/${part}`, readOnly: true }] };
  }
  const item = (key: string, path: string) => ({ key, path });
  return {
    volumes: [
      { name: 'grafana-datasource', configMap: { name: map, items: [item('datasource.yml', 'doris-cluster-datasource.yml')] } },
      {
        name: 'grafana-dashboard',
        configMap: { name: map, items: [item('dashboard.yml', 'dashboard.yml'), ...DASHBOARD_FILES.map((file) => item(file, `doris-cluster-${file}`))] },
      },
    ],
    mounts: [
      { name: 'grafana-datasource', mountPath: '/etc/grafana/provisioning/datasources', readOnly: true },
      { name: 'grafana-dashboard', mountPath: '/etc/grafana/provisioning/dashboards', readOnly: true },
    ],
  };
}

const get = (path: string, port: number) => ({ httpGet: { path, port } });
const probes: Readonly<Record<PartName, Pick<Container, 'readinessProbe' | 'livenessProbe'>>> = {
  prometheus: {
    readinessProbe: { ...get('/-/ready', 9090), timeoutSeconds: 1, periodSeconds: 5, failureThreshold: 120 },
    livenessProbe: { ...get('/-/healthy', 9090), timeoutSeconds: 1, periodSeconds: 5, failureThreshold: 30 },
  },
  grafana: {
    readinessProbe: { ...get('/api/health', 3000), timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 3 },
    livenessProbe: { ...get('/api/health', 3000), timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 3, initialDelaySeconds: 60 },
  },
  // Not ready says a Loki that replays its log as well: killed for it, it would begin again.
  loki: {
    readinessProbe: { ...get('/ready', 3100), initialDelaySeconds: 45, timeoutSeconds: 1, periodSeconds: 10, failureThreshold: 3 },
    livenessProbe: { tcpSocket: { port: 3100 }, initialDelaySeconds: 45, timeoutSeconds: 1, periodSeconds: 10, failureThreshold: 3 },
  },
};
