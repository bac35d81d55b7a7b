import { SYSTEM_NAMESPACE } from './install.ts';
import type { Entry } from './operators.ts';

/** A Deployment that runs one operator, two replicas of which one leads; passes the `restricted` Pod Security level. */
export function deploymentManifest(entry: Entry, image: string): object {
  const name = `${entry.name}-operator`;
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'binnacle' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: SYSTEM_NAMESPACE, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'operator',
              image,
              args: ['operator', entry.name, '--leader-election'],
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
    },
  };
}
