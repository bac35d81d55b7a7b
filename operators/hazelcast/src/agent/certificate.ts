import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { timestamp } from '@binnacle/client';
import { bits, boolean, implicit, integer, octets, oid, sequence, set, tagged, time, utf8 } from './der.ts';

/** A key pair and its certificate, PEM. The certificate is its own authority. */
export interface SelfSigned {
  readonly key: string;
  readonly certificate: string;
}

/** Ten years; ms. It is made once and not renewed, as in the existing operator. */
const VALID_MS = 10 * 365 * 24 * 3_600_000;
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';

/**
 * What operator and agents prove themselves with to each other: one self-signed certificate for both sides, for the name `mtls`. Source: spec/hazelcast-core.md §2.9.
 * P-256 in place of RSA of 4096 bits: agents take both, and making it costs a millisecond. `nowMs`: wall clock.
 */
export function agentCertificate(nowMs: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicDer = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(oid(ECDSA_SHA256));
  const name = sequence(set(sequence(oid('2.5.4.10'), utf8('Hazelcast'))));
  const body = sequence(
    tagged(0, integer(2)),
    integer(Math.floor(nowMs / 1000)),
    algorithm,
    name,
    sequence(time(timestamp(nowMs)), time(timestamp(nowMs + VALID_MS))),
    name,
    publicDer,
    tagged(3, extensions(publicDer)),
  );
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, privateKey)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate: pem(certificate) };
}

function extensions(publicDer: Buffer): Buffer {
  const extension = (id: string, critical: boolean, value: Buffer) => sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
  const keyId = createHash('sha1').update(publicDer).digest();
  return sequence(
    // digitalSignature and keyCertSign.
    extension('2.5.29.15', true, bits(Buffer.from([0b1000_0100]), 2)),
    // Server and client.
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.14', false, octets(keyId)),
    extension('2.5.29.17', false, sequence(implicit(2, Buffer.from('mtls')))),
  );
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
