import type { Live } from '@binnacle/client';
import type { ConfigMap, Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { agentCertificate } from '../../agent/certificate.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import type { Rollout } from '../config/configuration.ts';
import { initConfig } from '../config/init.ts';
import { KEYSTORE_KEY } from '../config/ssl.ts';
import type { Taken } from '../config/init.ts';
import type { BaseDir } from '../config/member.ts';
import { AGENT_CERT, ROLLOUT, initName, metaOf } from '../names.ts';

/** Key of the configuration in its Secret. */
export const CONFIG_KEY = 'hazelcast.yaml';

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/** The members' configuration, and their keystore. What else is in the Secret is not ours and stays. */
export function configSecret(hz: Cluster, yaml: string, rollout: Rollout, jks: Buffer | undefined): Desired<typeof Secret> {
  const { annotations, ...meta } = metaOf(hz);
  const data = { [CONFIG_KEY]: base64(yaml), ...(jks === undefined ? {} : { [KEYSTORE_KEY]: jks.toString('base64') }) };
  return { ...meta, annotations: { ...annotations, [ROLLOUT]: JSON.stringify(rollout) }, type: 'Opaque', data };
}

/** The configuration in a Secret; undefined when there is none. */
export function yamlOf(secret: Live<typeof Secret> | undefined): string | undefined {
  const data = secret?.data?.[CONFIG_KEY];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

export function initConfigMap(hz: Cluster, dir: BaseDir, backup?: Taken): Desired<typeof ConfigMap> {
  return { ...metaOf(hz, initName(hz)), data: { 'config.yaml': initConfig(hz, dir, backup) } };
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
