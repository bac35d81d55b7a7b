import type { OperatorPart } from '@binnacle/runtime';
import { accountOf, webhookServiceOf } from './install.ts';
import type { Manifest } from './install.ts';
import type { Entry } from './entries/entry.ts';

/** Ports of an operator's pod. */
export const PORTS = Object.freeze({ health: 8081, webhook: 9443 });

/**
 * What runs one operator in a cluster: a Deployment of two replicas, of which one leads and both answer admission reviews, the Service of the webhook, and a
 * budget that keeps one of them. `part`: of that part alone; `namespaces`: for these alone. Passes the `restricted` Pod Security level. `image` holds this command line.
 */
export function deploymentManifests(
  entry: Entry,
  at: { readonly image: string; readonly namespace: string; readonly part?: OperatorPart; readonly namespaces?: readonly string[] },
): readonly Manifest[] {
  const { namespace, part } = at;
  const name = accountOf(entry, part);
  const selector = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'binnacle' };
  const service: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: webhookServiceOf(entry), namespace },
    spec: { selector, ports: [{ name: 'webhook', port: 443, targetPort: 'webhook' }] },
  } as Manifest;
  return [
    ...(part === 'controller-manager' ? [] : [service]),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace },
      spec: { minAvailable: 1, selector: { matchLabels: selector } },
    } as Manifest,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: selector },
      spec: { replicas: 2, selector: { matchLabels: selector }, template: { metadata: { labels: selector }, spec: podOf(entry, at, selector) } },
    } as Manifest,
  ];
}

function podOf(entry: Entry, { image, part, namespaces }: Parameters<typeof deploymentManifests>[1], selector: Readonly<Record<string, string>>): object {
  const probe = (path: string) => ({ httpGet: { path, port: 'health' }, timeoutSeconds: 5, periodSeconds: 5, failureThreshold: 6 });
  return {
    serviceAccountName: accountOf(entry, part),
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selector } },
    ],
    containers: [
      {
        name: 'operator',
        image,
        args: [
          'operator',
          entry.name,
          ...(part === undefined ? [] : ['--only', part]),
          ...(namespaces === undefined ? [] : ['--namespaces', namespaces.join(',')]),
          ...(part === 'admission-webhook' ? [] : ['--leader-election']),
        ],
        env: [{ name: 'BINNACLE_SYSTEM_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
        ports: [{ name: 'health', containerPort: PORTS.health }, ...(part === 'controller-manager' ? [] : [{ name: 'webhook', containerPort: PORTS.webhook }])],
        // On a busy node the start alone takes longer than a liveness probe would stand.
        startupProbe: { ...probe('/healthz'), periodSeconds: 2, failureThreshold: 60 },
        livenessProbe: probe('/healthz'),
        readinessProbe: probe('/readyz'),
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}
