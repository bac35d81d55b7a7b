import type { Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { materialOf, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { pemOf } from './pem.ts';
import type { Tls } from '../sql/tls.ts';
import { labelsOf } from './names.ts';
import type { Cluster } from './objects/cluster.ts';
import { STORES, TLS_VOLUME, tlsSecretName } from './objects/tls.ts';
import { Pod } from '../pod.ts';

/** The part of a step's context that it takes. */
interface Looking {
  get(kind: typeof Secret, name: string): Promise<Live<typeof Secret> | undefined>;
  list(kind: typeof Pod, options: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly Live<typeof Pod>[]>;
}

/**
 * How to speak to the front ends: `undefined`: in clear. Who they are is believed by what they were given to show, see steps/fe-tls.ts. While a pod is left
 * that was started without it, and only then, one that offers no TLS is spoken to in clear: nodes restart one by one, and have to be asked meanwhile.
 */
export async function encryptionOf(cluster: Cluster, cx: Looking): Promise<Tls | Outcome | undefined> {
  const tls = cluster.spec.fe?.tls;
  if (tls === undefined) return undefined;
  const trusted = (await cx.get(Secret, tlsSecretName(cluster.name)))?.data?.[STORES.trusted];
  if (trusted === undefined) return waitFor('TlsSecretMissing', `the Secret ${tlsSecretName(cluster.name)} is not there yet`);
  const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') });
  const required = pods.every((pod) => pod.spec?.volumes?.some(({ name }) => name === TLS_VOLUME) === true);
  const ca = Buffer.from(trusted, 'base64').toString('utf8');
  if (tls.clientSecretName === undefined || tls.clientSecretName === '') return { ca, required };
  const own = materialOf((await cx.get(Secret, tls.clientSecretName))?.data);
  if (typeof own === 'string') return waitFor('TlsSecretMissing', `spec.fe.tls.clientSecretName: the Secret ${tls.clientSecretName} ${own}`);
  return { ca, required, own: { cert: own.chain.map((one) => pemOf('CERTIFICATE', one)).join(''), key: pemOf('PRIVATE KEY', own.key) } };
}
