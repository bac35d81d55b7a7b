import { k } from '@binnacle/schema';
import { z } from 'zod';
import { classFilter, scheduling } from './common.ts';
import { durableExecutorService, executorService, jet, scheduledExecutorService, sql, userCodeDeployment } from './compute.ts';
import { jvm, nativeMemory, serialization } from './memory.ts';
import { advancedNetwork, exposeExternally, managementCenter, tls } from './network.ts';
import { cpSubsystem, localDevice, persistence } from './persistence.ts';

/** Image of Enterprise members: what `repository` says when nobody says anything. */
export const ENTERPRISE_REPOSITORY = 'docker.io/hazelcast/hazelcast-enterprise';
/** Image of open-source members. */
export const OPEN_SOURCE_REPOSITORY = 'docker.io/hazelcast/hazelcast';

const agent = z.object({
  repository: z.string().default('docker.io/hazelcast/platform-operator-agent').describe('Image.'),
  version: z.string().default('0.1.29').describe('Image tag.'),
  resources: k.podPart('ResourceRequirements').optional().describe('Resources of the sidecar.'),
});

const envRule = {
  rule: "self.all(env, env.name.startsWith('HZ_') == false)",
  message: "Environment variables cannot start with 'HZ_'. Use customConfigCmName to configure Hazelcast.",
};

/** `Hazelcast.spec`: names, defaults and limits of the kind it replaces. Source: spec/hazelcast-core.md §1.1.1. */
export const spec = z.object({
  clusterSize: k.int32().min(0).default(3).describe('Members. 0 pauses the cluster: its volumes and addresses stay.'),
  repository: z.string().default(ENTERPRISE_REPOSITORY).describe('Image of the members. Without a licence the default means the open-source image.'),
  version: z.string().default('5.5.0-SNAPSHOT').describe('Image tag of the members.'),
  imagePullPolicy: z.string().default('IfNotPresent').describe('When images are pulled.'),
  imagePullSecrets: z.array(k.podPart('LocalObjectReference')).optional().describe('Secrets for pulling images.'),
  licenseKeySecret: z.string().optional().describe('Deprecated: use `licenseKeySecretName`.'),
  licenseKeySecretName: z.string().min(1).optional().describe('Secret with the Enterprise licence under `license-key`. Absent: open source.'),
  exposeExternally: exposeExternally.optional().describe('Clients outside the cluster. Absent: none.'),
  clusterName: z.string().default('dev').describe('Name that members and clients must share.'),
  scheduling: scheduling.optional().describe('Where members may run.'),
  resources: k.podPart('ResourceRequirements').optional().describe('Resources of a member.'),
  persistence: persistence.optional().describe('Data on disk. Absent: in memory only.'),
  persistentVolumeClaimRetentionPolicy: z
    .object({
      whenDeleted: z
        .enum(['Retain', 'Delete'])
        .default('Retain')
        .describe(
          'Volumes of a Hazelcast that is deleted. `Delete`: they go with it, and the data and local backups on them. They stay while it is paused or scaled in.',
        ),
    })
    .optional()
    .describe('What becomes of the volumes.'),
  agent: agent.default({ repository: 'docker.io/hazelcast/platform-operator-agent', version: '0.1.29' }).describe('The helper container beside each member.'),
  jet: jet.default({ enabled: true, resourceUploadEnabled: false }).describe('Jet.'),
  userCodeDeployment: userCodeDeployment.optional().describe('Deprecated: classes on the members’ class path.'),
  executorServices: z.array(executorService).optional().describe('Executors.'),
  durableExecutorServices: z.array(durableExecutorService).optional().describe('Executors whose tasks survive a member.'),
  scheduledExecutorServices: z.array(scheduledExecutorService).optional().describe('Executors with a time table.'),
  properties: k.stringMap().optional().describe('Hazelcast properties.'),
  loggingLevel: z.enum(['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL']).default('INFO').describe('What members log.'),
  highAvailabilityMode: z.enum(['NODE', 'ZONE']).optional().describe('Keep copies on different nodes or zones. Fixed once the cluster exists.'),
  jvm: jvm.optional().describe('The Java virtual machine.'),
  nativeMemory: nativeMemory.optional().describe('Memory outside the heap.'),
  advancedNetwork: advancedNetwork.optional().describe('Endpoints.'),
  managementCenter: managementCenter.optional().describe('What Management Center may do.'),
  tls: tls.optional().describe('Encryption.'),
  serialization: serialization.optional().describe('Serialization.'),
  customConfigCmName: z.string().optional().describe('ConfigMap with Hazelcast configuration under `hazelcast`, merged with what follows from this object.'),
  sql: sql.optional().describe('SQL.'),
  localDevices: z.array(localDevice).optional().describe('Disks for tiered storage.'),
  annotations: k.stringMap().optional().describe('Annotations of all objects that belong to the cluster.'),
  labels: k.stringMap().optional().describe('Labels of all objects that belong to the cluster.'),
  serviceAccountName: z.string().optional().describe('Service account of the members. Absent: one is made.'),
  cpSubsystem: cpSubsystem.optional().describe('Strongly consistent structures.'),
  userCodeNamespaces: z
    .object({ classFilter: classFilter.optional().describe('Which classes may be loaded.') })
    .optional()
    .describe('Classes by namespace.'),
  env: k
    .rule(z.array(k.podPart('EnvVar')), envRule)
    .optional()
    .describe('Environment of the members, after our own variables.'),
});

export type Spec = z.output<typeof spec>;
