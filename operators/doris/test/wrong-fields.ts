import type { Part, Wrong } from './monitor-fields.ts';

const stored = { baseImage: 'doris', replicas: 1, requests: { storage: '1Gi' } };
/** A cluster with one of everything. */
export const CLUSTER: Part = { version: '2.0.3', fe: stored, be: stored, cn: { baseImage: 'doris', replicas: 1 }, broker: { baseImage: 'doris', replicas: 1 } };
const COMPONENTS = ['fe', 'be', 'cn', 'broker'] as const;
const NAMES = /small letters/;

/** What the cluster and each component can say. */
const placed = (at: string, of: (more: object) => Part): readonly Wrong[] => [
  [`${at}statefulSetUpdateStrategy`, of({ statefulSetUpdateStrategy: 'Sometimes' }), /"RollingUpdate", "OnDelete"/],
  [`${at}serviceAccount`, of({ serviceAccount: 'My Account' }), NAMES],
  [`${at}priorityClassName`, of({ priorityClassName: 'High!' }), NAMES],
  [`${at}nodeSelector[disk]`, of({ nodeSelector: { disk: 'very fast' } }), /value of a label/],
];

function component(name: (typeof COMPONENTS)[number]): readonly Wrong[] {
  const of = (more: object): Part => ({ [name]: more });
  return [
    ...placed(`${name}.`, of),
    [`${name}.baseImage`, of({ baseImage: '' }), /./],
    [`${name}.replicas`, of({ replicas: -1 }), /greater than or equal to 0/],
    [`${name}.requests.memroy`, of({ requests: { storage: '1Gi', memroy: '1Gi' } }), /"cpu", "memory"/],
    [`${name}.limits.cpu`, of({ requests: { storage: '1Gi', cpu: '2' }, limits: { cpu: '1' } }), /requests\.cpu, which is 2/],
    [`${name}.terminationGracePeriodSeconds`, of({ terminationGracePeriodSeconds: -1 }), /greater than or equal to 0/],
    [`${name}.startTimeoutSeconds`, of({ startTimeoutSeconds: 1 }), /greater than or equal to 5/],
    [`${name}.additionalVolumeMounts[0].name`, of({ additionalVolumeMounts: [{ name: 'nowhere', mountPath: '/x' }] }), /no such volume/],
    [
      `${name}.additionalVolumes[1].name`,
      of({
        additionalVolumes: [
          { name: 'v', emptyDir: {} },
          { name: 'v', emptyDir: {} },
        ],
      }),
      /Duplicate/,
    ],
    [`${name}.additionalContainers[0].name`, of({ additionalContainers: [{ name, image: 'x' }] }), /Duplicate/],
  ];
}

function reached(name: 'fe' | 'be' | 'cn'): readonly Wrong[] {
  const of = (service: object): Part => ({ [name]: { service: { type: 'NodePort', ...service } } });
  return [
    [`${name}.service.type`, of({ type: 'nodeport' }), /"ClusterIP", "NodePort", "LoadBalancer"/],
    [`${name}.service.externalTrafficPolicy`, of({ externalTrafficPolicy: 'local' }), /"Cluster", "Local"/],
    [`${name}.service.httpPort`, of({ httpPort: 70_000 }), /between 1 and 65535/],
  ];
}

const disk = (more: object): Part => ({ be: { storage: [{ name: 'hot', request: '1Gi', storageClassName: 'fast', ...more }] } });

