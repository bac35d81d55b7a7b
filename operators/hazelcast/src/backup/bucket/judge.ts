import { BucketError } from './error.ts';
import type { Answer } from './send.ts';

/** What a provider's answer to a deletion means. */
export interface Words {
  /** The bucket, for people. */
  readonly where: string;
  /** The provider's word for what is wrong; empty: it has none. */
  readonly code: string;
  /** It says that there is no such object, and so that there is such a bucket. */
  readonly gone: boolean;
}

/** @throws {BucketError} unless the object is gone. */
export function judge({ status }: Answer, { where, code, gone }: Words): void {
  const why = `${where} answers ${status}${code === '' ? '' : ` ${code}`}`;
  if (status >= 200 && status < 300) return;
  if (status === 404 && gone) return;
  if (status === 401 || status === 403) throw new BucketError('denied', why);
  if (status === 404) throw new BucketError('missing', why);
  if (status === 408 || status === 429 || status >= 500) throw new BucketError('unreachable', why);
  throw new BucketError('refused', why);
}

/** The error's code in an answer of S3 or Azure, which both write it so. Nothing else of the answer is shown: it may repeat the request. */
export function xmlCode({ body }: Answer): string {
  return /<Code>([A-Za-z\d]{1,64})<\/Code>/.exec(body)?.[1] ?? '';
}

/** A value of the Secret. A line's end after it is nobody's wish. @throws {BucketError} `credentials` */
export function credential(credentials: Readonly<Record<string, string>>, name: string, form: RegExp): string {
  const value = credentials[name]?.trim() ?? '';
  if (value === '') throw new BucketError('credentials', `the Secret has no ${name}`);
  if (!form.test(value)) throw new BucketError('credentials', `${name} in the Secret is not what it should be`);
  return value;
}
