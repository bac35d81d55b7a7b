/** Names of a member's volumes, as the existing operator has them. Source: spec/hazelcast-core.md §2.10. */
export const VOLUMES = {
  config: 'hazelcast-storage',
  agentConfig: 'agent-config-volume',
  userCodeBucket: 'user-code-bucket',
  userCodeUrl: 'user-code-url',
  jetJars: 'jet-job-jars-bucket',
  tmp: 'tmp-vol',
  agentCert: 'hazelcast-agent-cert',
  namespaces: 'user-code-namespace',
} as const;

/** Templates of claims: that of persistence, today's first, and that of the CP subsystem. */
export const PERSISTENCE_CLAIMS = ['persistence', 'hot-restart-persistence'] as const;
export const CP_CLAIM = 'cp-subsystem-persistence';

/** The volume of a ConfigMap with classes. The sequence is part of the name, so that changing it restarts members and mounts the maps again. */
export const userCodeVolume = (configMap: string, triggerSequence = '') => `user-code-cm-${configMap}${triggerSequence}`;
/** The volume of a ConfigMap with jars of jobs. */
export const jetVolume = (configMap: string) => `jet-cm-${configMap}`;