/** What is wrong in each field of a DorisCluster. */
export const CLUSTER_WRONG: readonly Wrong[] = [
  ...placed('', (more) => more as Part),
  ...COMPONENTS.flatMap(component),
  ...(['fe', 'be', 'cn'] as const).flatMap(reached),
  ['version', { version: '' }, /./],
  ['imagePullPolicy', { imagePullPolicy: 'always' }, /"Always", "IfNotPresent", "Never"/],
  ['imagePullSecrets[0].name', { imagePullSecrets: [{ name: 'A B' }] }, NAMES],
  ['fe.storageClassName', { fe: { storageClassName: 'Fast_disks' } }, NAMES],
  ['fe.requests.storage', { fe: { requests: { storage: '0' } } }, /more than nothing/],
  ['fe.service.queryPort', { fe: { service: { type: 'NodePort', queryPort: -1 } } }, /between 1 and 65535/],
  ['fe.tls.secretName', { fe: { tls: { secretName: '' } } }, /./],
  ['fe.followers', { fe: { replicas: 3, followers: 2 } }, /odd/],
  ['fe.config[query_port]', { fe: { config: { query_port: '9030x' } } }, /port between/],
  ['be.config[be_port]', { be: { config: { be_port: '9050' } } }, /has this port/],
  ['cn.config[be_port]', { cn: { config: { be_port: '0' } } }, /port between/],
  ['broker.config[broker_ipc_port]', { broker: { config: { broker_ipc_port: '-' } } }, /port between/],
  ...(['be', 'cn'] as const).flatMap((name): readonly Wrong[] => [
    [`${name}.failover.maxNodes`, { [name]: { failover: { maxNodes: -1 } } }, /greater than or equal to 0/],
    [`${name}.failover.afterSeconds`, { [name]: { failover: { maxNodes: 1, afterSeconds: 1 } } }, /greater than or equal to 60/],
  ]),
  ...(['fe', 'be'] as const).flatMap((name): readonly Wrong[] => {
    const of = (persistentVolumeClaimRetentionPolicy: object): Part => ({ [name]: { persistentVolumeClaimRetentionPolicy } });
    const at = `${name}.persistentVolumeClaimRetentionPolicy`;
    return [
      [`${at}.whenScaled`, of({ whenScaled: 'Keep' }), /"Retain", "Delete"/],
      [`${at}.whenDeleted`, of({ whenDeleted: 'Keep' }), /"Retain", "Delete"/],
      [`${at}.deleteAfterSeconds`, of({ deleteAfterSeconds: 60 }), /nothing is deleted/],
    ];
  }),
  ['be.storageClassName', { be: { storageClassName: 'Fast_disks' } }, NAMES],
  ['be.storage[0].name', disk({ name: 'conf' }), /Duplicate/],
  ['be.storage[0].medium', disk({ medium: 'NVME' }), /"HDD", "SSD"/],
  ['be.storage[0].request', disk({ request: 'much' }), /./],
  ['be.storage[0].storageClassName', disk({ storageClassName: 'Fast_disks' }), NAMES],
];

/** What would have no effect, or keep pods from being made. */
export const CLUSTER_IDLE: readonly Wrong[] = [
  ['fe.service.queryPort', { fe: { service: { queryPort: 30_090 } } }, /NodePort or LoadBalancer/],
  ['be.service.externalTrafficPolicy', { be: { service: { externalTrafficPolicy: 'Local' } } }, /NodePort or LoadBalancer/],
  ['cn.service.httpPort', { cn: { service: { type: 'ClusterIP', httpPort: 30_090 } } }, /NodePort or LoadBalancer/],
  ...COMPONENTS.map((name): Wrong => [`${name}.claims`, { [name]: { claims: [{ name: 'gpu' }] } }, /take this out/]),
];

/** Any value is right, or Kubernetes and Doris judge it themselves: things of theirs that a spec holds as a whole. */
const OWN = [
  'annotations',
  'affinity',
  'tolerations',
  'additionalEnv',
  'topologySpreadConstraints',
  'podSecurityContext',
  'securityContext',
  'additionalContainers',
  'additionalVolumes',
  'additionalVolumeMounts',
  'hostAliases',
  'config',
  'service.annotations',
  'version',
];
export const CLUSTER_ANY: readonly string[] = [
  ...OWN,
  ...COMPONENTS.flatMap((name) => OWN.map((field) => `${name}.${field}`)),
  'hadoopConf.hostAliases',
  'hadoopConf.config',
  'busyBoxImage',
  'setMaxMapCount',
  'suspend',
  'be.failover.withdraw',
  'cn.failover.withdraw',
  'be.retainDefaultStorage',
  'fe.tls.clientSecretName',
];

