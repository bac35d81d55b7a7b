import type { MutatingWebhook, ValidatingWebhook } from '@binnacle/client/kinds';
import type { AnyResource } from '../context.ts';
import type { Operator } from '../operator/operator.ts';
import { HOOKS_LABEL, pathOf } from './hook.ts';
import type { Hook } from './hook.ts';

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

/** Of the ValidatingWebhookConfiguration, and of the MutatingWebhookConfiguration of an operator that has a filler. */
export function webhookConfigurationName({ name }: Pick<Operator, 'name'>): string {
  return `${name}-operator`;
}

/** Names that the server's certificate must have. */
export function hostsOf(reach: Reach, namespace: string): readonly string[] {
  if ('host' in reach) return [reach.host];
  return ['', '.cluster.local'].map((suffix) => `${reach.service}.${namespace}.svc${suffix}`);
}

/** Where webhooks are reached, and by what they are believed. */
export interface At {
  readonly reach: Reach;
  readonly namespace: string;
  readonly port: number;
  readonly bundle: string;
}

/** Written out with all defaults, so that it can be compared with what is stored. When it does not answer the write goes on. */
const ALWAYS = { admissionReviewVersions: ['v1'], failurePolicy: 'Ignore', matchPolicy: 'Equivalent', sideEffects: 'None', timeoutSeconds: TIMEOUT_SECONDS };

/**
 * One webhook a kind, and one a guard. Of declared kinds only creations and updates of the objects themselves: deletions and the status are nobody's business
 * here. The same rules run again in the reconcile, and a stopped operator must not keep anybody from taking a finalizer off.
 */
export function validatingWebhooks(resources: readonly AnyResource[], hooks: readonly Hook[], at: At): readonly ValidatingWebhook[] {
  const declared = resources.map(({ group, version, plural, scope }): ValidatingWebhook => ({
    ...ALWAYS,
    name: `validate.${plural}.${group}`,
    clientConfig: clientConfig(at, '/'),
    namespaceSelector: {},
    objectSelector: {},
    rules: [{ apiGroups: [group], apiVersions: [version], operations: ['CREATE', 'UPDATE'], resources: [plural], scope: scopeOf(scope) }],
  }));
  return [...declared, ...hooks.filter(({ type }) => type === 'guard').map((hook) => hookEntry(hook, at))];
}

/** One webhook a filler. */
export function mutatingWebhooks(hooks: readonly Hook[], at: At): readonly MutatingWebhook[] {
  return hooks.filter(({ type }) => type === 'filler').map((hook) => ({ ...hookEntry(hook, at), reinvocationPolicy: 'Never' }));
}

/** Never where it could stop a cluster from healing itself, nor where somebody said no. */
function hookEntry(hook: Hook, at: At): ValidatingWebhook {
  const { group, version, plural, scope } = hook.kind;
  const not = (key: string, ...values: readonly string[]) => ({ key, operator: 'NotIn', values });
  const resource = hook.subresource === undefined ? plural : `${plural}/${hook.subresource}`;
  return {
    ...ALWAYS,
    name: `${hook.name}.${hook.type}.binnacle.dev`,
    clientConfig: clientConfig(at, pathOf(hook)),
    namespaceSelector: { matchExpressions: [not('kubernetes.io/metadata.name', 'kube-system', at.namespace), not(HOOKS_LABEL, 'off')] },
    objectSelector: hook.labels === undefined ? {} : { matchLabels: hook.labels },
    rules: [{ apiGroups: [group], apiVersions: [version], operations: hook.on, resources: [resource], scope: scopeOf(scope) }],
  };
}

const scopeOf = (scope: string): string => (scope === 'Namespaced' ? 'Namespaced' : 'Cluster');

function clientConfig({ reach, namespace, port, bundle }: At, path: string): ValidatingWebhook['clientConfig'] {
  const caBundle = Buffer.from(bundle).toString('base64');
  return 'host' in reach
    ? { caBundle, url: `https://${reach.host}:${port}${path}` }
    : { caBundle, service: { namespace, name: reach.service, path, port: 443 } };
}

/** An object of an installation. */
export interface WebhookObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/**
 * What an operator's webhook needs to be installed with it: the configuration and the Secret, both empty, and the right to follow and fill in those two and no others.
 * Without them the operator runs, and says that its webhook does not.
 */
export function webhookManifests(operator: Operator, where: { readonly namespace: string; readonly serviceAccount: string }): readonly WebhookObject[] {
  const { namespace, serviceAccount } = where;
  const [secret, configuration] = [webhookSecretName(operator), webhookConfigurationName(operator)];
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  const name = `${serviceAccount}-webhook`;
  const own = (apiGroup: string, all: readonly string[], resourceName: string, verbs: readonly string[]) => [
    { apiGroups: [apiGroup], resources: all, resourceNames: [resourceName], verbs },
  ];
  const mutating = operator.hooks.some(({ type }) => type === 'filler');
  const resources = ['validatingwebhookconfigurations', ...(mutating ? ['mutatingwebhookconfigurations'] : [])];
  return [
    { apiVersion: `${HOOKS}/v1`, kind: 'ValidatingWebhookConfiguration', metadata: { name: configuration } },
    ...(mutating ? [{ apiVersion: `${HOOKS}/v1`, kind: 'MutatingWebhookConfiguration', metadata: { name: configuration } }] : []),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret, namespace }, type: 'Opaque' },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: own(HOOKS, resources, configuration, ['get', 'list', 'watch', 'patch']),
    },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects },
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name, namespace }, rules: own('', ['secrets'], secret, ['get', 'list', 'watch', 'update']) },
    { apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { name, namespace }, roleRef: { apiGroup: RBAC, kind: 'Role', name }, subjects },
  ];
}
