import type { Container, EnvVar, Job } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsBeside } from '../../labels.ts';
import { resourcesOf } from '../../resources.ts';
import { dataHash } from '../../cluster/hash.ts';
import { accountSecretName, namesOf } from '../../cluster/names.ts';
import { RUN, configName, jobName, secretName } from '../names.ts';
import { configData } from './config.ts';
import { encryptionVolumes } from './encryption.ts';
import type { Initializer, Running } from './from.ts';
import { SQL_FAILED } from './start.py.ts';

/** Has Python and MySQLdb. */
export const INITIALIZER_IMAGE = 'tnir/mysqlclient:1.4.6';

/** What brings passwords and statements in. */
export const MAIN_CONTAINER = 'mysql-client';

/**
 * The Job of one run. Container names are the existing operator's (spec/doris-operator.md §5.2). Unlike there, all that is secret comes in files: what is in the
 * environment shows in every listing of processes.
 */
export function job(initializer: Initializer, running: Running, queryPort: number): Desired<typeof Job> {
  const { name, spec } = initializer;
  const { encryption } = running;
  const tls = encryptionVolumes(encryption, configName(name));
  const host = encryption?.host ?? namesOf(spec.cluster, 'fe').service;
  const labels = labelsBeside(spec.cluster, 'initializer');
  const file = (key: string, path = key) => ({ key, path });
  const mount = (volume: string, path: string, subPath: string) => ({ name: volume, mountPath: path, subPath, readOnly: true });
  return {
    name: jobName(name),
    labels,
    annotations: { [RUN]: String(running.run.number) },
    spec: {
      parallelism: 1,
      ...given({ backoffLimit: spec.maxRetry }),
      // A script of which a part was executed is not begun again by itself. Kubernetes before 1.25 does not know this field, and tries again.
      podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { containerName: MAIN_CONTAINER, operator: 'In', values: [SQL_FAILED] } }] },
      template: {
        metadata: { labels, annotations: { 'al-assad.github.io/initr-config': dataHash(configData(encryption)) } },
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
            { name: 'account', secret: { secretName: accountSecretName(spec.cluster), items: [file('user'), file('password')] } },
            { name: 'password', secret: { secretName: secretName(name), items: [file('root'), file('admin'), file('root-previous')] } },
            { name: 'init-sql', secret: { secretName: secretName(name), items: [file('statements', 'statements.json')] } },
            { name: 'check-conn-script', configMap: { name: configName(name), items: [file('check-conn-script.sh', 'check_conn.sh')] } },
            { name: 'start-script', configMap: { name: configName(name), items: [file('start-script.py', 'start.py')] } },
            ...tls.volumes,
          ],
          initContainers: [
            {
              ...container(initializer, 'wait', ['sh', '/usr/local/bin/check_conn.sh'], address(host, queryPort)),
              volumeMounts: [mount('check-conn-script', '/usr/local/bin/check_conn.sh', 'check_conn.sh')],
            },
          ],
          containers: [
            {
              ...container(initializer, MAIN_CONTAINER, ['python', '/usr/local/bin/start.py'], [...address(host, queryPort), ...tls.env]),
              // Its last line names the statement that failed: the operator reads it from there.
              terminationMessagePolicy: 'FallbackToLogsOnError',
              ...resourcesOf(spec),
              volumeMounts: [
                mount('start-script', '/usr/local/bin/start.py', 'start.py'),
                { name: 'account', mountPath: '/etc/doris/account', readOnly: true },
                { name: 'password', mountPath: '/etc/doris/password', readOnly: true },
                { name: 'init-sql', mountPath: '/etc/doris/init', readOnly: true },
                ...tls.mounts,
              ],
            },
          ],
        },
      },
    },
  };
}

const address = (host: string, queryPort: number): readonly EnvVar[] => [
  { name: 'FE_SVC', value: host },
  { name: 'FE_QUERY_PORT', value: String(queryPort) },
];

function container({ spec }: Initializer, name: string, command: readonly string[], env: readonly EnvVar[]): Container {
  return {
    name,
    image: spec.image || INITIALIZER_IMAGE,
    ...given({ imagePullPolicy: spec.imagePullPolicy || undefined }),
    command,
    env,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
  };
}
