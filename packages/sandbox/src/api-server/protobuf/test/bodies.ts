interface Body {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const at = (group: string, plural: string) => `${group === 'v1' ? '/api' : '/apis'}/${group}/namespaces/default/${plural}`;
const labels = { app: 'web' };
const pod = {
  initContainers: [{ name: 'first', image: 'busybox', command: ['sh', '-c', 'true'], restartPolicy: 'Always' }],
  containers: [
    {
      name: 'web',
      image: 'web:1',
      env: [
        { name: 'EMPTY', value: '' },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      ],
      ports: [{ name: 'http', containerPort: 80 }],
      resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '0' } },
      readinessProbe: { httpGet: { port: 'http', path: '/' }, periodSeconds: 3 },
      livenessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 1 },
      securityContext: { runAsUser: 0, privileged: false, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    },
  ],
  volumes: [
    { name: 'scratch', emptyDir: {} },
    { name: 'settings', configMap: { name: 'settings', defaultMode: 0, optional: false } },
    { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] } },
  ],
  terminationGracePeriodSeconds: 0,
  automountServiceAccountToken: false,
  tolerations: [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }],
  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: {} }] } },
};
const template = { metadata: { labels, annotations: { empty: '' } }, spec: pod };
const selector = { matchLabels: labels };

/** Objects with what is easily lost on the way: pointers to zero, empty text in maps, bytes, quantities, times, ports by name, JSON in objects. */
export const BODIES: readonly (readonly [path: string, object: Body])[] = [
  [
    at('v1', 'configmaps'),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', labels }, data: { a: '1', empty: '' }, binaryData: { b: 'AP8=' }, immutable: false },
  ],
  [at('v1', 'secrets'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type: 'Opaque', data: { password: 'c2VjcmV0', empty: '' } }],
  [at('v1', 'pods'), { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels }, spec: pod }],
  [
    at('v1', 'services'),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        selector: labels,
        ports: [
          { name: 'http', port: 80, targetPort: 'http' },
          { name: 'tls', port: 443 },
          { name: 'x', port: 9, targetPort: 10 },
        ],
      },
    },
  ],
  [
    at('v1', 'persistentvolumeclaims'),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'd' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } },
    },
  ],
  [
    at('v1', 'events'),
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
      reason: 'Started',
      type: 'Normal',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '1970-01-01T00:00:00Z',
      eventTime: '2026-01-01T00:00:00.000007Z',
      action: 'Start',
      reportingComponent: 'kubelet',
      reportingInstance: 'n1',
    },
  ],
  [
    at('apps/v1', 'deployments'),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels },
      spec: {
        replicas: 0,
        revisionHistoryLimit: 0,
        selector,
        template,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '50%' } },
      },
    },
  ],
  [
    at('apps/v1', 'statefulsets'),
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 0,
        serviceName: 'db',
        selector,
        template,
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } } }],
      },
    },
  ],
  [
    at('apps/v1', 'controllerrevisions'),
    { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'r' }, revision: 1, data: { spec: { a: [0, '', null] } } },
  ],
  [
    at('batch/v1', 'jobs'),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j' },
      spec: {
        parallelism: 0,
        backoffLimit: 0,
        ttlSecondsAfterFinished: 0,
        suspend: false,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'j', image: 'busybox' }] } },
      },
    },
  ],
  [
    at('coordination.k8s.io/v1', 'leases'),
    {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l' },
      spec: {
        holderIdentity: '',
        leaseDurationSeconds: 15,
        acquireTime: '2026-01-01T00:00:00.123456Z',
        renewTime: '2026-01-01T00:00:01.000000Z',
        leaseTransitions: 0,
      },
    },
  ],
  [
    at('networking.k8s.io/v1', 'networkpolicies'),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'n' },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [{ ports: [{ port: 80, endPort: 90 }, { port: 'http' }], from: [{ namespaceSelector: {} }] }],
      },
    },
  ],
  [
    at('policy/v1', 'poddisruptionbudgets'),
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { maxUnavailable: 0, selector } },
  ],
  [
    at('autoscaling/v2', 'horizontalpodautoscalers'),
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 3,
        metrics: [{ type: 'Pods', pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '500m' } } }],
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      },
    },
  ],
  [
    at('rbac.authorization.k8s.io/v1', 'roles'),
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.ex.io' },
      spec: {
        group: 'ex.io',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    properties: {
                      size: { type: 'integer', default: 0, minimum: 0 },
                      ratio: { type: 'number', maximum: 1.5 },
                      mode: { type: 'string', enum: ['a', ''], default: '' },
                      any: { 'x-kubernetes-preserve-unknown-fields': true },
                      tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', minItems: 0 },
                      rest: { type: 'object', additionalProperties: { type: 'string' } },
                    },
                    'x-kubernetes-validations': [{ rule: 'self.size >= 0', message: 'no negative size' }],
                  },
                },
              },
            },
          },
        ],
      },
    },
  ],
];
