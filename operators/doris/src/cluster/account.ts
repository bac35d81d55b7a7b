import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { accountSecretName, labelsOf } from './names.ts';
import type { Account } from '../sql/front-end.ts';

/** The operator's user in Doris; the images' entry scripts know it as well. */
export const OPERATOR_USER = 'k8sopr';

/** The account in the Secret `<cluster>-opr-account`; `undefined`: a key is missing or empty. */
export function accountIn(secret: Live<typeof Secret>): Account | undefined {
  const user = decoded(secret.data?.['user']);
  const password = decoded(secret.data?.['password']);
  return user === '' || password === '' ? undefined : { user, password };
}

const decoded = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString();

/** The Secret with the account that Doris has taken last: with it a new password is set when the other Secret changes. */
export const appliedSecretName = (cluster: string): string => `${accountSecretName(cluster)}-applied`;

/** That Secret. Without an owner, as the account's own. */
export function appliedSecret(cluster: string, { user, password }: Account): Desired<typeof Secret> {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  return { name: appliedSecretName(cluster), labels: labelsOf(cluster, ''), type: 'Opaque', data: { user: encoded(user), password: encoded(password) } };
}
