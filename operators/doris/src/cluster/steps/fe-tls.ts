import { createHash } from 'node:crypto';
import { Secret } from '@binnacle/client/kinds';
import { done, keyStore, materialOf, step, trustStore, waitFor } from '@binnacle/runtime';
import type { Material, References } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { pemOf } from '../pem.ts';
import { labelsOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { STORES, STORE_PASSWORD, tlsSecretName } from '../objects/tls.ts';

/** On the Secret: of what the stores were made. They are encrypted with chance, so that their bytes do not tell. */
const MADE_OF = 'al-assad.github.io/made-of';

/**
 * Makes the front ends' keystores of the Secret that the user names, before a pod mounts them, and makes them anew when it changes: pods get them in place, and
 * Doris reads them for each connection. A Secret that is missing or wrong leaves the stores that there are as they are.
 */
export const feTls = (references: References) =>
  step('feTls', DorisCluster, { owns: [Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    const tls = cluster.spec.fe?.tls;
    const named = [tls?.secretName, tls?.clientSecretName].filter((one) => one !== undefined && one !== '').map((name) => ({ kind: 'Secret', name: name! }));
    references.note(cluster, named);
    if (tls === undefined) return done; // owned here and not applied: pruned when no pod needs it any more, at the end of a pass that came through
    const name = tlsSecretName(cluster.name);
    const live = await cx.get(Secret, name);
    const source = await cx.get(Secret, tls.secretName);
    const material = source === undefined ? 'is not there' : materialOf(source.data);
    if (typeof material === 'string') {
      const message = `spec.fe.tls.secretName: the Secret ${tls.secretName} ${material}`;
      cx.condition('FrontEndTls', false, 'TlsSecretMissing', live === undefined ? message : `${message}; the certificate that front ends have stays`);
      return live === undefined ? waitFor('TlsSecretMissing', message) : cx.keep(Secret, name);
    }
    cx.condition('FrontEndTls', true, 'Served', `front ends are given the certificate of the Secret ${tls.secretName}`);
    const madeOf = fingerprint(material);
    const data = live?.metadata.annotations?.[MADE_OF] === madeOf ? live.data! : stores(material);
    await cx.apply(Secret, { name, labels: labelsOf(cluster.name, 'fe'), annotations: { [MADE_OF]: madeOf }, type: 'Opaque', data });
    return done;
  });

function stores(material: Material): Readonly<Record<string, string>> {
  const trusted = trustedBy(material);
  return {
    [STORES.server]: keyStore(material, STORE_PASSWORD).toString('base64'),
    [STORES.authorities]: trustStore(trusted).toString('base64'),
    [STORES.trusted]: Buffer.from(trusted.map((one) => pemOf('CERTIFICATE', one)).join('')).toString('base64'),
  };
}

/** Without `ca.crt` the last of the chain is believed: the authority, or a certificate that signed itself. */
const trustedBy = ({ authorities, chain }: Material): readonly Buffer[] => (authorities.length > 0 ? authorities : chain.slice(-1));

function fingerprint({ key, chain, authorities }: Material): string {
  const hash = createHash('sha256').update(key);
  for (const one of [...chain, Buffer.from('ca'), ...authorities]) hash.update(one);
  return hash.digest('hex').slice(0, 32);
}
