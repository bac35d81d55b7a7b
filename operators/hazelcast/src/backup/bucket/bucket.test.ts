/** What each provider is asked, over TLS as in production, by a server on this machine that checks signatures. */
import assert from 'node:assert/strict';
import { createHmac, createHash, createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import { NetworkError, parseTimestamp, systemClock, tcpNetwork } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import { alone, createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { virtualClock } from '@binnacle/testing';
import { buckets } from './client.ts';
import { BucketError } from './error.ts';
import { httpDate } from './azure.ts';
import { signed } from './s3.ts';

interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const HOSTS = [
  'bucket.s3.eu-west-1.amazonaws.com',
  's3.eu-west-1.amazonaws.com',
  'account.blob.core.windows.net',
  'storage.googleapis.com',
  'oauth2.googleapis.com',
];
const NOW = parseTimestamp('2026-01-01T00:00:00Z');
const KEY = 'backups/prod/2026-01-01-00-00-00/00000000-0000-4000-8000-000000000001.tar.gz';
const never = new AbortController().signal;

const authority = createAuthority('test', longLife(NOW));
const { certificate, key } = createServerCertificate(authority, 'test', HOSTS, longLife(NOW));
let heard: Heard[] = [];
let answer: (asked: Heard) => { readonly status: number; readonly body?: string } = () => ({ status: 204 });
const server = createServer({ cert: certificate, key }, (asked, reply) => {
  let body = '';
  asked.on('data', (part: Buffer) => (body += part.toString()));
  asked.on('end', () => {
    const one = { method: asked.method ?? '', path: asked.url ?? '', headers: asked.headers, body };
    heard.push(one);
    const said = answer(one);
    reply.writeHead(said.status);
    reply.end(said.body);
  });
});

/** All names lead to the server. */
const network: Network = {
  async connect({ host, port }, signal) {
    assert.ok(HOSTS.includes(host) && port === 443, `${host}:${port}`);
    return await tcpNetwork().connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, signal);
  },
};
const clock = { ...systemClock(), now: () => NOW };

before(async () => {
  setDefaultCACertificates([authority.certificate]);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => void server.close());

async function deletes(uri: string, credentials: Readonly<Record<string, string>>, with_: typeof answer = () => ({ status: 204 })): Promise<readonly Heard[]> {
  heard = [];
  answer = with_;
  await buckets({ network, clock }).delete({ uri, namespace: 'default', credentials }, KEY, alone(never));
  return heard;
}

/** Values that are no secret: they are in the name of the server. */
const PUBLIC = ['eu-west-1', 'account'];

/** The code of what it ends with; nothing of the Secret is in its text. */
async function fails(uri: string, credentials: Readonly<Record<string, string>>, with_: typeof answer): Promise<string> {
  const error = await deletes(uri, credentials, with_).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BucketError, String(error));
  for (const value of Object.values(credentials))
    if (!PUBLIC.includes(value)) assert.ok(!error.message.includes(value) && !String(error.stack).includes(value));
  return `${error.code}: ${error.message}`;
}

const S3 = { 'access-key-id': 'AKIAIOSFODNN7EXAMPLE', 'secret-access-key': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'eu-west-1' };
const xml = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${S3['secret-access-key']}</Message></Error>`;

/** As the provider checks it: from the request alone, and the secret. */
function isSignedForS3({ method, path, headers }: Heard): boolean {
  const [, day = '', region = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/(\d{8})\/([^/]+)\/s3\/aws4_request,SignedHeaders=([^,]+),Signature=([\da-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const lines = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  const request = `${method}\n${path}\n\n${lines.join('')}\n${names}\n${String(headers['x-amz-content-sha256'])}`;
  const hash = createHash('sha256').update(request).digest('hex');
  const mac = (from: Buffer | string, text: string) => createHmac('sha256', from).update(text).digest();
  const signing = mac(mac(mac(mac(`AWS4${S3['secret-access-key']}`, day), region), 's3'), 'aws4_request');
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${day}/${region}/s3/aws4_request\n${hash}`;
  return names.split(';').includes('host') && mac(signing, text).toString('hex') === signature;
}

test('who leads no more by the time that a bucket listens deletes nothing from it', async () => {
  heard = [];
  const over = new AbortController();
  const mustLead = (): void => {
    over.abort(new DOMException('not the leader', 'AbortError'));
    over.signal.throwIfAborted();
  };
  const deleted = buckets({ network, clock }).delete({ uri: 's3://bucket/backups', namespace: 'default', credentials: S3 }, KEY, {
    signal: over.signal,
    mustLead,
  });
  await assert.rejects(deleted, { name: 'AbortError' });
  assert.deepEqual(heard, []);
});

test('S3: an object is deleted by its name, signed for its region', async () => {
  const [asked, ...more] = await deletes('s3://bucket/backups', S3);
  assert.deepEqual(more, []);
  assert.deepEqual([asked?.method, asked?.headers.host, asked?.path], ['DELETE', 'bucket.s3.eu-west-1.amazonaws.com', `/${KEY}`]);
  assert.ok(isSignedForS3(asked!));
});

