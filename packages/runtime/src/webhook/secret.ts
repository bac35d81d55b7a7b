import { ApiError, isNotFound } from '@binnacle/client';
import type { Api, Live, Ref } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { bundle, certificatesIn, renewed } from '../certificates/rotation.ts';
import type { Serving } from '../certificates/rotation.ts';
import { retryOnConflict } from '../retry-on-conflict.ts';

/** Replicas that renew at the same moment: all but one read what that one wrote. */
const MAX_TRIES = 5;

/**
 * The certificates in a Secret, renewed there if that is due: every replica serves with the same ones, and a restart changes nothing. Nothing is written
 * when nothing is due. Contents that cannot be read are replaced.
 * @throws {ApiError} `NotFound`, and what to do, when there is no such Secret: the installation brings it, empty.
 */
export async function keptCertificates(
  api: Api,
  where: { readonly secret: Ref; readonly hosts: readonly string[]; readonly nowMs: number; readonly signal: AbortSignal },
): Promise<Serving> {
  const { secret: ref, hosts, nowMs, signal } = where;
  return await retryOnConflict(MAX_TRIES, async () => {
    const secret = await api.get(Secret, ref, { signal }).catch((error: unknown) => {
      throw isNotFound(error) ? missing(ref, error) : error;
    });
    const before = servingIn(secret);
    const serving = renewed(before, ref.name, hosts, nowMs);
    if (serving === before) return serving;
    const { name, namespace, resourceVersion, labels, annotations, ownerReferences } = secret.metadata;
    const kept = Object.fromEntries(Object.entries({ labels, annotations, ownerReferences }).filter(([, value]) => value !== undefined));
    await api.replace(
      Secret,
      { metadata: { name, namespace, resourceVersion, ...kept }, type: secret.type ?? 'Opaque', data: dataOf(serving) } as typeof secret,
      { signal },
    );
    return serving;
  });
}

function missing({ namespace, name }: Ref, cause: ApiError): ApiError {
  const message = `Secret ${namespace}/${name}, where the certificates are kept, is not there: the manifests of the installation bring it, empty (whoever may write it may not make it)`;
  return new ApiError({ code: cause.code, reason: cause.reason, message }, { cause });
}

function dataOf(serving: Serving): Readonly<Record<string, string>> {
  const texts = {
    'ca.crt': bundle(serving),
    'ca.key': serving.authority.key,
    'tls.crt': serving.leaf.certificate,
    'tls.key': serving.leaf.key,
  };
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function servingIn({ data = {} }: Live<typeof Secret>): Serving | undefined {
  const read = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  const [authority, ...former] = certificatesIn(read('ca.crt'));
  const leaf = { certificate: read('tls.crt'), key: read('tls.key') };
  const key = read('ca.key');
  const isCertificate = certificatesIn(leaf.certificate).length === 1;
  if (authority === undefined || !isCertificate || !key.includes('PRIVATE KEY') || !leaf.key.includes('PRIVATE KEY')) return undefined;
  return { authority: { certificate: authority, key }, former, leaf };
}
