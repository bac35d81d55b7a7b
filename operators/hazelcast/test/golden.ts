import { stringify } from 'yaml';
import { configYaml } from '../src/hazelcast/steps/config.ts';
import { BASE_DIR } from '../src/hazelcast/config/member.ts';
import { initConfigMap } from '../src/hazelcast/objects/config.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount } from '../src/hazelcast/objects/rbac.ts';
import { mainService, memberService, wanServices } from '../src/hazelcast/objects/services.ts';
import { statefulSet } from '../src/hazelcast/objects/stateful-set.ts';
import { clientConfigs } from '../src/management-center/config.ts';
import * as center from '../src/management-center/objects.ts';
import { route } from '../src/management-center/route.ts';
import { center as managementCenter } from './center.ts';
import { cluster } from './cluster.ts';

const LICENCE = { licenseKeySecretName: 'hazelcast-license-key' };
const PVC = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };

/** One cluster of each kind that users have. */
const CLUSTERS: Readonly<Record<string, object>> = {
  enterprise: LICENCE,
  'open-source': { version: '5.5.0' },
  persistence: { ...LICENCE, persistence: { pvc: PVC, clusterDataRecoveryPolicy: 'PartialRecoveryMostRecent' } },
  exposed: { ...LICENCE, exposeExternally: { type: 'Smart', discoveryServiceType: 'LoadBalancer', memberAccess: 'NodePortExternalIP' } },
  everything: {
    ...LICENCE,
    clusterSize: 5,
    highAvailabilityMode: 'ZONE',
    labels: { team: 'data' },
    annotations: { note: 'ours' },
    advancedNetwork: { wan: [{ name: 'west', port: 5720, portCount: 2 }] },
    cpSubsystem: { pvc: PVC },
    env: [{ name: 'TZ', value: 'UTC' }],
    jet: { configMaps: ['jobs'], bucketConfig: { secretName: 'bucket', bucketURI: 's3://jars' } },
    jvm: { args: ['-Dx=y'], memory: { maxRAMPercentage: '70.0' }, gc: { collector: 'G1', logging: true } },
    localDevices: [{ name: 'disk', pvc: PVC }],
    nativeMemory: { allocatorType: 'POOLED', size: '1Gi' },
    resources: { limits: { memory: '4Gi' }, requests: { cpu: '500m' } },
    scheduling: { nodeSelector: { disk: 'ssd' } },
    userCodeDeployment: { configMaps: ['code'], triggerSequence: '2' },
    userCodeNamespaces: {},
  },
};

const CENTERS: Readonly<Record<string, object>> = {
  simple: { ...LICENCE, hazelcastClusters: [{ name: 'dev', address: 'hazelcast' }] },
  ldap: {
    ...LICENCE,
    externalConnectivity: { type: 'ClusterIP', ingress: { hostname: 'mc.example.com', path: '/mc', annotations: { note: 'ours' } } },
    persistence: { enabled: false },
    jvm: { args: ['-Dx=y'] },
    labels: { team: 'data' },
    securityProvider: {
      ldap: {
        url: 'ldap://ldap:389',
        credentialsSecretName: 'ldap-account',
        userDN: 'ou=users',
        groupDN: 'ou=groups',
        userSearchFilter: 'cn={0}',
        groupSearchFilter: 'member={0}',
        adminGroups: ['admins', 'root'],
        userGroups: ['users'],
        readonlyUserGroups: ['readers'],
        metricsOnlyGroups: ['metrics'],
      },
    },
  },
};

/** Everything that follows from a spec, whole: path below `test/golden` → content. Their diff is what gets reviewed. */
export function goldenFiles(): Readonly<Record<string, string>> {
  const clusters = Object.entries(CLUSTERS).map(([name, spec]) => [`${name}.yaml`, objects(spec)] as const);
  const centers = Object.entries(CENTERS).map(([name, spec]) => [`management-center-${name}.yaml`, centerObjects(spec)] as const);
  return Object.fromEntries([...clusters, ...centers]);
}

/** Everything that follows from a spec. */
export function objects(spec: object): string {
  const hz = cluster(spec);
  const all = [
    serviceAccount(hz),
    role(hz),
    roleBinding(hz),
    clusterRole(hz),
    clusterRoleBinding(hz),
    mainService(hz, undefined),
    ...wanServices(hz),
    ...(hz.spec.exposeExternally === undefined ? [] : [memberService(hz, 0)]),
    { name: hz.metadata.name, 'hazelcast.yaml': configYaml(hz, BASE_DIR, undefined) },
    initConfigMap(hz, BASE_DIR),
    statefulSet(hz, { replicas: hz.spec.clusterSize, partition: 0, phoneHome: true, configuration: 'of-the-secret' }, undefined),
  ];
  return all.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}

/** Everything that follows from the spec of a Management Center. */
export function centerObjects(spec: object): string {
  const mc = managementCenter(spec);
  const wantedRoute = route(mc);
  const ingress = center.ingress(mc);
  const all = [
    center.service(mc),
    ...(ingress === undefined ? [] : [ingress]),
    ...(wantedRoute === undefined ? [] : [wantedRoute]),
    { name: mc.metadata.name, ...clientConfigs(mc) },
    center.statefulSet(mc, { phoneHome: true }, undefined),
  ];
  return all.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
