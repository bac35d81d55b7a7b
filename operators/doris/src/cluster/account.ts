import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { z } from 'zod';
import { accountSecretName, labelsOf } from './names.ts';
import type { Account } from '../sql/front-end.ts';

/** The operator's user in Doris; the images' entry scripts know it as well. */
export const OPERATOR_USER = 'k8sopr';

/** The cluster whose account a Secret of that name has, whatever its labels are: whoever makes it anew may leave them out. */
export function clusterOfAccount(name: string | undefined): string | undefined {
  const end = accountSecretName('');
  return name?.endsWith(end) === true && name.length > end.length ? name.slice(0, -end.length) : undefined;
}

/** The account in the Secret `<cluster>-opr-account`; `undefined`: a key is missing or empty. */
export function accountIn(secret: Live<typeof Secret>): Account | undefined {
  const user = decoded(secret.data?.['user']);
  const password = decoded(secret.data?.['password']);
  return user === '' || password === '' ? undefined : { user, password };
}

const decoded = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString();

/** The Secret with the account that Doris has taken last: with it a new password is set when the other Secret changes. */
export const appliedSecretName = (cluster: string): string => `${accountSecretName(cluster)}-applied`;

/** What is known of the account that Doris has: one of these lets in. */
export interface Remembered {
  /** The last with which the operator was logged in as what it is to be. */
  readonly works: Account;
  /** Those that Doris has been told since, the last one last; nobody knows whether it heard. */
  readonly tried: readonly Account[];
}

/** So many are remembered that Doris may or may not have heard of; the oldest goes. */
const MOST_TRIED = 5;

/** What the Secret of that name tells; `undefined`: nothing. */
export function rememberedIn(secret: Live<typeof Secret> | undefined): Remembered | undefined {
  const works = secret === undefined ? undefined : accountIn(secret);
  if (works === undefined) return undefined;
  return { works, tried: triedIn(decoded(secret?.data?.['tried'])) };
}

const Tried = z.array(z.object({ user: z.string(), password: z.string() }));

function triedIn(text: string): readonly Account[] {
  if (text === '') return [];
  try {
    return Tried.parse(JSON.parse(text));
  } catch {
    return []; // written by somebody else: there is none of ours in it, and what is wrong with it cannot be said without a secret
  }
}

/** That Secret. Without an owner, as the account's own. */
export function appliedSecret(cluster: string, { works, tried }: Remembered): Desired<typeof Secret> {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const names = ({ user, password }: Account) => ({ user, password });
  const { user, password } = names(works);
  const doubtful = tried.length === 0 ? {} : { tried: encoded(JSON.stringify(tried.slice(-MOST_TRIED).map(names))) };
  const data = { user: encoded(user), password: encoded(password), ...doubtful };
  return { name: appliedSecretName(cluster), labels: labelsOf(cluster, ''), type: 'Opaque', data };
}

/** Whether both log in alike. */
export const isSameAccount = (a: Account, b: Account): boolean => a.user === b.user && a.password === b.password;