test('S3: the example of the documentation is signed as it is there', () => {
  // Source: the S3 API reference, Signature Calculations for the Authorization Header, Example: GET Object.
  const url = new URL('https://examplebucket.s3.amazonaws.com/test.txt');
  const account = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' };
  const { authorization } = signed('GET', url, { range: 'bytes=0-9' }, account, parseTimestamp('2013-05-24T00:00:00Z'));
  assert.match(authorization ?? '', /Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41$/);
});

test('S3: the region of the URI goes before that of the Secret; a bucket that no certificate is for is in the path', async () => {
  const [regional] = await deletes('s3://bucket/backups?region=eu-west-1', { ...S3, region: 'us-east-1' });
  assert.ok(isSignedForS3(regional!));
  const [dotted] = await deletes('s3://my.bucket/backups', S3);
  assert.deepEqual([dotted?.headers.host, dotted?.path], ['s3.eu-west-1.amazonaws.com', `/my.bucket/${KEY}`]);
});

test('S3: what is not there is deleted, and each refusal tells what may be done', async () => {
  await deletes('s3://bucket', S3, () => ({ status: 404, body: xml('NoSuchKey') }));
  const failed = async (status: number, code: string) => await fails('s3://bucket', S3, () => ({ status, body: xml(code) }));
  assert.equal(await failed(403, 'AccessDenied'), 'denied: s3://bucket at bucket.s3.eu-west-1.amazonaws.com answers 403 AccessDenied');
  assert.match(await failed(404, 'NoSuchBucket'), /^missing: /);
  assert.match(await failed(503, 'SlowDown'), /^unreachable: /);
  assert.match(await failed(301, 'PermanentRedirect'), /^refused: .*301 PermanentRedirect$/);
  assert.equal(await fails('s3://bucket', { region: 'eu-west-1' }, () => ({ status: 204 })), 'credentials: the Secret has no access-key-id');
});

test('an S3-compatible server is asked where the URI says, a bare name in the namespace of the backup, and a path drops it as agents do', async () => {
  const asked: string[] = [];
  const nobody: Network = { connect: async ({ host, port }) => await Promise.reject(new NetworkError('refused', String(asked.push(`${host}:${port}`)))) };
  const inside: Network = {
    connect: async ({ host, port }) => await Promise.reject(new NetworkError('refused', String(asked.push(`inside ${host}:${port}`)))),
  };
  for (const uri of [
    's3://bucket?endpoint=minio:9000&disableSSL=true&s3ForcePathStyle=true&region=eu-west-1&prefix=backups/',
    's3://bucket?endpoint=https%3A%2F%2Fstore.example.com&region=eu-west-1',
    's3://bucket/backups?endpoint=minio:9000&region=eu-west-1',
  ])
    await assert.rejects(buckets({ network: inside, internet: nobody, clock }).delete({ uri, namespace: 'default', credentials: S3 }, KEY, alone(never)), {
      code: 'unreachable',
    });
  assert.deepEqual(asked, ['inside minio.default.svc:9000', 'bucket.store.example.com:443', 'bucket.s3.eu-west-1.amazonaws.com:443']);
});

test('a bucket that cannot be a part of its server’s name, or is of no kind that there is, is not mistaken for another', async () => {
  heard = [];
  for (const uri of ['s3://bucket?endpoint=127.0.0.1:9000&region=eu-west-1', 's3://bucket?endpoint=[::1]:9000&region=eu-west-1', 'file://bucket'])
    await assert.rejects(buckets({ network, clock }).delete({ uri, namespace: 'default', credentials: S3 }, KEY, alone(never)), { code: 'refused' });
  assert.deepEqual(heard, []);
});

test('Azure: a blob is deleted by its name, signed with the key of the account', async () => {
  const secret = Buffer.from('the key of the account');
  const credentials = { 'storage-account': 'account', 'storage-key': `${secret.toString('base64')}\n` };
  const [asked] = await deletes('azblob://container/backups', credentials, () => ({ status: 202 }));
  assert.deepEqual([asked?.method, asked?.headers.host, asked?.path], ['DELETE', 'account.blob.core.windows.net', `/container/${KEY}`]);
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
  // Source: Authorize with Shared Key: the verb, eleven standard headers that are empty, those of x-ms, the resource.
  const text = `DELETE\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:${date}\nx-ms-version:2021-12-02\n/account/container/${KEY}`;
  assert.equal(asked?.headers['x-ms-date'], date);
  assert.equal(asked?.headers.authorization, `SharedKey account:${createHmac('sha256', secret).update(text).digest('base64')}`);
  const trimmed = { ...credentials, 'storage-key': secret.toString('base64') };
  await deletes('azblob://container', trimmed, () => ({ status: 404, body: xml('BlobNotFound') }));
  assert.match(await fails('azblob://container', trimmed, () => ({ status: 404, body: xml('ContainerNotFound') })), /^missing: .*404 ContainerNotFound$/);
  assert.match(await fails('azblob://container', trimmed, () => ({ status: 409, body: xml('SnapshotsPresent') })), /^refused: .*409 SnapshotsPresent$/);
  assert.match(
    await fails('azblob://container', { ...trimmed, 'storage-key': 'not base 64!' }, () => ({ status: 202 })),
    /^credentials: storage-key in the Secret/,
  );
});

