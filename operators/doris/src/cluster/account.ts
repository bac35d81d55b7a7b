import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { z } from 'zod';
import { given } from '../given.ts';
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

/**
 * What is known of the account that Doris has. Whatever Doris is told stands here before it is told, and stays when another has taken its place: a leader that was
 * paused, or a network that kept its words, may tell it once more when somebody else has long gone on. So one of these lets in, whenever it arrives.
 */
export interface Remembered {
  /** The last with which the operator was logged in as what it is to be. */
  readonly works?: Account;
  /** Those that Doris has been told since, the last one last; nobody knows whether it heard. */
  readonly tried: readonly Account[];
  /** Those that Doris had, or was told, before; the last one last. */
  readonly earlier: readonly Account[];
}

/** So many are remembered of each sort; the oldest goes. */
const MOST = 5;

/** What the Secret of that name tells. */
export function rememberedIn(secret: Live<typeof Secret> | undefined): Remembered {
  const works = secret === undefined ? undefined : accountIn(secret);
  const all = (key: string) => accountsIn(decoded(secret?.data?.[key]));
  return { ...given({ works }), tried: all('tried'), earlier: all('earlier') };
}

/**
 * `account` is about to be told to Doris by somebody who is logged in as `as`. If that is one of these, Doris has it: then it takes the place of `works`, where no number of
 * tries that come to nothing crowds it out.
 */
export function beforeTold(known: Remembered, as: Account, account: Account): Remembered {
  const isNoneOf =
    (...others: readonly Account[]) =>
    (one: Account) =>
      others.every((other) => !isSameAccount(one, other));
  if (candidates(known).every(isNoneOf(as))) return { ...known, tried: [...known.tried.filter(isNoneOf(account)), account] };
  const before = known.works === undefined ? [] : [known.works];
  return { works: as, tried: [...known.tried.filter(isNoneOf(as, account)), account], earlier: last([...known.earlier, ...before].filter(isNoneOf(as))) };
}

/** Doris has taken `account`. */
export function onceTaken({ works, tried, earlier }: Remembered, account: Account): Remembered {
  const others = [...earlier, ...(works === undefined ? [] : [works]), ...tried].filter((one) => !isSameAccount(one, account));
  return { works: account, tried: [], earlier: last(others) };
}

/** Each once, where it is told last. */
const last = (all: readonly Account[]): readonly Account[] => all.filter((one, at) => all.findLastIndex((other) => isSameAccount(one, other)) === at);

/** Those that may let in, the likeliest first. */
export const candidates = ({ works, tried, earlier }: Remembered): readonly Account[] => [
  ...tried.toReversed(),
  ...(works === undefined ? [] : [works]),
  ...earlier.toReversed(),
];

const Accounts = z.array(z.object({ user: z.string(), password: z.string() }));

function accountsIn(text: string): readonly Account[] {
  if (text === '') return [];
  try {
    return Accounts.parse(JSON.parse(text));
  } catch {
    return []; // written by somebody else: there is none of ours in it, and what is wrong with it cannot be said without a secret
  }
}

/** That Secret before anything is known: each list is written over the one that it was made from, and so the first one needs one too. */
export const emptySecret = (cluster: string): Desired<typeof Secret> => appliedSecret(cluster, { tried: [], earlier: [] });

/** That Secret. Without an owner, as the account's own. */
export function appliedSecret(cluster: string, { works, tried, earlier }: Remembered): Desired<typeof Secret> {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const names = ({ user, password }: Account) => ({ user, password });
  const listed = (key: string, all: readonly Account[]) => (all.length === 0 ? {} : { [key]: encoded(JSON.stringify(all.slice(-MOST).map(names))) });
  const known = works === undefined ? {} : { user: encoded(works.user), password: encoded(works.password) };
  const data = { ...known, ...listed('tried', tried), ...listed('earlier', earlier) };
  return { name: appliedSecretName(cluster), labels: labelsOf(cluster, ''), type: 'Opaque', data };
}

/** Whether both log in alike. */
export const isSameAccount = (a: Account, b: Account): boolean => a.user === b.user && a.password === b.password;
