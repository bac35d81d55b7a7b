import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
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
