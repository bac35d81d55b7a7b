import { createHash } from 'node:crypto';
import { DorisError } from './error.ts';
import type { HostPort } from './host-port.ts';

/** Text that may be sent: made only here, from checked parts. One statement each: Doris takes no more in one call. */
export type Statement = string & { readonly __brand: 'Statement' };

const statement = (text: string): Statement => text as Statement;

export const SHOW_FRONTENDS: Statement = statement('SHOW FRONTENDS');
export const SHOW_BACKENDS: Statement = statement('SHOW BACKENDS');
export const SHOW_BROKER: Statement = statement('SHOW BROKER');

/** Membership. Sent to the master; other front ends forward most of them, not all (spec/doris-field-notes.md §3.2). */
export const addFollower = (node: HostPort): Statement => statement(`ALTER SYSTEM ADD FOLLOWER "${node}"`);
export const addObserver = (node: HostPort): Statement => statement(`ALTER SYSTEM ADD OBSERVER "${node}"`);
export const dropFollower = (node: HostPort): Statement => statement(`ALTER SYSTEM DROP FOLLOWER "${node}"`);
export const dropObserver = (node: HostPort): Statement => statement(`ALTER SYSTEM DROP OBSERVER "${node}"`);
export const addBackend = (node: HostPort): Statement => statement(`ALTER SYSTEM ADD BACKEND "${node}"`);
export const decommissionBackend = (node: HostPort): Statement => statement(`ALTER SYSTEM DECOMMISSION BACKEND "${node}"`);
export const cancelDecommission = (node: HostPort): Statement => statement(`CANCEL DECOMMISSION BACKEND "${node}"`);
/** With two P: Doris refuses DROP BACKEND. Throws away what data is on the node: only for one that is empty. */
export const dropBackend = (node: HostPort): Statement => statement(`ALTER SYSTEM DROPP BACKEND "${node}"`);
export const addBroker = (name: string, node: HostPort): Statement => statement(`ALTER SYSTEM ADD BROKER ${word(name)} "${node}"`);
export const dropBroker = (name: string, node: HostPort): Statement => statement(`ALTER SYSTEM DROP BROKER ${word(name)} "${node}"`);

/** A folder of Doris' own state, by numeric ids: `proc('dbs', 10003)`. */
export const proc = (...path: readonly (string | number)[]): Statement =>
  statement(`SHOW PROC '/${path.map((part) => (typeof part === 'number' ? String(part) : word(part))).join('/')}'`);

/** Every replica of every tablet of a table, with the back end it is on. */
export const showTablets = (database: string, table: string): Statement => statement(`SHOW TABLETS FROM ${name(database)}.${name(table)}`);

/** From now on a front end that is not the master answers for itself (Doris: analysis/ShowConfigStmt.java; later versions always do). */
export const SHOW_OWN: Statement = statement('SET forward_to_master = false');

/** Of the front end that is asked, in its memory only: gone when it restarts, and nobody else's (spec/doris-field-notes.md §3.6). */
export const showFrontendConfig = (key: string): Statement => statement(`ADMIN SHOW FRONTEND CONFIG LIKE '${word(key)}'`);
export const setFrontendConfig = (key: string, value: string | boolean): Statement =>
  statement(`ADMIN SET FRONTEND CONFIG ("${word(key)}" = "${plain(String(value))}")`);

/**
 * Passwords go as the hash that Doris keeps of them: no character of one can end the text it stands in, whatever the SQL mode, and none is in Doris' audit
 * log. Source: spec/doris-field-notes.md §2.9 for the form.
 */
export const createUser = (user: string, password: string): Statement =>
  statement(`CREATE USER IF NOT EXISTS ${quoted(user)} IDENTIFIED BY PASSWORD '${hashed(password)}'`);
export const alterUser = (user: string, password: string): Statement => statement(`ALTER USER ${quoted(user)} IDENTIFIED BY PASSWORD '${hashed(password)}'`);
export const grantNodeAndAdmin = (user: string): Statement => statement(`GRANT NODE_PRIV, ADMIN_PRIV ON *.*.* TO ${quoted(user)}`);

/** Whether a statement asks, and changes nothing for anybody who asks later. */
export const isQuestion = (text: Statement): boolean => /^(ADMIN )?SHOW /.test(text);

/** A statement as logs may show it: without what stands between single quotes. */
export const withoutSecrets = (text: Statement): string => text.replace(/'(?:[^'\\]|\\.)*'/g, "'…'");

function word(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) throw new DorisError('unreadable', `not a name: ${JSON.stringify(text)}`);
  return text;
}

/** A value that means the same whatever the SQL mode, and that no server fills in from its environment. */
export const isPlain = (value: string): boolean => /^[^"'\\$\p{Cc}]*$/u.test(value);

function plain(value: string): string {
  if (!isPlain(value)) throw new DorisError('unreadable', 'a value with quotes, backslashes or dollar signs is not sent');
  return value;
}

/** A database's or a table's, of any letters. */
function name(text: string): string {
  if (!/^[^`\\\p{Cc}]+$/u.test(text)) throw new DorisError('unreadable', `not a name that could be quoted: ${JSON.stringify(text)}`);
  return `\`${text}\``;
}

function quoted(user: string): string {
  // Doubling or escaping a quote means one thing or another by SQL mode: a name that would need it is refused.
  if (!/^[\p{L}\p{N}_.@-]+$/u.test(user)) throw new DorisError('unreadable', 'a user name may have letters, digits and _ . @ - alone');
  return `'${user}'`;
}

/** `*<SHA1(SHA1(password))>`, as mysql_native_password keeps it. */
function hashed(password: string): string {
  const sha1 = (data: string | Buffer) => createHash('sha1').update(data).digest();
  return `*${sha1(sha1(password)).toString('hex').toUpperCase()}`;
}
