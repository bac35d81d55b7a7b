import type { Container, EnvVar, Job } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { dataHash } from '../../cluster/hash.ts';
import { accountSecretName, namesOf } from '../../cluster/names.ts';
import { RUN, configName, jobName, secretName } from '../names.ts';
import { configData } from './config.ts';
import type { Initializer, Running } from './from.ts';
import { SQL_FAILED } from './start.py.ts';

/** Has Python and MySQLdb. */
export const INITIALIZER_IMAGE = 'tnir/mysqlclient:1.4.6';

/** The Job of one run. Container names, mounts and environment are a contract with images (spec/doris-operator.md §5.2). */
export function job(initializer: Initializer, running: Running, queryPort: number): Desired<typeof Job> {
  const { name, spec } = initializer;
  const labels = labelsBeside(spec.cluster, 'initializer');
  const resources = given({ requests: spec.requests, limits: spec.limits, claims: spec.claims });
  const file = (volume: string, path: string, subPath: string) => ({ name: volume, mountPath: path, subPath, readOnly: true });
  return {
    name: jobName(name),
    labels,
    annotations: { [RUN]: String(running.run.number) },
    spec: {
      parallelism: 1,
      ...given({ backoffLimit: spec.maxRetry }),
      // A script of which a part was executed is not begun again by itself. Kubernetes before 1.25 does not know this field, and tries again.
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { containerName: 'mysql-client', operator: 'In', values: [SQL_FAILED] } }] },
      template: {
        metadata: { labels, annotations: { 'al-assad.github.io/initr-config': dataHash(configData(running)) } },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          ...given({
            serviceAccountName: spec.serviceAccount || undefined,
            imagePullSecrets: spec.imagePullSecrets,
            tolerations: spec.tolerations,
            nodeSelector: spec.nodeSelector,
          }),
          volumes: [
            { name: 'password', secret: { secretName: secretName(name) } },
            { name: 'init-sql', configMap: { name: configName(name), items: [{ key: 'init.sql', path: 'init.sql' }] } },
            { name: 'check-conn-script', configMap: { name: configName(name), items: [{ key: 'check-conn-script.sh', path: 'check_conn.sh' }] } },
            { name: 'start-script', configMap: { name: configName(name), items: [{ key: 'start-script.py', path: 'start.py' }] } },
          ],
          initContainers: [
            {
              ...container(initializer, 'wait', ['sh', '/usr/local/bin/check_conn.sh'], queryPort),
              volumeMounts: [file('check-conn-script', '/usr/local/bin/check_conn.sh', 'check_conn.sh')],
            },
          ],
          containers: [
            {
              ...container(initializer, 'mysql-client', ['python', '/usr/local/bin/start.py'], queryPort, account(spec.cluster)),
              ...(Object.keys(resources).length === 0 ? {} : { resources: resources as NonNullable<Container['resources']> }),
              volumeMounts: [
                file('start-script', '/usr/local/bin/start.py', 'start.py'),
                { name: 'password', mountPath: '/etc/doris/password', readOnly: true },
                file('init-sql', '/etc/doris/init.sql', 'init.sql'),
              ],
            },
          ],
        },
      },
    },
  };
}

function container({ spec }: Initializer, name: string, command: readonly string[], queryPort: number, more: readonly EnvVar[] = []): Container {
  return {
    name,
    image: spec.image || INITIALIZER_IMAGE,
    ...given({ imagePullPolicy: spec.imagePullPolicy || undefined }),
    command,
    env: [{ name: 'FE_SVC', value: namesOf(spec.cluster, 'fe').service }, { name: 'FE_QUERY_PORT', value: String(queryPort) }, ...more],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
  };
}

function account(cluster: string): readonly EnvVar[] {
  const from = (key: string) => ({ secretKeyRef: { name: accountSecretName(cluster), key } });
  return [
    { name: 'ACC_USER', valueFrom: from('user') },
    { name: 'ACC_PWD', valueFrom: from('password') },
  ];
}
