import { createHash, createHmac } from 'node:crypto';
import type { Live } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import type { Fingerprints, InitializerSpec } from '../api/doris-initializer.ts';
import { given } from '../given.ts';
import { accountIn } from '../cluster/account.ts';
import { LOOK_LATER_MS } from '../cluster/doris.ts';
import { accountSecretName } from '../cluster/names.ts';
import { RUN_AGAIN } from './names.ts';

/** What an initializer's author wants done. A part that is absent is not to be done. */
export interface Wish {
  readonly root?: string;
  readonly admin?: string;
  readonly sql?: string;
  readonly fingerprints: Fingerprints;
}

interface Reading {
  get(kind: typeof Secret, name: string): Promise<Live<typeof Secret> | undefined>;
}

/** The wish, with the passwords that Secrets hold; or what is missing for it. */
export async function wishOf(
  object: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }; readonly spec: unknown },
  cx: Reading,
): Promise<Wish | Outcome> {
  const spec = object.spec as InitializerSpec; // sound: a Live spec is the declared one
  const secret = await cx.get(Secret, accountSecretName(spec.cluster));
  const account = secret === undefined ? undefined : accountIn(secret);
  if (account === undefined) return waitFor('AccountMissing', `Secret ${accountSecretName(spec.cluster)} must have the keys user and password`, LATER);
  const root = await password('root', spec.rootPassword, spec.rootPasswordFrom, cx);
  if (typeof root === 'object') return root;
  const admin = await password('admin', spec.adminPassword, spec.adminPasswordFrom, cx);
  if (typeof admin === 'object') return admin;
  const sql = spec.initSqlScript?.trim() === '' ? undefined : spec.initSqlScript;
  const again = object.metadata.annotations?.[RUN_AGAIN];
  return { ...given({ root, admin, sql }), fingerprints: { ...fingerprints(given({ root, admin, sql }), account.password), ...given({ again }) } };
}

const LATER = { afterMs: LOOK_LATER_MS };

/** An empty password is no wish: the existing operator took one away from `root` and `admin` (spec/doris-operator.md §10 #28). */
async function password(
  user: string,
  plain: string | undefined,
  from: { readonly name?: string; readonly key: string; readonly optional?: boolean } | undefined,
  cx: Reading,
): Promise<string | undefined | Outcome> {
  if (from === undefined) return plain === '' ? undefined : plain;
  const secret = await cx.get(Secret, from.name ?? '');
  const text = Buffer.from(secret?.data?.[from.key] ?? '', 'base64').toString();
  if (text !== '') return text;
  if (from.optional === true) return undefined;
  return waitFor('SecretMissing', `spec.${user}PasswordFrom: Secret ${from.name ?? ''} has no key ${from.key}`, LATER);
}

/**
 * Enough to see that something changed. Passwords are hashed under the operator's own random one, which never leaves its Secret: who reads the
 * status cannot try guesses on them. Should that one change, passwords are set once more, to what they are.
 */
function fingerprints({ root, admin, sql }: Omit<Wish, 'fingerprints'>, key: string): Fingerprints {
  const keyed = (text: string | undefined) => (text === undefined ? undefined : createHmac('sha256', key).update(text).digest('hex').slice(0, 16));
  const plain = sql === undefined ? undefined : createHash('sha256').update(sql).digest('hex').slice(0, 16);
  return given({ root: keyed(root), admin: keyed(admin), sql: plain });
}
