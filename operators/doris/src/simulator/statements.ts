import { ok, refusal, rows } from './answer.ts';
import type { Answer } from './answer.ts';
import { passwordHash } from './mysql.ts';
import type { Metadata, User } from './metadata.ts';
import * as membership from './membership.ts';
import { insert, select } from './rows.ts';
import { set } from './settings.ts';
import type { Settings } from './settings.ts';
import * as show from './show.ts';
import * as tables from './tables.ts';

/** Who asks, of whom, and when. */
export interface Asked {
  readonly user: string;
  /** `host:editLogPort` of the master. */
  readonly master: string;
  readonly now: number;
  readonly version: string;
  /** Of the front end that is asked. */
  readonly settings: Settings;
}

/** An answer, and the metadata after it when the statement changed it. */
export interface Done {
  readonly answer: Answer;
  readonly after?: Metadata;
}

type Handler = (metadata: Metadata, groups: readonly string[], asked: Asked) => Done;

const HOST = `["']([^"':]+):(\\d+)["']`;
const TEXT = `'((?:[^'\\\\]|\\\\.)*)'`;
const USER = `['"\`]?([\\w-]+)['"\`]?(?:@['"\`]?%['"\`]?)?`;
const NAME = '`?([\\w$]+)`?';

/** Every statement the simulated front end knows: pattern, right needed, what it does. Whitespace is single and the end is bare when a pattern is tried. */
const STATEMENTS: readonly (readonly [RegExp, 'none' | 'Admin_priv' | 'Node_priv', Handler])[] = [
  [/^SHOW FRONTENDS$/i, 'Admin_priv', (metadata, _, asked) => ({ answer: show.frontends(metadata, asked) })],
  [/^SHOW BACKENDS$/i, 'Admin_priv', (metadata, _, asked) => ({ answer: show.backends(metadata, asked) })],
  [/^SHOW BROKER$/i, 'Admin_priv', (metadata, _, asked) => ({ answer: show.brokers(metadata, asked) })],
  [/^SHOW PROC ['"]\/([\w/]*)['"]$/i, 'Admin_priv', (metadata, [path = ''], asked) => ({ answer: show.proc(metadata, path, asked) })],
  [
    new RegExp(`^SHOW TABLETS FROM ${NAME}\\.${NAME}$`, 'i'),
    'Admin_priv',
    (metadata, [database, table]) => ({ answer: show.tablets(metadata, database, table) }),
  ],
  [/^SHOW (?:ALL )?GRANTS$/i, 'Admin_priv', (metadata) => ({ answer: show.grants(metadata) })],
  [/^SHOW DATABASES$/i, 'none', (metadata) => ({ answer: show.databases(metadata) })],
  [/^SELECT 1$/i, 'none', () => ({ answer: rows(['1'], [[1]]) })],
  [/^SELECT VERSION\(\)$/i, 'none', () => ({ answer: rows(['version()'], [['5.7.99']]) })],
  [/^SELECT @@version_comment(?: LIMIT 1)?$/i, 'none', (_, __, asked) => ({ answer: rows(['@@version_comment'], [[`Doris version doris-${asked.version}`]]) })],
  [/^SELECT (?:CURRENT_USER|USER)\(\)$/i, 'none', (_, __, asked) => ({ answer: rows(['user()'], [[`'${asked.user}'@'%'`]]) })],
  [new RegExp(`^ALTER SYSTEM ADD (FOLLOWER|OBSERVER) ${HOST}$`, 'i'), 'Node_priv', membership.addFrontend],
  [new RegExp(`^ALTER SYSTEM DROP (FOLLOWER|OBSERVER) ${HOST}$`, 'i'), 'Node_priv', membership.dropFrontend],
  [new RegExp(`^ALTER SYSTEM ADD BACKEND ${HOST}$`, 'i'), 'Node_priv', membership.addBackend],
  [new RegExp(`^ALTER SYSTEM DROP BACKEND ${HOST}$`, 'i'), 'Node_priv', membership.dropBackendUnforced],
  [new RegExp(`^ALTER SYSTEM DROPP BACKEND ${HOST}$`, 'i'), 'Node_priv', membership.dropBackend],
  [new RegExp(`^ALTER SYSTEM DECOMMISSION BACKEND ${HOST}$`, 'i'), 'Node_priv', (metadata, at) => membership.decommission(metadata, at, true)],
  [new RegExp(`^CANCEL DECOMMISSION BACKEND ${HOST}$`, 'i'), 'Node_priv', (metadata, at) => membership.decommission(metadata, at, false)],
  [new RegExp(`^ALTER SYSTEM ADD BROKER ${NAME} ${HOST}$`, 'i'), 'Node_priv', membership.addBroker],
  [new RegExp(`^ALTER SYSTEM DROP BROKER ${NAME} ${HOST}$`, 'i'), 'Node_priv', membership.dropBroker],
  [new RegExp(`^CREATE USER (IF NOT EXISTS )?${USER}(?: IDENTIFIED BY (PASSWORD )?${TEXT})?$`, 'i'), 'Admin_priv', createUser],
  [
    new RegExp(`^ALTER USER (?:IF EXISTS )?${USER} IDENTIFIED BY (PASSWORD )?${TEXT}$`, 'i'),
    'Admin_priv',
    (metadata, [name = '', asHash, text = '']) => password(metadata, name, text, asHash !== undefined),
  ],
  [new RegExp(`^SET PASSWORD FOR ${USER} ?= ?PASSWORD\\(${TEXT}\\)$`, 'i'), 'Admin_priv', (metadata, [name = '', text = '']) => password(metadata, name, text)],
  [new RegExp(`^SET PASSWORD ?= ?PASSWORD\\(${TEXT}\\)$`, 'i'), 'none', (metadata, [text = ''], asked) => password(metadata, asked.user, text)],
  [new RegExp(`^DROP USER (IF EXISTS )?${USER}$`, 'i'), 'Admin_priv', dropUser],
  [new RegExp(`^GRANT ([\\w, ]+) ON \\*\\.\\*\\.\\* TO ${USER}$`, 'i'), 'Admin_priv', grant],
  [/^ADMIN SET (?:ALL FRONTENDS|FRONTEND) CONFIG ?\( ?["'](\w+)["'] ?= ?["']([^"']*)["'] ?\)$/i, 'Admin_priv', setConfig],
  [/^ADMIN SHOW FRONTEND CONFIG(?: LIKE ["']([\w%]+)["'])?$/i, 'Admin_priv', (_, [like], asked) => ({ answer: show.config(asked.settings, like) })],
  [new RegExp(`^CREATE DATABASE (IF NOT EXISTS )?${NAME}$`, 'i'), 'Admin_priv', tables.createDatabase],
  [new RegExp(`^CREATE TABLE (IF NOT EXISTS )?${NAME}\\.${NAME} ?\\((.*)$`, 'is'), 'Admin_priv', tables.createTable],
  [new RegExp(`^INSERT INTO ${NAME}\\.${NAME} VALUES ?(\\(\\d+\\)(?: ?, ?\\(\\d+\\))*)$`, 'i'), 'Admin_priv', insert],
  [new RegExp(`^SELECT k FROM ${NAME}\\.${NAME}$`, 'i'), 'Admin_priv', (metadata, at) => ({ answer: select(metadata, at) })],
  [new RegExp(`^DROP TABLE (IF EXISTS )?${NAME}\\.${NAME}(?: FORCE)?$`, 'i'), 'Admin_priv', tables.dropTable],
];

/** Whether a statement stays at the front end that is asked: it only reads, or sets what each front end has for itself. */
export const reads = (sql: string): boolean => /^\s*(SHOW|SELECT|ADMIN SHOW|ADMIN SET FRONTEND CONFIG)\b/i.test(sql);

/** Executes a statement on the metadata. What the simulator does not know it refuses by name, so that nothing seems to work that does not. */
export function execute(metadata: Metadata, sql: string, asked: Asked): Done {
  const text = sql.replace(/\s+/g, ' ').trim().replace(/\s*;$/, '');
  for (const [pattern, right, handler] of STATEMENTS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const grants = metadata.users.find((one) => one.name === asked.user)?.grants ?? [];
    if (right !== 'none' && !grants.includes(right)) {
      return { answer: refusal(`Access denied; you need (at least one of) the (${right}) privilege(s) for this operation`, 1227) };
    }
    return handler(metadata, match.slice(1), asked);
  }
  return { answer: refusal(`the simulated front end does not know this statement: ${text.slice(0, 60).replace(/'.*/, "'…")}`, 1064) };
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

function createUser(metadata: Metadata, [ifAbsent, name = '', asHash, text = '']: readonly (string | undefined)[]): Done {
  if (metadata.users.some((one) => one.name === name)) return { answer: ifAbsent === undefined ? refusal(`User '${name}'@'%' already exist`) : ok };
  return { answer: ok, after: { ...metadata, users: [...metadata.users, { name, hash: hashFrom(text, asHash !== undefined), grants: [] }] } };
}

function dropUser(metadata: Metadata, [ifPresent, name = '']: readonly (string | undefined)[]): Done {
  if (!metadata.users.some((one) => one.name === name)) return { answer: ifPresent === undefined ? refusal(`User '${name}'@'%' does not exist`) : ok };
  return { answer: ok, after: { ...metadata, users: metadata.users.filter((one) => one.name !== name) } };
}

function password(metadata: Metadata, name: string, text: string, asHash = false): Done {
  return changeUser(metadata, name, (user) => ({ ...user, hash: hashFrom(text, asHash) }));
}

/** The hash that is kept: of the password, or, as `*<hex>`, what was given. */
const hashFrom = (text: string, asHash: boolean): string => (asHash ? text.replace('*', '').toLowerCase() : passwordHash(unescaped(text)));

function grant(metadata: Metadata, [list = '', name = '']: readonly string[]): Done {
  const granted = list.split(',').map((one) =>
    one
      .trim()
      .toLowerCase()
      .replace(/^./, (first) => first.toUpperCase()),
  );
  return changeUser(metadata, name, (user) => ({ ...user, grants: [...new Set([...user.grants, ...granted])] }));
}

function changeUser(metadata: Metadata, name: string, change: (user: User) => User): Done {
  if (!metadata.users.some((one) => one.name === name)) return { answer: refusal(`User '${name}'@'%' does not exist`) };
  return { answer: ok, after: { ...metadata, users: metadata.users.map((one) => (one.name === name ? change(one) : one)) } };
}

function setConfig(_: Metadata, [key = '', value = '']: readonly string[], asked: Asked): Done {
  const refused = set(asked.settings, key, value);
  return { answer: refused === undefined ? ok : refusal(`errCode = 2, detailMessage = ${refused}`) };
}
