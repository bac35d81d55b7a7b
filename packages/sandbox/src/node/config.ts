import type { Live } from '@binnacle/client';
import type { ConfigMap, PersistentVolumeClaim, Secret } from '@binnacle/client/kinds';

/** What containers refer to, as it is now. */
export interface ConfigSource {
  configMap(namespace: string, name: string): Live<typeof ConfigMap> | undefined;
  secret(namespace: string, name: string): Live<typeof Secret> | undefined;
  claim(namespace: string, name: string): Live<typeof PersistentVolumeClaim> | undefined;
}

/** Something a container refers to is not there (yet). The message names it, in the kubelet's words, without any content. */
export class MissingConfig extends Error {
  override readonly name = 'MissingConfig';
}

/** The entries of a Secret or ConfigMap as text. Undefined: there is none of that name. */
export function entriesOf(config: ConfigSource, kind: 'secret' | 'configMap', namespace: string, name: string): Readonly<Record<string, string>> | undefined {
  const decode = (entries: Readonly<Record<string, string>> | undefined) =>
    Object.fromEntries(Object.entries(entries ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
  if (kind === 'secret') {
    const secret = config.secret(namespace, name);
    return secret === undefined ? undefined : decode(secret.data);
  }
  const configMap = config.configMap(namespace, name);
  return configMap === undefined ? undefined : { ...configMap.data, ...decode(configMap.binaryData) };
}
