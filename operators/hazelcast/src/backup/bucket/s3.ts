import { createHash, createHmac } from 'node:crypto';
import { timestamp } from '@binnacle/client';
import { bucketUri, endpointOf, queryValue } from '../../api/bucket-uri.ts';
import type { Bucket } from './client.ts';
import { BucketError } from './error.ts';
import { credential, judge, xmlCode } from './judge.ts';
import type { Send } from './send.ts';

/** Of nothing: a deletion has no body. */
const NO_BODY_SHA256 = createHash('sha256').update('').digest('hex');
const REGION = /^[a-z\d-]+$/;

/** Deletes an object of S3, or of a server that speaks as S3 does. Source: the S3 API reference, DeleteObject. */
export async function deleteS3Object({ uri, namespace, credentials }: Bucket, key: string, send: Send, nowMs: number): Promise<void> {
  const { bucket } = bucketUri(uri);
  // The query's comes first with agents too: spec/hazelcast-core.md §3.5.
  const region = queryValue(bucketUri(uri), 'region') ?? credential(credentials, 'region', REGION);
  if (!REGION.test(region)) throw new BucketError('refused', `the region of ${bucket} is none`);
  const url = objectUrl(uri, region, namespace, key);
  const account = { id: credential(credentials, 'access-key-id', /^[\x21-\x7e]+$/), secret: credential(credentials, 'secret-access-key', /^[\x21-\x7e]+$/) };
  const answer = await send({ method: 'DELETE', url, headers: signed('DELETE', url, {}, { ...account, region }, nowMs) });
  judge(answer, { where: `s3://${bucket} at ${url.host}`, code: xmlCode(answer), gone: xmlCode(answer) === 'NoSuchKey' });
}

/**
 * The bucket is a part of the server's name unless told, or unless no certificate would be for that name. A bare name of a server is what it is to the agents:
 * one in their namespace.
 */
function objectUrl(uri: string, region: string, namespace: string, key: string): URL {
  const parsed = bucketUri(uri);
  const endpoint = endpointOf(uri);
  if (endpoint === 'unreadable') throw new BucketError('refused', `the endpoint of ${parsed.bucket} is no address`);
  const url = endpoint ?? new URL(`https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`);
  if (/^[^.:[\]]+$/.test(url.hostname)) url.hostname = `${url.hostname}.${namespace}.svc`;
  const path = key.split('/').map(encodeURIComponent).join('/');
  const inPath = queryValue(parsed, 's3ForcePathStyle') === 'true' || /[._]/.test(parsed.bucket);
  const host = inPath ? url.hostname : `${parsed.bucket}.${url.hostname}`;
  url.hostname = host;
  // What cannot be a name is left as it was, without a word: then the first part of the path would be taken for the bucket.
  if (url.hostname !== host) throw new BucketError('refused', `the endpoint of ${parsed.bucket} takes s3ForcePathStyle=true`);
  url.pathname = inPath ? `/${parsed.bucket}/${path}` : `/${path}`;
  return url;
}

/** Whose request it is, and where. */
export interface Signer {
  readonly id: string;
  readonly secret: string;
  readonly region: string;
}

/**
 * The headers of a request without a query and a body, with its signature. `headers`: others that are signed, in lower case. The path is signed as it is sent.
 * Source: the S3 API reference, Authenticating Requests (AWS Signature Version 4).
 */
export function signed(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  { id, secret, region }: Signer,
  nowMs: number,
): Readonly<Record<string, string>> {
  const time = timestamp(nowMs).replace(/[-:]/g, '');
  const day = time.slice(0, 8);
  const all: Readonly<Record<string, string>> = { ...headers, host: url.host, 'x-amz-content-sha256': NO_BODY_SHA256, 'x-amz-date': time };
  const names = Object.keys(all).toSorted();
  const canonical = [method, url.pathname, '', ...names.map((name) => `${name}:${all[name]}`), '', names.join(';'), NO_BODY_SHA256].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${secret}`);
  const signature = hmac(key, text).toString('hex');
  return { ...all, authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}` };
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
