import { createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { bucketUri } from '../../api/bucket-uri.ts';
import type { Bucket } from './client.ts';
import { BucketError } from './error.ts';
import { credential, judge } from './judge.ts';
import type { Answer, Send } from './send.ts';

/** A key of a service account, as the console gives it out. */
const Account = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.string().default('https://oauth2.googleapis.com/token'),
});
const Token = z.object({ access_token: z.string().regex(/^[\x21-\x7e]+$/) });
const Failure = z.object({ error: z.object({ message: z.string().default(''), errors: z.array(z.object({ reason: z.string() })).default([]) }) });

/** The least that may delete objects. */
const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write';
/** How long a token is asked for; s. The least that is worth anything: it is used once. */
const TOKEN_SECONDS = 300;
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const NAME = 'google-credentials-path';

/** Deletes an object of Google Cloud Storage. Source: the Cloud Storage JSON API, Objects: delete. */
export async function deleteGoogleObject({ uri, credentials }: Bucket, key: string, send: Send, nowMs: number): Promise<void> {
  const { bucket } = bucketUri(uri);
  const token = await tokenOf(credentials, send, nowMs);
  const url = new URL(`https://storage.googleapis.com/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(key)}`);
  const answer = await send({ method: 'DELETE', url, headers: { authorization: `Bearer ${token}` } });
  const { message, reason } = failureOf(answer);
  // The same status and reason for both: only the sentence tells an object that is not there from a bucket that is not.
  judge(answer, { where: `gs://${bucket}`, code: reason, gone: message.startsWith('No such object') });
}

/** A token for one call, by the account's signature. Source: Google's "Using OAuth 2.0 for Server to Server Applications", RFC 7523. */
async function tokenOf(credentials: Bucket['credentials'], send: Send, nowMs: number): Promise<string> {
  const account = accountOf(credentials);
  const url = URL.canParse(account.token_uri) ? new URL(account.token_uri) : undefined;
  // A signature is worth a token: it goes to nobody else.
  if (url?.protocol !== 'https:' || !/(^|\.)(googleapis|google)\.com$/.test(url.hostname)) throw unusable('its token_uri is not of Google');
  const now = Math.floor(nowMs / 1000);
  const header = { alg: 'RS256', typ: 'JWT', ...(account.private_key_id === undefined ? {} : { kid: account.private_key_id }) };
  const claims = { iss: account.client_email, scope: SCOPE, aud: account.token_uri, iat: now, exp: now + TOKEN_SECONDS };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const assertion = `${text}.${sign('RSA-SHA256', Buffer.from(text), account.key).toString('base64url')}`;
  const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString();
  const answer = await send({ method: 'POST', url, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
  // What is wrong with an account is told with 400 there, and what is wrong with us cannot be.
  if (answer.status === 400) throw new BucketError('denied', `${url.host} gives the service account no token`);
  judge(answer, { where: url.host, code: '', gone: false });
  const found = Token.safeParse(json(answer.body));
  if (!found.success) throw new BucketError('unreachable', `${url.host} answers with no token`);
  return found.data.access_token;
}

function accountOf(credentials: Bucket['credentials']): z.output<typeof Account> & { readonly key: KeyObject } {
  const found = Account.safeParse(json(credential(credentials, NAME, /^/)));
  if (!found.success) throw unusable('it is not the key of a service account, in JSON');
  try {
    return { ...found.data, key: createPrivateKey(found.data.private_key) };
  } catch {
    // Without its cause: what cannot be read may be the key itself.
    throw unusable('its private_key cannot be read');
  }
}

const unusable = (why: string): BucketError => new BucketError('credentials', `${NAME} in the Secret is not what it should be: ${why}`);

function failureOf({ body }: Answer): { readonly message: string; readonly reason: string } {
  const found = Failure.safeParse(json(body));
  const reason = found.data?.error.errors[0]?.reason ?? '';
  return { message: found.data?.error.message ?? '', reason: /^[A-Za-z\d]{1,64}$/.test(reason) ? reason : '' };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
