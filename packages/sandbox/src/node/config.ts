import { isUtf8 } from 'node:buffer';
import type { Live } from '@binnacle/client';
import type { ConfigMap, PersistentVolumeClaim, Secret, Service } from '@binnacle/client/kinds';

/** What containers refer to, as it is now. */
export interface ConfigSource {
  configMap(namespace: string, name: string): Live<typeof ConfigMap> | undefined;
  secret(namespace: string, name: string): Live<typeof Secret> | undefined;
  claim(namespace: string, name: string): Live<typeof PersistentVolumeClaim> | undefined;
  /** Of all namespaces. */
  services(): readonly Live<typeof Service>[];
}

/** Something a container refers to is not there (yet). The message names it, in the kubelet's words, without any content. */
export class MissingConfig extends Error {
  override readonly name = 'MissingConfig';
}

/** The entries of a Secret or ConfigMap as text; bytes that are no UTF-8, such as a keystore, as one character each. Undefined: there is none of that name. */
export function entriesOf(config: ConfigSource, kind: 'secret' | 'configMap', namespace: string, name: string): Readonly<Record<string, string>> | undefined {
  const decode = (entries: Readonly<Record<string, string>> | undefined) =>
    Object.fromEntries(Object.entries(entries ?? {}).map(([key, value]) => [key, textOf(Buffer.from(value, 'base64'))]));
  if (kind === 'secret') {
    const secret = config.secret(namespace, name);
    return secret === undefined ? undefined : decode(secret.data);
  }
  const configMap = config.configMap(namespace, name);
  return configMap === undefined ? undefined : { ...configMap.data, ...decode(configMap.binaryData) };
}

const textOf = (bytes: Buffer): string => bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
