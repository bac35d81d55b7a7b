import { createHash, createHmac } from 'node:crypto';
import type { Live } from '@binnacle/client';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { stop, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import type { Fingerprints, InitializerSpec, Run } from '../api/doris-initializer.ts';
import { given } from '../given.ts';
import { accountIn, appliedSecretName, candidates, rememberedIn } from '../cluster/account.ts';
import { LOOK_LATER_MS } from '../cluster/doris.ts';
import { accountSecretName } from '../cluster/names.ts';
import { splitScript } from './lexer.ts';
import { RUN_AGAIN, saltName } from './names.ts';

/** What an initializer's author wants done. A part that is absent is not to be done. */
export interface Wish {
  readonly root?: string;
  readonly admin?: string;
  /** Of all scripts, in order. */
  readonly statements: readonly WrittenStatement[];
  readonly fingerprints: Fingerprints;
  /** The same passwords, as they looked under earlier passwords of the operator's account. */
  readonly before: readonly Fingerprints[];
}

/** A statement, and where it is written: `spec.initSqlScript line 3`. */
export interface WrittenStatement {
  readonly at: string;
  readonly sql: string;
}

interface Reading {
  get<K extends typeof Secret | typeof ConfigMap>(kind: K, name: string): Promise<Live<K> | undefined>;
}

/** A Secret holds 1 MiB, and all statements go into one with the passwords; bytes. */
const SCRIPTS_MOST = 900_000;

/** The wish, with the passwords that Secrets hold; or what is missing for it. */
export async function wishOf(
  object: { readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }; readonly spec: unknown },
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
  const scripts = await scriptsOf(spec, cx);
  if ('type' in scripts) return scripts;
  const statements: WrittenStatement[] = [];
  for (const { field, text } of scripts.all) {
    const script = splitScript(text);
    if (script.type === 'fault') return stop('ScriptUnreadable', `${field} line ${script.line}: ${script.what}`);
    statements.push(...script.statements.map(({ sql, line }) => ({ at: `${field} line ${line}`, sql })));
  }
  if (Buffer.byteLength(JSON.stringify(statements)) > SCRIPTS_MOST) return stop('ScriptTooLarge', `all scripts together may have ${SCRIPTS_MOST} bytes`);
  const salt = scripts.secret ? await saltOf(object.metadata.name, cx) : undefined;
  if (scripts.secret && salt === undefined) return waitFor('SecretMissing', `Secret ${saltName(object.metadata.name)} is about to be made`, LATER);
  const again = object.metadata.annotations?.[RUN_AGAIN];
  const sql = statements.length === 0 ? undefined : scripts.all.map(({ text }) => text);
  const now = { ...fingerprints(given({ root, admin, sql }), account.password, salt), ...given({ again }) };
  const earlier = candidates(rememberedIn(await cx.get(Secret, appliedSecretName(spec.cluster))));
  return {
    ...given({ root, admin }),
    statements,
    fingerprints: now,
    before: earlier.map((one) => fingerprints(given({ root, admin }), one.password, undefined)),
  };
}

/**
 * A run with its passwords' fingerprints as they look now, where the passwords are what they were and only the operator's account has got another one: nobody asked for
 * anything, and a script that failed half-way is not to begin anew for it.
 */
export function rekeyed(run: Run, { fingerprints: now, before }: Wish): Run {
  const same = (['root', 'admin'] as const).filter((part) => {
    const was = run.wish[part];
    return was !== undefined && was !== now[part] && before.some((one) => one[part] === was);
  });
  return same.length === 0 ? run : { ...run, wish: { ...run.wish, ...given(Object.fromEntries(same.map((part) => [part, now[part]]))) } };
}

/** The texts that are written, each by the field that names it. `secret`: one of them is in a Secret. */
interface Scripts {
  readonly all: readonly { readonly field: string; readonly text: string }[];
  readonly secret: boolean;
}

async function scriptsOf(spec: InitializerSpec, cx: Reading): Promise<Scripts | Outcome> {
  const all = (spec.initSqlScript ?? '').trim() === '' ? [] : [{ field: 'spec.initSqlScript', text: spec.initSqlScript! }];
  for (const [index, { secretKeyRef, configMapKeyRef }] of (spec.initSqlScriptFrom ?? []).entries()) {
    const field = `spec.initSqlScriptFrom[${index}]`;
    const from = secretKeyRef ?? configMapKeyRef;
    const encoded = secretKeyRef === undefined ? undefined : (await cx.get(Secret, secretKeyRef.name ?? ''))?.data?.[secretKeyRef.key];
    const text =
      secretKeyRef === undefined
        ? (await cx.get(ConfigMap, configMapKeyRef?.name ?? ''))?.data?.[configMapKeyRef?.key ?? '']
        : encoded === undefined
          ? undefined
          : Buffer.from(encoded, 'base64').toString();
    if (text !== undefined) all.push({ field, text });
    else if (from?.optional !== true) {
      const kind = secretKeyRef === undefined ? 'ConfigMap' : 'Secret';
      return waitFor('ScriptMissing', `${field}: ${kind} ${from?.name ?? ''} has no key ${from?.key ?? ''}`, LATER);
    }
  }
  return { all, secret: (spec.initSqlScriptFrom ?? []).some(({ secretKeyRef }) => secretKeyRef !== undefined) };
}

async function saltOf(name: string, cx: Reading): Promise<string | undefined> {
  return (await cx.get(Secret, saltName(name)))?.data?.['salt'];
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
 * status cannot try guesses on them. Should that one change, see rekeyed(). Scripts from Secrets have a salt of their own, in a
 * Secret too, which never changes: a script must not look changed because something else was.
 */
function fingerprints(
  { root, admin, sql }: { readonly root?: string; readonly admin?: string; readonly sql?: readonly string[] },
  key: string,
  salt: string | undefined,
): Fingerprints {
  const keyed = (text: string | undefined) => (text === undefined ? undefined : createHmac('sha256', key).update(text).digest('hex').slice(0, 16));
  return given({ root: keyed(root), admin: keyed(admin), sql: sql === undefined ? undefined : ofScripts(sql, salt) });
}

function ofScripts(texts: readonly string[], salt: string | undefined): string {
  const hash = salt === undefined ? createHash('sha256') : createHmac('sha256', salt);
  return hash
    .update(texts.length === 1 ? texts[0]! : JSON.stringify(texts))
    .digest('hex')
    .slice(0, 16);
}
