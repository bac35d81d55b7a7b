import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { CHECK_CONN } from '../../operators/doris/src/initializer/objects/check-conn.sh.ts';
import { splitScript } from '../../operators/doris/src/initializer/lexer.ts';
import { SQL_FAILED, START } from '../../operators/doris/src/initializer/objects/start.py.ts';
import { mariadb } from './mariadb.ts';
import type { MariaDb } from './mariadb.ts';

/** The initializer's scripts as the Job runs them, with the Python library of its image, against a server that we did not write. */
let server: MariaDb;
let folder: string;
before(async () => {
  server = await mariadb(['--character-set-server=utf8mb4']);
  // Who comes over the network is root@'%', as in Doris; the one at localhost is ours, by the socket.
  server.sql("DELETE FROM mysql.global_priv WHERE user = 'root' AND host <> 'localhost'; FLUSH PRIVILEGES");
  folder = mkdtempSync(join(tmpdir(), 'initializer-'));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  rmSync(join(folder, 'etc'), { recursive: true, force: true });
  server.sql(`DROP DATABASE IF EXISTS demo; DROP USER IF EXISTS k8sopr, admin, root@'%';
    CREATE USER k8sopr IDENTIFIED BY 'operator''s'; GRANT ALL ON *.* TO k8sopr WITH GRANT OPTION; CREATE USER admin; CREATE USER root@'%'; GRANT ALL ON *.* TO root@'%'`);
});

interface Ran {
  readonly code: number;
  readonly output: string;
}

async function python(script: string, files: Readonly<Record<string, string>>): Promise<Ran> {
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
  }
  const env = { ...process.env, FE_SVC: '127.0.0.1', FE_QUERY_PORT: String(server.port) };
  // The only thing changed: where its files are.
  const child = spawn('/usr/bin/python3', ['-c', script.replaceAll('/etc/doris/', `${folder}/etc/doris/`)], { env });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output: output.join('') };
}

/** What the operator would hand over: the statements of a script, each with where it stands. */
function handedOver(sql: string): string {
  const script = splitScript(sql);
  assert.ok(script.type === 'statements', JSON.stringify(script));
  return JSON.stringify(script.statements.map(({ sql, line }) => ({ at: `spec.initSqlScript line ${line}`, sql })));
}

const initialize = async (sql: string, passwords: Readonly<Record<string, string>> = {}) =>
  await python(START, {
    'etc/doris/account/user': 'k8sopr',
    'etc/doris/account/password': "operator's",
    'etc/doris/init/statements.json': handedOver(sql),
    ...Object.fromEntries(Object.entries(passwords).map(([user, password]) => [`etc/doris/password/${user}`, password])),
  });

test('a script of many statements is split where a server would: not in quotes, not in comments, not in names', async () => {
  const { code, output } = await initialize(`
    -- a comment; with a semicolon
    CREATE DATABASE demo; # another; one
    CREATE TABLE demo.\`odd;name\` (id INT, text VARCHAR(100)); /* and; a
    third */
    INSERT INTO demo.\`odd;name\` VALUES (1, 'it''s; \\'quoted\\''), (2, "double; ""quoted"""), (3, 'back\\\\');
    INSERT INTO demo.\`odd;name\` VALUES (4, '100 %; -- no comment'), (5, '密码;🔑')`);
  assert.deepEqual([code, output], [0, 'executed 4 statements\n']);
  assert.deepEqual(server.sql('SELECT text FROM demo.`odd;name` ORDER BY id').trimEnd().split('\n'), [
    "it's; 'quoted'",
    'double; "quoted"',
    'back\\\\',
    '100 %; -- no comment',
    '密码;🔑',
  ]);
});

