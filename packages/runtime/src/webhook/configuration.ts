import type { ValidatingWebhook } from '@binnacle/client/kinds';
import type { AnyResource } from '../context.ts';
import type { Operator } from '../operator/operator.ts';

/** How the API server reaches the webhook: a Service in the operator's namespace (port 443), or a name of this machine, for an API server beside it. */
export type Reach = { readonly service: string } | { readonly host: string };

/** A review is a matter of milliseconds; s. What hangs must not hold up users for long (spec/reliability.md §3.1, S-08). */
const TIMEOUT_SECONDS = 5;
const RBAC = 'rbac.authorization.k8s.io';
const HOOKS = 'admissionregistration.k8s.io';

/** Of the Secret with the certificates. */
export function webhookSecretName({ name }: Pick<Operator, 'name'>): string {
  return `${name}-webhook`;
}

/** Of the ValidatingWebhookConfiguration. */
export function webhookConfigurationName({ name }: Pick<Operator, 'name'>): string {
  return `${name}-operator`;
}

/** Names that the server's certificate must have. */
export function hostsOf(reach: Reach, namespace: string): readonly string[] {
  if ('host' in reach) return [reach.host];
  return ['', '.cluster.local'].map((suffix) => `${reach.service}.${namespace}.svc${suffix}`);
}

/**
 * One webhook a kind, written out with all defaults, so that it can be compared with what is stored. Only creations and updates of the objects themselves:
 * deletions and the status are nobody's business here. When it does not answer the write goes on: the same rules run again in the reconcile, and a stopped
 * operator must not keep anybody from taking a finalizer off.
 */
export function validatingWebhooks(
  resources: readonly AnyResource[],
  at: { readonly reach: Reach; readonly namespace: string; readonly port: number; readonly bundle: string },
): readonly ValidatingWebhook[] {
  const { reach, namespace, port } = at;
  const caBundle = Buffer.from(at.bundle).toString('base64');
  const clientConfig =
    'host' in reach ? { caBundle, url: `https://${reach.host}:${port}/` } : { caBundle, service: { namespace, name: reach.service, path: '/', port: 443 } };
  return resources.map(({ group, version, plural, scope }) => ({
    name: `validate.${plural}.${group}`,
    admissionReviewVersions: ['v1'],
    clientConfig,
    failurePolicy: 'Ignore',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    rules: [
      {
        apiGroups: [group],
        apiVersions: [version],
        operations: ['CREATE', 'UPDATE'],
        resources: [plural],
        scope: scope === 'Namespaced' ? 'Namespaced' : 'Cluster',
      },
    ],
    sideEffects: 'None',
    timeoutSeconds: TIMEOUT_SECONDS,
  }));
}

/** An object of an installation. */
export interface WebhookObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/**
 * What an operator's webhook needs to be installed with it: the configuration and the Secret, both empty, and the right to fill in those two and no others.
 * Without them the operator runs, and says that its webhook does not.
 */
export function webhookManifests(operator: Operator, where: { readonly namespace: string; readonly serviceAccount: string }): readonly WebhookObject[] {
  const { namespace, serviceAccount } = where;
  const [secret, configuration] = [webhookSecretName(operator), webhookConfigurationName(operator)];
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  const name = `${serviceAccount}-webhook`;
  const own = (apiGroup: string, resource: string, resourceName: string, verbs: readonly string[]) => [
    { apiGroups: [apiGroup], resources: [resource], resourceNames: [resourceName], verbs },
  ];
  return [
    { apiVersion: `${HOOKS}/v1`, kind: 'ValidatingWebhookConfiguration', metadata: { name: configuration } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace }, type: 'Opaque' },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: own(HOOKS, 'validatingwebhookconfigurations', configuration, ['get', 'patch']),
    },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects },
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name, namespace }, rules: own('', 'secrets', secret, ['get', 'update']) },
    { apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { name, namespace }, roleRef: { apiGroup: RBAC, kind: 'Role', name }, subjects },
  ];
}
