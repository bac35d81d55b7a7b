import { createHash } from 'node:crypto';
import type { Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { waitFor } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import { parse } from 'yaml';
import type { Cluster, Hazelcast } from '../api/hazelcast.ts';
import { identityOf } from '../tls/identity.ts';
import type { Identity } from '../tls/identity.ts';
import { readKeyStore, writeKeyStore } from '../tls/jks.ts';
import type { KeyStore } from '../tls/jks.ts';
import { materialOf } from '@binnacle/runtime';
import { nextKeyStore } from '../tls/rotation.ts';
import type { Crew } from '../tls/rotation.ts';
import { KEYSTORE_KEY, KEYSTORE_PASSWORD } from './config/ssl.ts';
import { tlsOf } from './effective.ts';
import { isReady, isTerminating } from './members/pods.ts';
import { CONFIGURATION, selectorOf } from './names.ts';
import { yamlOf } from './objects/config.ts';
import { Pod } from '../pod.ts';

/** The keystore that a cluster is to have now. */
export interface Keystore {
  readonly bytes: Buffer;
  /** Other content, other text: what members are restarted for. */
  readonly fingerprint: string;
  /** The one there was has the same certificate: members that run with it need no restart to be believed. */
  readonly same: boolean;
}

/** Undefined: no TLS. An outcome: what is wrong with the Secret. `restart`: the configuration that members are to run with; empty: the one they have. */
export async function keystore(
  hz: Cluster,
  live: Live<typeof Secret> | undefined,
  restart: string,
  cx: Pick<Context<typeof Hazelcast, never, typeof Pod | typeof Secret>, 'get' | 'list'>,
): Promise<Keystore | Outcome | undefined> {
  const tls = tlsOf(hz);
  if (tls === undefined) return undefined;
  const material = materialOf((await cx.get(Secret, tls.secretName))?.data);
  if (typeof material === 'string') return waitFor('NotFound', `spec.tls.secretName: Invalid value: "${tls.secretName}": the Secret ${material}`);
  const old = storeIn(live);
  const next = nextKeyStore(old, material, crewOf(hz, await cx.list(Pod, { labels: selectorOf(hz) }), restart));
  const [leaf] = material.chain;
  return { bytes: writeKeyStore(next, KEYSTORE_PASSWORD), fingerprint: fingerprintOf(next), same: old?.own?.chain[0]?.equals(leaf!) === true };
}

/** The keystore without a key or a certificate that the existing operator writes for clusters without TLS: it stays, since custom configuration may name it. */
export function emptyKeystore(live: Live<typeof Secret> | undefined): Buffer | undefined {
  const store = storeIn(live);
  return store === undefined || store.own !== undefined || store.trusted.length > 0 ? undefined : Buffer.from(live?.data?.[KEYSTORE_KEY] ?? '', 'base64');
}

/** How to speak to members that were started with this Secret; undefined: in clear. */
export function identityIn(secret: Live<typeof Secret> | undefined): Identity | undefined {
  const store = isEncrypted(yamlOf(secret)) ? storeIn(secret) : undefined;
  return store === undefined ? undefined : identityOf(store);
}

interface Network {
  readonly hazelcast?: {
    readonly 'advanced-network'?: { readonly 'client-server-socket-endpoint-config'?: { readonly ssl?: { readonly enabled?: unknown } } };
  };
}

/** Whether clients speak TLS to members with this `hazelcast.yaml`. */
export function isEncrypted(yaml: string | undefined): boolean {
  // It is asked in every pass: a text without the word is not worth reading.
  if (yaml?.includes('ssl:') !== true) return false;
  const document = parse(yaml) as Network | null;
  return document?.hazelcast?.['advanced-network']?.['client-server-socket-endpoint-config']?.ssl?.enabled === true;
}

/** Undefined as well for one that cannot be read: members cannot either. */
function storeIn(secret: Live<typeof Secret> | undefined): KeyStore | undefined {
  const data = secret?.data?.[KEYSTORE_KEY];
  try {
    return data === undefined ? undefined : readKeyStore(Buffer.from(data, 'base64'), KEYSTORE_PASSWORD);
  } catch {
    return undefined;
  }
}

function crewOf(hz: Cluster, pods: readonly Live<typeof Pod>[], restart: string): Crew {
  if (pods.length === 0) return 'none';
  const current = pods.every((pod) => isReady(pod) && !isTerminating(pod) && (pod.metadata.annotations?.[CONFIGURATION] ?? '') === restart);
  return current && pods.length === hz.spec.clusterSize ? 'settled' : 'rolling';
}

function fingerprintOf({ own, trusted }: KeyStore): string {
  const hash = createHash('sha256').update(own?.key ?? '');
  for (const one of [...(own?.chain ?? []), ...trusted]) hash.update(one);
  return hash.digest('hex').slice(0, 16);
}
