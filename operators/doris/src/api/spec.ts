import { k } from '@binnacle/schema';
import { z } from 'zod';
import { component, plainComponent, worker } from './component.ts';
import { retentionPolicy } from './retention.ts';

const frontEnd = z.object({
  ...component,
  storageClassName: z.string().optional().describe('Storage class of the metadata volume. Fixed once the cluster exists.'),
  service: z
    .object({
      type: z.string().optional().describe('`ClusterIP` (default), `NodePort` or `LoadBalancer`.'),
      queryPort: k.int32().optional().describe('Node port of the query port; 0 or absent: any.'),
      httpPort: k.int32().optional().describe('Node port of the http port; 0 or absent: any.'),
      externalTrafficPolicy: z.string().optional().describe('`Cluster` or `Local`.'),
      annotations: z.record(z.string(), z.string()).optional().describe('Annotations of the Service, e.g. for a load balancer.'),
    })
    .optional()
    .describe('How clients reach the front ends.'),
  tls: z
    .object({
      secretName: z
        .string()
        .min(1)
        .describe(
          'Secret with `tls.crt`, `tls.key` and, for an authority of your own, `ca.crt`: what front ends prove themselves with. Its changes reach them in place.',
        ),
      clientSecretName: z.string().optional().describe('Secret with `tls.crt` and `tls.key` that the operator proves itself with, for front ends that ask.'),
    })
    .optional()
    .describe('Front ends offer TLS at the query port, and the operator speaks nothing else to them. Its certificate is checked, host name included.'),
  persistentVolumeClaimRetentionPolicy: retentionPolicy.optional().describe('What becomes of volumes that no front end uses any more.'),
  followers: k.int32().min(1).optional().describe('How many of the front ends vote; the rest are observers. Odd. Default: all of them.'),
});

const storage = z.object({
  name: z.string().min(1).describe('Name of the volume.'),
  medium: z.string().optional().describe('`SSD` (hot) or `HDD` (cold, default).'),
  request: k.quantity().describe('Size.'),
  storageClassName: z.string().describe('Storage class of this volume. Fixed once the cluster exists.'),
});

const backEnd = z.object({
  ...component,
  ...worker,
  storageClassName: z.string().optional().describe('Storage class of the default volume. Fixed once the cluster exists.'),
  storage: z.array(storage).optional().describe('Data volumes; when not empty they replace the default one.'),
  persistentVolumeClaimRetentionPolicy: retentionPolicy.optional().describe('What becomes of volumes that no back end uses any more.'),
  retainDefaultStorage: z.boolean().optional().describe('Keep the default volume beside those in `storage`.'),
});

const computeNode = z.object({ ...component, ...worker });

const hadoop = z.object({
  // Required in the existing operator; optional here so that `config` can be used alone. What was valid stays valid.
  hostAliases: z
    .array(z.object({ ip: z.string(), name: z.string() }))
    .optional()
    .describe('Addresses of the Hadoop hosts.'),
  config: z.record(z.string(), z.string()).optional().describe("Files added to each component's configuration, e.g. hdfs-site.xml."),
});

/** DorisCluster.spec: the existing operator's fields, name by name. Source: spec/doris-operator.md §1.1. */
export const spec = z.object({
  version: z.string().min(1).describe('Image tag for components without one of their own.'),
  fe: frontEnd.optional().describe('Front ends: metadata, SQL. Needed by all others.'),
  be: backEnd.optional().describe('Back ends: data and execution.'),
  cn: computeNode.optional().describe('Compute nodes: back ends that hold no data.'),
  broker: plainComponent.optional().describe('Brokers: access to HDFS.'),
  hadoopConf: hadoop.optional().describe('Hadoop files and hosts for all components.'),
  busyBoxImage: z.string().optional().describe('Image of the container that sets vm.max_map_count; naming one asks for it. Default `busybox:1.36`.'),
  setMaxMapCount: z
    .boolean()
    .optional()
    .describe(
      'A privileged container sets vm.max_map_count on the node before a back end starts. Default: only where `busyBoxImage` is set, or where a cluster that is taken over has it.',
    ),
  imagePullPolicy: z.string().optional().describe('For the main containers.'),
  imagePullSecrets: z.array(k.podPart('LocalObjectReference')).optional().describe('For all pods.'),
  serviceAccount: z.string().optional().describe('Service account of the pods; not created by the operator.'),
  affinity: k.podPart('Affinity').optional().describe('For components without one.'),
  nodeSelector: z.record(z.string(), z.string()).optional().describe('For components without one.'),
  annotations: z.record(z.string(), z.string()).optional().describe("Annotations of all pods. A component's own win."),
  tolerations: z.array(k.podPart('Toleration')).optional().describe('For components without any.'),
  priorityClassName: z.string().optional().describe('For components without one.'),
  topologySpreadConstraints: z.array(k.podPart('TopologySpreadConstraint')).optional().describe('For components without any.'),
  podSecurityContext: k.podPart('PodSecurityContext').optional().describe('For components without one.'),
  securityContext: k.podPart('SecurityContext').optional().describe('For components without one.'),
  statefulSetUpdateStrategy: z.string().optional().describe('`RollingUpdate` (default) or `OnDelete`.'),
  suspend: z
    .boolean()
    .optional()
    .describe(
      'No pods: volumes, Services and what Doris knows of its nodes stay. `false` or absent starts all again as it was. What is edited meanwhile takes effect then.',
    ),
});

export type Spec = z.output<typeof spec>;
export type FrontEndSpec = z.output<typeof frontEnd>;
export type BackEndSpec = z.output<typeof backEnd>;
