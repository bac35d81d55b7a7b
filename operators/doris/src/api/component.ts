import { k } from '@binnacle/schema';
import { z } from 'zod';
import { failover } from './failover.ts';

const quantities = z.record(z.string(), k.quantity());

/** An alias as pods have it. */
const hostAlias = z.object({
  ip: z.string().describe('Address.'),
  hostnames: z.array(z.string()).optional().describe('Names for it.'),
});

/**
 * What front ends, back ends, compute nodes and brokers have in common: which image, how many, where and how their pods run.
 * Source: spec/doris-operator.md §1.1.
 */
export const component = {
  baseImage: z.string().min(1).describe('Image repository. The image is `baseImage:version`.'),
  version: z.string().optional().describe("Image tag. Default: the cluster's version."),
  replicas: k.int32().min(0).describe('How many. Lowering it takes members out of Doris first, data included; see status.conditions.'),
  requests: quantities.optional().describe('Resource requests. `storage` sizes the volume (fe, be); it and `ephemeral-storage` stay off the container.'),
  limits: quantities.optional().describe('Resource limits; `storage` and `ephemeral-storage` stay off the container.'),
  claims: z
    .array(z.object({ name: z.string() }))
    .optional()
    .describe('Dynamic resource claims of the container. Refused of a new cluster: its pods declare none.'),
  config: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      'Lines of the Doris configuration file. What Doris takes while it runs it is told; all else restarts the pods in order. Port keys drive Services and probes as well.',
    ),
  hostAliases: z.array(hostAlias).optional().describe("Lines of the pods' /etc/hosts, merged with hadoopConf.hostAliases by address."),
  serviceAccount: z.string().optional().describe("Service account of the pods. Default: the cluster's."),
  nodeSelector: z.record(z.string(), z.string()).optional().describe("Replaces the cluster's when not empty."),
  annotations: z
    .record(z.string(), z.string())
    .optional()
    .describe('Annotations of the pods. A new value of `al-assad.github.io/restartedAt` restarts them one by one.'),
  affinity: k.podPart('Affinity').optional().describe("Replaces the cluster's."),
  tolerations: z.array(k.podPart('Toleration')).optional().describe("Replaces the cluster's when not empty."),
  priorityClassName: z.string().optional().describe("Replaces the cluster's when not empty."),
  statefulSetUpdateStrategy: z.string().optional().describe('`RollingUpdate` or `OnDelete`. Default: the cluster, then RollingUpdate.'),
  additionalEnv: z.array(k.podPart('EnvVar')).optional().describe("Environment after the operator's own."),
  additionalContainers: z.array(k.podPart('Container')).optional().describe('Containers beside the main one.'),
  additionalVolumes: z.array(k.podPart('Volume')).optional().describe('Volumes of the pods.'),
  topologySpreadConstraints: z
    .array(k.podPart('TopologySpreadConstraint'))
    .optional()
    .describe("How pods spread over nodes and zones. Replaces the cluster's when not empty."),
  podSecurityContext: k.podPart('PodSecurityContext').optional().describe("Security context of the pods. Replaces the cluster's."),
  securityContext: k.podPart('SecurityContext').optional().describe("Security context of the main container. Replaces the cluster's."),
  terminationGracePeriodSeconds: k.int32().min(0).optional().describe("How long a pod may take to stop. Default: Kubernetes' own, 30 s."),
  startTimeoutSeconds: k
    .int32()
    .min(5)
    .optional()
    .describe('How long a member may take until it listens before its container is restarted: registering, loading metadata. Default 900.'),
  additionalVolumeMounts: z.array(k.podPart('VolumeMount')).optional().describe('Mounts of the main container.'),
} as const;

/** How clients reach back ends and compute nodes. */
const webService = z
  .object({
    type: z.string().optional().describe('`ClusterIP` (default), `NodePort` or `LoadBalancer`.'),
    annotations: z.record(z.string(), z.string()).optional().describe('Annotations of the Service, e.g. for a load balancer.'),
    httpPort: k.int32().optional().describe('Node port of the webserver port; 0 or absent: any.'),
    externalTrafficPolicy: z.string().optional().describe('`Cluster` or `Local`.'),
  })
  .optional();

/** What back ends and compute nodes have beside `component`. */
export const worker = {
  failover: failover.optional().describe('Nodes in place of those that stay dead. Absent: none is added.'),
  service: webService.describe('How clients reach the web servers, e.g. for stream load.'),
} as const;

/** A component with nothing of its own; also what builders take. */
export const plainComponent = z.object(component);
export type Component = z.output<typeof plainComponent>;
