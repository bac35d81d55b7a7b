import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { Clock } from '@binnacle/client';
import type { Chance } from '../core/chance.ts';
import type { TokenBond, Tokens, TokenSubject } from '../core/core.ts';
import { list, record, text } from '../object.ts';

/** Who we are in a token, and whom it is for when nobody else is named. */
export const ISSUER = 'https://kubernetes.default.svc';

/** A new key to sign tokens with, as PEM. */
export function newTokenKey(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Signs and reads tokens of ServiceAccounts: JWTs with the claims that Kubernetes puts in (spec/sandbox.md §2.20), signed ES256. `keyPem` from `newTokenKey()`. */
export function createTokens(keyPem: string, clock: Clock, chance: Chance): Tokens {
  const key = createPrivateKey(keyPem);
  const publicKey = createPublicKey(key);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    sign(subject, { lifetimeSeconds, audiences, warnAfterSeconds }) {
      const now = seconds();
      const claims = {
        aud: audiences.length === 0 ? [ISSUER] : audiences,
        ...(lifetimeSeconds === undefined ? {} : { exp: now + lifetimeSeconds }),
        iat: now,
        iss: ISSUER,
        jti: chance.uid(),
        'kubernetes.io': { ...bonds(subject), ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }) },
        nbf: now,
        sub: `system:serviceaccount:${subject.namespace}:${subject.name}`,
      };
      const content = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`;
      return `${content}.${sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
    read(token) {
      const [head, body, signature, ...more] = token.split('.');
      if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined;
      const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
      if (!verify('sha256', Buffer.from(`${head}.${body}`), options, Buffer.from(signature, 'base64url'))) return undefined;
      const claims = record(JSON.parse(Buffer.from(body, 'base64url').toString()));
      if (typeof claims['exp'] === 'number' && claims['exp'] <= seconds()) return undefined;
      const subject = subjectOf(record(claims['kubernetes.io']));
      return subject === undefined ? undefined : { ...subject, audiences: list(claims['aud']).map(String), id: text(claims['jti']) ?? '' };
    },
  };
}

function bonds({ namespace, name, uid, pod, secret, node }: TokenSubject) {
  return {
    namespace,
    ...(node === undefined ? {} : { node }),
    ...(pod === undefined ? {} : { pod }),
    ...(secret === undefined ? {} : { secret }),
    serviceaccount: { name, uid },
  };
}

function subjectOf(bound: Readonly<Record<string, unknown>>): TokenSubject | undefined {
  const [namespace, account] = [text(bound['namespace']), bondOf(bound['serviceaccount'])];
  if (namespace === undefined || account === undefined) return undefined;
  const [pod, secret, node] = [bondOf(bound['pod']), bondOf(bound['secret']), bondOf(bound['node'])];
  return {
    namespace,
    ...account,
    ...(pod === undefined ? {} : { pod }),
    ...(secret === undefined ? {} : { secret }),
    ...(node === undefined ? {} : { node }),
  };
}

function bondOf(claim: unknown): TokenBond | undefined {
  const [name, uid] = [text(record(claim)['name']), text(record(claim)['uid'])];
  return name === undefined || uid === undefined ? undefined : { name, uid };
}