test('what people put into scripts is one value each in the server: quotes, backslashes, comments, NUL, more than one byte, another delimiter', async () => {
  const values = [
    "'",
    '"',
    '`',
    '\\',
    "\\'",
    ';',
    '-- x',
    '# x',
    '/* x */',
    '*/',
    '\0',
    'a\nb',
    '密码;🔑',
    "'; DROP DATABASE demo; --",
    '//',
    'DELIMITER //',
    '1--1',
  ];
  const quoted = (value: string, index: number) =>
    index % 2 === 0
      ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`
      : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\0', '\\0')}"`;
  const rows = values.map((value, index) => `INSERT INTO demo.t VALUES (${index}, /* of ${index}; */ ${quoted(value, index)})`);
  const half = rows.length >> 1;
  const { code, output } = await initialize(
    `CREATE DATABASE demo; CREATE TABLE demo.t (id INT, text VARCHAR(100)) CHARACTER SET utf8mb4;\n${rows.slice(0, half).join('; -- then\n')};\n` +
      `DELIMITER $$\n${rows.slice(half).join(' $$\n')} $$\nDELIMITER ;\nINSERT INTO demo.t VALUES (100, 1--1);`,
  );
  assert.deepEqual([code, output], [0, `executed ${values.length + 3} statements\n`]);
  const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase();
  assert.deepEqual(server.sql('SELECT HEX(text) FROM demo.t ORDER BY id').trimEnd().split('\n'), [...values, '2'].map(hex));
});

test('passwords of any text are set, told to nobody, and set again without harm', async () => {
  for (const password of ["it's", 'back\\slash\\', '%s %(x)s', '"; DROP USER admin; --', '密码 ü']) {
    const { code, output } = await initialize('', {
      admin: password,
      root: `root ${password}`,
      'root-previous': JSON.stringify(["root it's", 'root back\\slash\\', 'root %s %(x)s', 'root "; DROP USER admin; --']),
    });
    assert.deepEqual([code, output], [0, 'set the password of admin\nset the password of root\nexecuted 0 statements\n']);
  }
  const again = await initialize('', { admin: '密码 ü', root: 'root 密码 ü' });
  assert.equal(again.code, 0, again.output);
});

test('whatever the SQL mode of the server, a password of any text is that password', async () => {
  const before = server.sql('SELECT @@GLOBAL.sql_mode').trim();
  try {
    for (const mode of ['NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES']) {
      server.sql(`SET GLOBAL sql_mode = '${mode}'`);
      for (const password of ["it's \\' \\", "'; DROP USER admin; --", '"\\"', '密码 🔑\\']) {
        const { code, output } = await initialize('', { admin: password });
        assert.deepEqual([mode, code, output], [mode, 0, 'set the password of admin\nexecuted 0 statements\n']);
        const hash = createHash('sha1').update(createHash('sha1').update(password).digest()).digest('hex').toUpperCase();
        assert.equal(server.sql("SELECT authentication_string FROM mysql.user WHERE user = 'admin'").trim(), `*${hash}`, `${mode}: ${password}`);
      }
    }
  } finally {
    server.sql(`SET GLOBAL sql_mode = '${before}'`);
  }
});

test('a statement that fails ends it with the exit code that nobody retries, names it, and shows none of its text', async () => {
  const { code, output } = await initialize("CREATE DATABASE demo; INSERT INTO demo.missing VALUES ('secret'); CREATE DATABASE never");
  assert.deepEqual([code, output], [SQL_FAILED, 'statement 2 of 3 (spec.initSqlScript line 1, INSERT ...) failed: error 1146\n']);
});

test('a root that somebody else gave a password is left alone', async () => {
  server.sql("SET PASSWORD FOR root@'%' = PASSWORD('theirs')");
  const { code, output } = await initialize('', { root: 'ours' });
  assert.deepEqual([code, output], [1, 'root has a password that is neither empty nor one that was set from here: it is left alone\n']);
});

test('the script that waits for the query port sees it', async () => {
  const body = CHECK_CONN.slice(CHECK_CONN.indexOf("<<'EOF'\n") + 8, CHECK_CONN.lastIndexOf('EOF'));
  const { code, output } = await python(body, {});
  assert.deepEqual([code, output], [0, `127.0.0.1:${server.port} accepts connections\n`]);
});