export const INITIALIZER: Part = { cluster: 'basic', rootPasswordFrom: { name: 's', key: 'k' } };
export const INITIALIZER_WRONG: readonly Wrong[] = [
  ['cluster', { cluster: 'Basic' }, NAMES],
  ['imagePullPolicy', { imagePullPolicy: 'always' }, /"Always", "IfNotPresent", "Never"/],
  ['imagePullSecrets[0].name', { imagePullSecrets: [{ name: 'A B' }] }, NAMES],
  ['maxRetry', { maxRetry: -1 }, /greater than or equal to 0/],
  ['serviceAccount', { serviceAccount: 'My Account' }, NAMES],
  ['rootPasswordFrom.name', { rootPasswordFrom: { name: undefined } }, /Secret/],
  ['rootPasswordFrom.key', { rootPasswordFrom: { key: '' } }, /key/],
  ['adminPasswordFrom.name', { adminPasswordFrom: { name: 'A', key: 'k' } }, NAMES],
  ['adminPasswordFrom.key', { adminPasswordFrom: { name: 'a', key: '' } }, /key/],
  ['initSqlScript', { initSqlScript: "SELECT 'open" }, /line 1/],
  ['initSqlScriptFrom[0]', { initSqlScriptFrom: [{}] }, /one of both/],
  ['requests.memroy', { requests: { memroy: '1Gi' } }, /"cpu", "memory"/],
  ['limits.cpu', { requests: { cpu: '2' }, limits: { cpu: '1' } }, /requests\.cpu, which is 2/],
  ['claims', { claims: [{ name: 'gpu' }] }, /take this out/],
  ['nodeSelector', { nodeSelector: { 'a b': 'c' } }, /key of a label/],
];
export const INITIALIZER_ANY: readonly string[] = [
  'image',
  'rootPassword',
  'adminPassword',
  'tolerations',
  'rootPasswordFrom.optional',
  'adminPasswordFrom.optional',
  'initSqlScriptFrom',
];

export const AUTOSCALER: Part = { cluster: 'basic', cn: { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 80 } } }, be: { replicas: { max: 3 } } };
const cn = (more: object): Part => ({ cn: more });
const measured = (part: string): readonly Wrong[] => [
  [`${part}.metrics[0].type`, { [part]: { metrics: [{ type: 'Pod' }] } }, /"Resource", "ContainerResource", "Pods"/],
  [`${part}.metrics[0].pods`, { [part]: { metrics: [{ type: 'Pods' }] } }, /what a metric of type Pods measures/],
  [`${part}.replicas.min`, { [part]: { replicas: { min: 0 } } }, /at least 1/],
  [`${part}.replicas.max`, { [part]: { replicas: { min: 4 } } }, /lower than min/],
  [`${part}.rules.cpu.max`, { [part]: { rules: { cpu: { max: 0 } } } }, /at least 1/],
  [`${part}.rules.memory.max`, { [part]: { rules: { memory: { max: -1 } } } }, /at least 1/],
];
const behavior = (part: string, direction: string): readonly Wrong[] => {
  const of = (rules: object): Part => ({ [part]: { behavior: { [direction]: rules } } });
  const at = `${part}.behavior.${direction}`;
  return [
    [`${at}.selectPolicy`, of({ selectPolicy: 'Most' }), /"Max", "Min", "Disabled"/],
    [`${at}.stabilizationWindowSeconds`, of({ stabilizationWindowSeconds: 3_601 }), /between 0 and 3600/],
    [`${at}.policies[0].type`, of({ policies: [{ type: 'Nodes', value: 1, periodSeconds: 60 }] }), /"Pods", "Percent"/],
    [`${at}.policies[0].value`, of({ policies: [{ type: 'Pods', value: 0, periodSeconds: 60 }] }), /at least 1/],
    [`${at}.policies[0].periodSeconds`, of({ policies: [{ type: 'Pods', value: 1, periodSeconds: 0 }] }), /between 1 and 1800/],
  ];
};
export const AUTOSCALER_WRONG: readonly Wrong[] = [
  ['cluster', { cluster: 'Basic' }, NAMES],
  ['replicas', { replicas: -1 }, /greater than or equal to 0/],
  ...measured('cn'),
  ...measured('be'),
  ['cn.rules.cpu.min', cn({ rules: { cpu: { min: 90 } } }), /lower than max/],
  ['cn.rules.memory.min', cn({ rules: { memory: { min: 0 } } }), /at least 1/],
  ['cn.scalePeriodSeconds.scaleUp', cn({ scalePeriodSeconds: { scaleUp: 1_801 } }), /between 0 and 1800/],
  ['cn.scalePeriodSeconds.scaleDown', cn({ scalePeriodSeconds: { scaleDown: -1 } }), /between 0 and 1800/],
  ...behavior('cn', 'scaleUp'),
  ...behavior('cn', 'scaleDown'),
  ...behavior('be', 'scaleUp'),
];
/** A tolerance Kubernetes judges itself, where it knows of it. */
export const AUTOSCALER_ANY: readonly string[] = [
  'cn.disableScaleDown',
  ...['cn.behavior.scaleUp', 'cn.behavior.scaleDown', 'be.behavior.scaleUp'].map((at) => `${at}.tolerance`),
];
