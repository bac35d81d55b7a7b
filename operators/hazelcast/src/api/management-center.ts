import type { DeepReadonly, Live } from '@binnacle/client';
import { k, resource } from '@binnacle/schema';
import { z } from 'zod';
import { managementCenterFaults } from './check/management-center.ts';
import { newNameFaults } from './check/network.ts';
import { scheduling } from './common.ts';
import { tls } from './network.ts';

const connectedCluster = z.object({
  name: z.string().default('dev').describe('Name that members and clients of the cluster share.'),
  address: z.string().describe('Address of the members, such as the Service of a Hazelcast of this namespace.'),
  tls: tls.optional().describe('Encryption of the connection. `ca.crt` in the Secret is trusted besides `tls.crt`.'),
});

const externalConnectivity = z.object({
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('LoadBalancer').describe('Type of the Service.'),
  ingress: z
    .object({
      hostname: z.string().describe('Host name.'),
      ingressClassName: z.string().optional().describe('Ingress class. Absent: the default class.'),
      annotations: k.stringMap().optional().describe('Annotations of the Ingress.'),
      path: z.string().default('/').describe('Path below which Management Center is served.'),
      tls: z
        .object({
          secretName: z
            .string()
            .min(1)
            .describe('Secret with `tls.crt` and `tls.key` for the host name. It may come later, such as from an issuer of certificates.'),
        })
        .optional()
        .describe('Browsers reach it by HTTPS; from the Ingress on it is plain HTTP.'),
    })
    .optional()
    .describe('An Ingress in front of the Service.'),
  route: z
    .object({
      hostname: z.string().describe('Host name. Empty: one is chosen.'),
      tls: z
        .object({
          insecureEdgeTerminationPolicy: z
            .enum(['Allow', 'Redirect', 'None'])
            .default('Redirect')
            .describe('Browsers that come by plain HTTP: served, sent to HTTPS, or not answered.'),
        })
        .optional()
        .describe('Browsers reach it by HTTPS, with the certificate of the router; from the router on it is plain HTTP.'),
    })
    .optional()
    .describe('A Route, on OpenShift alone.'),
});

const persistence = z.object({
  enabled: z.boolean().default(true).describe('Keep settings, users and history on a volume.'),
  existingVolumeClaimName: z.string().optional().describe('Claim to use. Absent: one is made.'),
  storageClass: z.string().optional().describe('Storage class of the claim. Absent: the default class of the cluster.'),
  size: k.quantity().default('10Gi').describe('Size of the volume.'),
});

const groups = () => z.array(z.string()).min(1);
const ldap = z.object({
  url: z.string().describe('Address of the server, e.g. `ldap://server:389`.'),
  credentialsSecretName: z.string().describe('Secret with `username` and `password` of the account that searches.'),
  userDN: z.string().describe('Where users are searched.'),
  groupDN: z.string().describe('Where groups are searched.'),
  userSearchFilter: z.string().describe('Filter for users, e.g. `uid={0}`.'),
  groupSearchFilter: z.string().describe('Filter for groups, e.g. `member={0}`.'),
  nestedGroupSearch: z.boolean().default(false).describe('Search groups in groups too. `false`: as Management Center has it by itself.'),
  adminGroups: groups().describe('Groups of administrators.'),
  userGroups: groups().describe('Groups that may read and write.'),
  readonlyUserGroups: groups().describe('Groups that may read.'),
  metricsOnlyGroups: groups().describe('Groups that may see metrics alone.'),
});

const spec = z.object({
  repository: z.string().default('docker.io/hazelcast/management-center').describe('Image.'),
  version: z.string().default('5.4.1').describe('Image tag.'),
  imagePullPolicy: z.string().default('IfNotPresent').describe('When the image is pulled.'),
  imagePullSecrets: z.array(k.podPart('LocalObjectReference')).optional().describe('Secrets for pulling images.'),
  licenseKeySecret: z.string().optional().describe('Deprecated: use `licenseKeySecretName`.'),
  licenseKeySecretName: z.string().min(1).optional().describe('Secret with the licence under `license-key`. Absent: what is free.'),
  hazelcastClusters: z
    .array(connectedCluster)
    .optional()
    .describe('Clusters it shows. One that is taken out here is taken out of its data when the pod starts next, which is at once.'),
  externalConnectivity: externalConnectivity.default({ type: 'LoadBalancer' }).describe('How it is reached.'),
  persistence: persistence.default({ enabled: true, size: '10Gi' }).describe('Its volume. Fixed once it exists.'),
  scheduling: scheduling.optional().describe('Where it may run.'),
  resources: k.podPart('ResourceRequirements').optional().describe('Resources of the container.'),
  jvm: z
    .object({ args: z.array(z.string()).optional().describe('Arguments of the JVM, after our own.') })
    .optional()
    .describe('The Java virtual machine.'),
  securityProvider: z
    .object({ ldap: ldap.optional().describe('Users and groups from an LDAP server.') })
    .optional()
    .describe('Who may log in. Absent: Management Center asks at the first visit.'),
  annotations: k.stringMap().optional().describe('Annotations of all objects that belong to it.'),
  labels: k.stringMap().optional().describe('Labels of all objects that belong to it.'),
});
export type ManagementCenterSpec = z.output<typeof spec>;

/** `Configuring` is written by the kind this replaces alone; objects in the field have it. */
const PHASES = ['Running', 'Failed', 'Pending', 'Configuring', 'Terminating'] as const;

const knownCluster = z.object({
  name: z.string().describe('Its name.'),
  config: z.string().describe('Short for how it is connected to.'),
  replaced: z.boolean().optional().describe('The data began with another connection, which is taken out of it when the pod starts.'),
});
/** A cluster that the data on the volume may hold a connection to. */
export type KnownCluster = DeepReadonly<z.output<typeof knownCluster>>;

const status = z.object({
  phase: z.enum(PHASES).optional().describe('Where it is.'),
  configured: z.boolean().optional().describe('Whether the security provider has been set up.'),
  message: z.string().optional().describe('What it waits for or what is wrong. Empty: nothing.'),
  clusters: z.array(knownCluster).optional().describe('Clusters that its data may hold a connection to; those that were taken out of the spec too.'),
  externalAddresses: z.string().optional().describe('Addresses for browsers, `host:port`, separated by commas.'),
  observedGeneration: k.int64().optional().describe('Generation of the spec that this status is about.'),
  conditions: k.conditions().optional(),
});
export type ManagementCenterStatus = z.output<typeof status>;

/** Management Center: a web page about clusters. Drop-in for the kind of the existing operator. Source: spec/hazelcast-core.md §1.4, §4. */
export const ManagementCenter = resource({
  group: 'hazelcast.com',
  version: 'v1alpha1',
  kind: 'ManagementCenter',
  plural: 'managementcenters',
  shortNames: ['mc'],
  description: 'Management Center, a web page about Hazelcast clusters.',
  columns: {
    Status: '.status.phase',
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    'External-Addresses': '.status.externalAddresses',
    Message: { type: 'string', jsonPath: '.status.message', priority: 1 },
    Age: '.metadata.creationTimestamp',
  },
  spec,
  status,
  *check(now, before) {
    if (before === undefined) yield* newNameFaults(now.metadata?.name ?? '');
    yield* managementCenterFaults(now, before);
  },
});

/** A ManagementCenter as the API server stored it. */
export type Center = Live<typeof ManagementCenter>;
