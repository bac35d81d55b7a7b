import { CUSTOM } from './custom.ts';
import type { KindUnderTest } from './pod-knobs.ts';
import { labels, pod, POD_KNOBS, within } from './pod-knobs.ts';
import { ACCOUNT_POSTS, POD_POSTS } from './posts.ts';

const SELECTOR: KindUnderTest['knobs'] = [
  ['spec.selector', [{ matchLabels: { app: 'y' } }, { matchLabels: {} }, undefined, { matchExpressions: [{ key: 'app', operator: 'In', values: ['x'] }] }]],
];
const REPLICAS: KindUnderTest['knobs'] = [['spec.replicas', [0, 1, 5, -1, '3', 2.5, null]]];
const workload = { selector: { matchLabels: labels }, template: pod };
const TEMPLATE = within('spec.template', POD_KNOBS);
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];

/** Kinds by their plural. All are namespaced: a script has a namespace of its own, and nobody else comes there. */
export const KINDS: Readonly<Record<string, KindUnderTest>> = {
  ...CUSTOM,
  configmaps: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'ConfigMap',
    valid: { data: { a: '1' } },
    knobs: [
      ['data', [{ a: '2', b: '3' }, {}, null, { 'not a key!': '1' }, { a: 1 }]],
      ['binaryData', [{ x: 'AAEC' }, { x: '!' }, { a: 'AAEC' }]],
      ['immutable', [true, false, 'yes']],
      ['data.b', ['x', undefined]],
    ],
  },
  secrets: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'Secret',
    valid: { data: { a: 'MQ==' } },
    fields: ['type=Opaque', 'type!=Opaque', 'data.a=1'],
    knobs: [
      ['data', [{ b: 'Mg==' }, { a: 'not base64' }, null]],
      ['stringData', [{ a: 'x', c: 'y' }, { a: 1 }]],
      ['type', ['Opaque', 'kubernetes.io/tls', 'example.com/mine', 'kubernetes.io/basic-auth']],
      ['immutable', [true, false]],
    ],
  },
  services: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'Service',
    valid: { spec: { selector: labels, ports: [{ port: 80 }] } },
    knobs: [
      [
        'spec.ports',
        [
          [
            { port: 80, name: 'a' },
            { port: 81, name: 'b' },
          ],
          [{ port: 80 }, { port: 81 }],
          [{ port: 0 }],
          [{ port: 80, targetPort: 'http' }],
          [],
          [
            { port: 80, protocol: 'UDP' },
            { port: 80, protocol: 'TCP', name: 'x' },
          ],
        ],
      ],
      ['spec.type', ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName', 'Sometimes']],
      ['spec.clusterIP', ['None', 'nonsense', '']],
      ['spec.sessionAffinity', ['ClientIP', 'None', 'Sometimes']],
      ['spec.selector', [{ app: 'y' }, null]],
      ['spec.externalName', ['example.com']],
      ['spec.publishNotReadyAddresses', [true]],
      ['spec.externalTrafficPolicy', ['Local', 'Cluster']],
    ],
    status: [{ loadBalancer: { ingress: [{ ip: '10.1.2.3' }] } }, { loadBalancer: {} }],
  },
  pods: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'Pod',
    valid: pod,
    knobs: POD_KNOBS,
    posts: POD_POSTS,
    fields: ['status.phase=Pending', 'spec.nodeName=', 'spec.nodeName=n', 'status.phase!=Running', 'spec.restartPolicy=Always', 'status.podIP='],
    status: [
      { phase: 'Running' },
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      { podIP: '10.1.1.1', podIPs: [{ ip: '10.1.1.1' }] },
      { conditions: [{ type: 'Ready', status: 'False', reason: 'R' }] },
    ],
  },
  serviceaccounts: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    valid: {},
    posts: ACCOUNT_POSTS,
    knobs: [
      ['automountServiceAccountToken', [true, false, 'yes']],
      ['secrets', [[{ name: 'a' }], [{ name: 'a' }, { name: 'b' }], []]],
      ['imagePullSecrets', [[{ name: 'p' }], [{ name: 'p' }, { name: 'q' }]]],
    ],
  },
  persistentvolumeclaims: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    valid: { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard', resources: { requests: { storage: '1Gi' } } } },
    knobs: [
      ['spec.accessModes', [['ReadWriteMany'], [], ['Sometimes']]],
      ['spec.resources.requests.storage', ['2Gi', '1', '-1', 'big', '0.5Gi']],
      ['spec.storageClassName', ['other', '']],
      ['spec.volumeMode', ['Block', 'Filesystem', 'Sometimes']],
      ['spec.volumeName', ['v']],
    ],
    status: [{ phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] }, { phase: 'Pending' }],
  },
  limitranges: {
    base: '/api/v1',
    apiVersion: 'v1',
    kind: 'LimitRange',
    valid: { spec: { limits: [{ type: 'PersistentVolumeClaim', min: { storage: '1' } }] } },
    knobs: [['spec.limits', [[], [{ type: 'PersistentVolumeClaim', min: { storage: '2Gi' }, max: { storage: '1Gi' } }], [{ min: { storage: '1' } }]]]],
  },
  deployments: {
    base: '/apis/apps/v1',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    valid: { spec: workload },
    scale: true,
    knobs: [
      ...REPLICAS,
      ...SELECTOR,
      [
        'spec.strategy',
        [
          { type: 'Recreate' },
          { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '50%' } },
          { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
          { type: 'Sometimes' },
        ],
      ],
      ['spec.minReadySeconds', [5, -1]],
      ['spec.revisionHistoryLimit', [3, -1]],
      ['spec.paused', [true, false]],
      ['spec.progressDeadlineSeconds', [600, 1]],
      ...TEMPLATE,
    ],
    status: [{ replicas: 1, observedGeneration: 1 }, { replicas: 1, readyReplicas: 2 }, { conditions: [{ type: 'Available', status: 'True' }] }],
  },
  statefulsets: {
    base: '/apis/apps/v1',
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    valid: { spec: { ...workload, serviceName: 's' } },
    scale: true,
    knobs: [
      ...REPLICAS,
      ...SELECTOR,
      ['spec.serviceName', ['other', '']],
      ['spec.podManagementPolicy', ['Parallel', 'OrderedReady', 'Sometimes']],
      ['spec.updateStrategy', [{ type: 'OnDelete' }, { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }, { type: 'Sometimes' }]],
      ['spec.volumeClaimTemplates', [[{ metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }], []]],
      ['spec.persistentVolumeClaimRetentionPolicy', [{ whenDeleted: 'Delete' }, { whenScaled: 'Sometimes' }]],
      ...TEMPLATE,
    ],
    status: [{ replicas: 1 }, { replicas: 1, readyReplicas: 1, currentReplicas: 1 }, { replicas: -1 }],
  },
  daemonsets: {
    base: '/apis/apps/v1',
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    valid: { spec: workload },
    knobs: [
      ...SELECTOR,
      ['spec.updateStrategy', [{ type: 'OnDelete' }, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } }]],
      ['spec.minReadySeconds', [1, -1]],
      ...TEMPLATE,
    ],
    status: [{ currentNumberScheduled: 1, numberMisscheduled: 0, desiredNumberScheduled: 1, numberReady: 1 }],
  },
  replicasets: {
    base: '/apis/apps/v1',
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    valid: { spec: workload },
    scale: true,
    knobs: [...REPLICAS, ...SELECTOR, ...TEMPLATE],
    status: [{ replicas: 1 }, { replicas: 1, readyReplicas: 1 }],
  },
  jobs: {
    base: '/apis/batch/v1',
    apiVersion: 'batch/v1',
    kind: 'Job',
    valid: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'local/image:1' }] } } } },
    knobs: [
      ['spec.parallelism', [0, 2, -1]],
      ['spec.completions', [1, 3, -1]],
      ['spec.backoffLimit', [0, 4, -1]],
      ['spec.suspend', [true, false]],
      ['spec.ttlSecondsAfterFinished', [10, -1]],
      ['spec.completionMode', ['Indexed', 'NonIndexed', 'Sometimes']],
      ['spec.activeDeadlineSeconds', [10, -1]],
      ['spec.template.spec.restartPolicy', ['OnFailure', 'Always']],
    ],
    status: [{ active: 1 }, { startTime: '2026-01-01T00:00:00Z', active: 1 }],
  },
  cronjobs: {
    base: '/apis/batch/v1',
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    valid: {
      spec: {
        schedule: '*/5 * * * *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'local/image:1' }] } } } },
      },
    },
    knobs: [
      ['spec.schedule', ['0 0 * * *', '@hourly', 'nonsense', '', '60 * * * *']],
      ['spec.concurrencyPolicy', ['Forbid', 'Replace', 'Sometimes']],
      ['spec.suspend', [true]],
      ['spec.timeZone', ['Etc/UTC', 'Nowhere/Land']],
      ['spec.successfulJobsHistoryLimit', [0, -1]],
      ['spec.startingDeadlineSeconds', [10, -1]],
    ],
    status: [{ lastScheduleTime: '2026-01-01T00:00:00Z' }],
  },
  leases: {
    base: '/apis/coordination.k8s.io/v1',
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    valid: { spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } },
    knobs: [
      ['spec.holderIdentity', ['you', '']],
      ['spec.leaseDurationSeconds', [10, 0, -1, 'x']],
      ['spec.renewTime', ['2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00Z', 'now']],
      ['spec.leaseTransitions', [1, -1]],
    ],
  },
  roles: {
    base: '/apis/rbac.authorization.k8s.io/v1',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    valid: { rules },
    knobs: [
      [
        'rules',
        [
          [],
          [{ verbs: ['get'] }],
          [{ apiGroups: [''], resources: ['pods'], verbs: [] }],
          null,
          [...rules, { apiGroups: ['apps'], resources: ['*'], verbs: ['*'], resourceNames: ['a'] }],
          [{ nonResourceURLs: ['/x'], verbs: ['get'] }],
        ],
      ],
    ],
  },
  rolebindings: {
    base: '/apis/rbac.authorization.k8s.io/v1',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    valid: {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }],
    },
    knobs: [
      ['roleRef.name', ['b', '']],
      ['roleRef.kind', ['ClusterRole', 'Sometimes']],
      [
        'subjects',
        [
          [],
          [{ kind: 'User', name: 'u' }],
          [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }],
          [{ kind: 'ServiceAccount', name: 'x' }],
          [{ kind: 'Sometimes', name: 'u' }],
        ],
      ],
    ],
  },
  poddisruptionbudgets: {
    base: '/apis/policy/v1',
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    valid: { spec: { minAvailable: 1, selector: { matchLabels: labels } } },
    knobs: [
      ['spec.minAvailable', [2, '50%', '50', -1, undefined]],
      ['spec.maxUnavailable', [1, '10%', '110%']],
      ['spec.selector', [{ matchLabels: { app: 'y' } }, {}]],
      ['spec.unhealthyPodEvictionPolicy', ['AlwaysAllow', 'Sometimes']],
    ],
    status: [{ disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 }],
  },
  horizontalpodautoscalers: {
    base: '/apis/autoscaling/v2',
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    valid: { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'a' }, maxReplicas: 3 } },
    knobs: [
      ['spec.minReplicas', [1, 5, 0, -1]],
      ['spec.maxReplicas', [2, 0]],
      [
        'spec.metrics',
        [[{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }], [{ type: 'Resource' }], []],
      ],
      [
        'spec.behavior',
        [
          { scaleUp: { stabilizationWindowSeconds: 10 } },
          { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
          { scaleUp: { selectPolicy: 'Sometimes' } },
        ],
      ],
      ['spec.scaleTargetRef.kind', ['', 'Deployment']],
    ],
  },
  endpointslices: {
    base: '/apis/discovery.k8s.io/v1',
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    valid: { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.1.1'], conditions: { ready: true } }], ports: [{ name: '', port: 80, protocol: 'TCP' }] },
    knobs: [
      ['addressType', ['IPv6', 'FQDN', 'Sometimes']],
      ['endpoints', [[], [{ addresses: [] }], [{ addresses: ['nonsense'] }], [{ addresses: ['10.1.1.2'], hostname: 'a' }]]],
      ['ports', [[], [{ port: 1 }], [{ name: 'a', port: 70000 }]]],
    ],
  },
  ingresses: {
    base: '/apis/networking.k8s.io/v1',
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    valid: {
      spec: {
        rules: [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } }],
      },
    },
    knobs: [
      [
        'spec.rules',
        [[], [{ host: 'not a host' }], [{ http: { paths: [{ path: 'x', pathType: 'Exact', backend: { service: { name: 's', port: { number: 80 } } } }] } }]],
      ],
      ['spec.ingressClassName', ['c', 'C_']],
      ['spec.tls', [[{ hosts: ['a.example.com'], secretName: 't' }]]],
      ['spec.defaultBackend', [{ service: { name: 's', port: { name: 'http' } } }, { service: { name: 's' } }]],
    ],
  },
  hazelcasts: {
    base: '/apis/hazelcast.com/v1alpha1',
    apiVersion: 'hazelcast.com/v1alpha1',
    kind: 'Hazelcast',
    valid: { spec: { clusterSize: 3, repository: 'docker.io/hazelcast/hazelcast', version: '5.5.0' } },
    scale: true,
    knobs: [
      ['spec.clusterSize', [0, 1, 301, -1, '3', null]],
      ['spec.version', ['5.3.8', '', 5]],
      ['spec.unknownField', [1]],
      ['spec.licenseKeySecretName', ['l', '']],
      ['spec.loggingLevel', ['DEBUG', 'LOUD']],
      ['spec.properties', [{ 'hazelcast.a': 'b' }, { 'hazelcast.a': 1 }]],
      ['spec.exposeExternally', [{ type: 'Unisocket' }, { type: 'Smart', memberAccess: 'NodePortExternalIP' }, { type: 'Sometimes' }, {}]],
      ['spec.persistence', [{ clusterDataRecoveryPolicy: 'FullRecoveryOnly', pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' } }, {}]],
      ['spec', [{}, null, undefined]],
    ],
    status: [
      { phase: 'Running' },
      { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', reason: 'R', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
      { phase: 1 },
    ],
  },
  dorisclusters: {
    base: '/apis/al-assad.github.io/v1beta1',
    apiVersion: 'al-assad.github.io/v1beta1',
    kind: 'DorisCluster',
    valid: { spec: { version: '2.0.3', fe: { baseImage: 'local/fe', replicas: 1 }, be: { baseImage: 'local/be', replicas: 1 } } },
    knobs: [
      ['spec.fe.replicas', [3, 0, -1, '1', 1.5]],
      ['spec.be.replicas', [3, 0, null]],
      ['spec.version', ['2.1.0', '']],
      ['spec.fe.unknown', [true]],
      ['spec.fe.config', [{ a: 'b' }, { a: 1 }, null]],
      ['spec.be.requests', [{ cpu: '100m', storage: '1Gi' }, { cpu: 1 }, { cpu: 'lots' }]],
      ['spec.fe.service', [{ type: 'NodePort' }, { type: 'Sometimes' }]],
      ['spec.cn', [{ baseImage: 'local/cn', replicas: 1 }, {}]],
      ['spec', [{}, null]],
    ],
    status: [{ stage: 'x' }, { conditions: [{ type: 'Ready', status: 'True', reason: 'R', message: 'm', lastTransitionTime: '2026-01-01T00:00:00Z' }] }],
  },
};
