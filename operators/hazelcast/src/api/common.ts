import { k } from '@binnacle/schema';
import { z } from 'zod';

/** Claims for one volume. `requestStorage` is 8Gi when not given. */
export const pvc = z.object({
  accessModes: z.array(z.string()).optional().describe('How the volume may be mounted, e.g. `ReadWriteOnce`.'),
  requestStorage: k.quantity().default('8Gi').describe('Size of the volume.'),
  storageClassName: z.string().optional().describe('Storage class. Absent: the default class of the cluster.'),
});
export type Pvc = z.output<typeof pvc>;

/** Object storage, read by the agent. */
export const bucket = z.object({
  secret: z.string().optional().describe('Deprecated: use `secretName`.'),
  secretName: z.string().optional().describe('Secret with the credentials of the bucket. Absent: the identity of the pod.'),
  bucketURI: z.string().min(6).describe('Full path of the bucket, e.g. `s3://bucket/path`.'),
});
export type Bucket = z.output<typeof bucket>;

const filterList = z
  .object({
    classes: z.array(z.string()).optional().describe('Class names.'),
    packages: z.array(z.string()).optional().describe('Package names.'),
    prefixes: z.array(z.string()).optional().describe('Prefixes of class names.'),
  })
  .meta({ minProperties: 1 });

/** Which classes may be loaded. */
export const classFilter = z
  .object({
    blacklist: filterList.optional().describe('What is refused.'),
    whitelist: filterList.optional().describe('What alone is accepted.'),
  })
  .meta({ minProperties: 1 });
export type ClassFilter = z.output<typeof classFilter>;

/** Where pods may run. */
export const scheduling = z.object({
  affinity: k.podPart('Affinity').optional().describe('Affinity of the pods.'),
  tolerations: z.array(k.podPart('Toleration')).optional().describe('Taints that the pods tolerate.'),
  nodeSelector: k.stringMap().optional().describe('Labels a node must have.'),
  topologySpreadConstraints: z.array(k.podPart('TopologySpreadConstraint')).optional().describe('How the pods are spread.'),
});
