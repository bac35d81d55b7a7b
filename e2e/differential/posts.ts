import type { Json } from './step.ts';

type Posts = Readonly<Record<string, readonly Json[]>>;

/** What is asked of a pod. */
export const POD_POSTS: Posts = {
  eviction: [
    {},
    { apiVersion: 'policy/v1', kind: 'Eviction' },
    { apiVersion: 'policy/v1', kind: 'Eviction', deleteOptions: { gracePeriodSeconds: 0 } },
    { apiVersion: 'policy/v1', kind: 'Eviction', deleteOptions: { dryRun: ['All'] } },
    { apiVersion: 'policy/v1', kind: 'Eviction', deleteOptions: { preconditions: { uid: '33333333-3333-3333-3333-333333333333' } } },
    { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'elsewhere' } },
  ],
  binding: [
    { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'n' } },
    { apiVersion: 'v1', kind: 'Binding', target: { name: 'n' } },
    { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Nothing', name: 'n' } },
    { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: '' } },
    { apiVersion: 'v1', kind: 'Binding', metadata: { annotations: { bound: 'yes' } }, target: { kind: 'Node', name: 'n' } },
  ],
};

/** What is asked of a ServiceAccount. */
export const ACCOUNT_POSTS: Posts = {
  token: [
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['a'], expirationSeconds: 600 } },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 5 } },
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [''], boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'a' } },
    },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'nothing' } } },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name: 'elsewhere' }, spec: {} },
  ],
};
