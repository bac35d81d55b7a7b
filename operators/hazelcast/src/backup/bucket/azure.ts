import { createHmac } from 'node:crypto';
import { timestamp } from '@binnacle/client';
import { bucketUri } from '../../api/bucket-uri.ts';
import type { Bucket } from './client.ts';
import { credential, judge, xmlCode } from './judge.ts';
import type { Send } from './send.ts';

/** Of the API; any service since takes it. */
const VERSION = '2021-12-02';
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_MS = 24 * 3_600_000;

/** Deletes a blob of Azure Storage; one with snapshots is refused there, and stays. Source: the Blob service REST API, Delete Blob. */
export async function deleteBlob({ uri, credentials }: Bucket, key: string, send: Send, nowMs: number): Promise<void> {
  const { bucket } = bucketUri(uri);
  const account = credential(credentials, 'storage-account', /^[a-z\d]{3,24}$/);
  const secret = credential(credentials, 'storage-key', /^[A-Za-z\d+/]+=*$/);
  const url = new URL(`https://${account}.blob.core.windows.net/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`);
  const headers = { 'x-ms-date': httpDate(nowMs), 'x-ms-version': VERSION };
  const answer = await send({ method: 'DELETE', url, headers: { ...headers, authorization: sharedKey('DELETE', url, headers, account, secret) } });
  const code = xmlCode(answer);
  judge(answer, { where: `azblob://${bucket} of ${account}`, code, gone: code === 'BlobNotFound' });
}

/** Of a request that has no body, query or headers but those of `x-ms`. Source: the Azure Storage REST API, Authorize with Shared Key. */
function sharedKey(method: string, url: URL, headers: Readonly<Record<string, string>>, account: string, secret: string): string {
  const own = Object.keys(headers)
    .toSorted()
    .map((name) => `${name}:${headers[name]}`);
  const elevenEmpty = '\n'.repeat(12);
  const text = `${method}${elevenEmpty}${own.join('\n')}\n/${account}${url.pathname}`;
  return `SharedKey ${account}:${createHmac('sha256', Buffer.from(secret, 'base64')).update(text, 'utf8').digest('base64')}`;
}

/** `Thu, 01 Jan 2026 00:00:00 GMT`. Source: RFC 9110 §5.6.7. */
export function httpDate(ms: number): string {
  const [, year = '', month = '', day = '', time = ''] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(timestamp(ms)) ?? [];
  // The epoch began on a Thursday.
  return `${DAYS[(Math.floor(ms / DAY_MS) + 4) % 7]}, ${day} ${MONTHS[Number(month) - 1]} ${year} ${time} GMT`;
}
