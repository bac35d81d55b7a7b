import type { ConfigMap, Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { agentCertificate } from '../../agent/certificate.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { initConfig } from '../config/init.ts';
import type { BaseDir } from '../config/member.ts';
import { AGENT_CERT, initName, metaOf } from '../names.ts';

/** Key of the configuration in its Secret. */
export const CONFIG_KEY = 'hazelcast.yaml';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** The members' configuration. What else is in the Secret, such as a keystore, is not ours and stays. */
export function configSecret(hz: Cluster, yaml: string): Desired<typeof Secret> {
  return { ...metaOf(hz), type: 'Opaque', data: { [CONFIG_KEY]: base64(yaml) } };
}

export function initConfigMap(hz: Cluster, dir: BaseDir): Desired<typeof ConfigMap> {
  return { ...metaOf(hz, initName(hz)), data: { 'config.yaml': initConfig(hz, dir) } };
}

/** What agents and operator prove themselves with: one for all clusters of a namespace, so it carries the marks of none. */
export function agentSecret(nowMs: number): Desired<typeof Secret> {
  const { key, certificate } = agentCertificate(nowMs);
  return {
    name: AGENT_CERT,
    type: 'kubernetes.io/tls',
    data: { 'ca.crt': base64(certificate), 'tls.crt': base64(certificate), 'tls.key': base64(key) },
  };
}