test('dates are written as HTTP has them', () => {
  // The example of RFC 9110 §5.6.7, a leap day, and the last day of a year.
  assert.equal(httpDate(parseTimestamp('1994-11-06T08:49:37Z')), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(parseTimestamp('2024-02-29T23:59:59Z')), 'Thu, 29 Feb 2024 23:59:59 GMT');
  assert.equal(httpDate(parseTimestamp('2026-12-31T12:00:00Z')), 'Thu, 31 Dec 2026 12:00:00 GMT');
});

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  type: 'service_account',
  client_email: 'backup@project.iam.gserviceaccount.com',
  private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  token_uri: 'https://oauth2.googleapis.com/token',
};
const GOOGLE = { 'google-credentials-path': JSON.stringify(account) };
const google =
  (status: number, body = '') =>
  (asked: Heard) =>
    asked.method === 'POST' ? { status: 200, body: JSON.stringify({ access_token: 'token' }) } : { status, body };

test('Google: the account signs for a token that may delete objects and no more, and the object goes by its name', async () => {
  const [grant, asked] = await deletes('gs://bucket/backups', GOOGLE, google(204));
  const assertion = new URLSearchParams(grant?.body).get('assertion') ?? '';
  const [header = '', claims = '', signature = ''] = assertion.split('.');
  assert.ok(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(pair.publicKey, signature, 'base64url'));
  assert.deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()), {
    iss: account.client_email,
    scope: 'https://www.googleapis.com/auth/devstorage.read_write',
    aud: account.token_uri,
    iat: NOW / 1000,
    exp: NOW / 1000 + 300,
  });
  assert.deepEqual([grant?.headers.host, asked?.method, asked?.headers.host], ['oauth2.googleapis.com', 'DELETE', 'storage.googleapis.com']);
  assert.deepEqual([asked?.path, asked?.headers.authorization], [`/storage/v1/b/bucket/o/${encodeURIComponent(KEY)}`, 'Bearer token']);
});

test('Google: an object that is not there is deleted, a bucket that is not there is not; keys that are none are refused before anybody is asked', async () => {
  const failure = (message: string, reason: string) => JSON.stringify({ error: { code: 404, message, errors: [{ message, reason }] } });
  await deletes('gs://bucket', GOOGLE, google(404, failure(`No such object: bucket/${KEY}`, 'notFound')));
  assert.match(
    await fails('gs://bucket', GOOGLE, google(404, failure('The specified bucket does not exist.', 'notFound'))),
    /^missing: gs:\/\/bucket answers 404 notFound$/,
  );
  assert.match(await fails('gs://bucket', GOOGLE, google(403, failure('…', 'retentionPolicyNotMet'))), /^denied: .*403 retentionPolicyNotMet$/);
  assert.match(await fails('gs://bucket', GOOGLE, () => ({ status: 400 })), /^denied: oauth2\.googleapis\.com gives the service account no token$/);
  const wrong = async (change: object) => await fails('gs://bucket', { 'google-credentials-path': JSON.stringify({ ...account, ...change }) }, google(204));
  assert.match(await wrong({ type: 'authorized_user' }), /^credentials: .*not the key of a service account/);
  assert.match(await wrong({ private_key: 'MIIEowIBAAKCAQEA' }), /^credentials: .*its private_key cannot be read$/);
  assert.match(await wrong({ token_uri: 'https://google.com.example.com/token' }), /^credentials: .*its token_uri is not of Google$/);
  assert.deepEqual(heard, []);
});

test('who does not answer is given up after a while, and a certificate for another name is no answer', async () => {
  const virtual = virtualClock();
  const silent: Network = {
    connect: async (_, signal) => await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new NetworkError('lost', '')))),
  };
  let ended: unknown;
  const asked = buckets({ network: silent, clock: virtual })
    .delete({ uri: 's3://bucket', namespace: 'default', credentials: S3 }, KEY, alone(never))
    .catch((error: unknown) => (ended = error));
  await virtual.until(() => ended !== undefined, { withinMs: 20_000 });
  await asked;
  assert.equal((ended as BucketError).message, 'no answer from bucket.s3.eu-west-1.amazonaws.com: not in time');
  const wrong: Network = {
    connect: async (_, signal) => await tcpNetwork().connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, signal),
  };
  await assert.rejects(buckets({ network: wrong, clock }).delete({ uri: 's3://other', namespace: 'default', credentials: S3 }, KEY, alone(never)), {
    code: 'unreachable',
    message: 'no answer from other.s3.eu-west-1.amazonaws.com: ERR_TLS_CERT_ALTNAME_INVALID',
  });
});
