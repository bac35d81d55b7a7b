import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { systemClock, tcpNetwork } from '@binnacle/client';
import { alone } from '@binnacle/runtime';
import { DorisError } from '../../operators/doris/src/sql/error.ts';
import { frontEnd } from '../../operators/doris/src/sql/front-end.ts';
import { alterUser, createUser, showTablets } from '../../operators/doris/src/sql/statements.ts';
import type { Statement } from '../../operators/doris/src/sql/statements.ts';
import { mariadb } from './mariadb.ts';
import type { MariaDb } from './mariadb.ts';

/** Our SQL client against a server that we did not write. What Doris adds to MySQL is not here; what is MySQL's is. */
const doors = { network: tcpNetwork(), clock: systemClock() };
const never = new AbortController().signal;
/** Sound in these tests alone: text of our own. */
const text = (sql: string) => sql as Statement;

let server: MariaDb;
before(async () => {
  server = await mariadb();
  server.sql("CREATE USER keeper IDENTIFIED BY 'first'; GRANT ALL ON *.* TO keeper WITH GRANT OPTION");
});
after(async () => server[Symbol.asyncDispose]());

const login = async (user: string, password: string) =>
  await frontEnd(doors, { host: '127.0.0.1', port: server.port, account: { user, password } }, alone(never));

async function failsWith(code: DorisError['code'], promise: Promise<unknown>): Promise<DorisError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DorisError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

/** What people put into passwords. */
const PASSWORDS = [
  "it's",
  'back\\slash',
  '\\',
  "\\'",
  "'; DROP USER keeper; --",
  '"double"',
  'ünï ©ødé 密码 🔑',
  ' spaces ',
  '%_',
  '`tick`',
  '$1 ${x} #',
  'x'.repeat(300),
];

test('a password of any text is set as it is, and lets in with nothing else', async () => {
  for (const [index, password] of PASSWORDS.entries()) {
    const user = `user${index}`;
    await using keeper = await login('keeper', 'first');
    await keeper.query(createUser(user, 'before'), never);
    await keeper.query(alterUser(user, password), never);
    await using own = await login(user, password);
    assert.deepEqual(await own.query(text('SELECT USER() LIKE CONCAT(CURRENT_USER(), "%") OR 1 AS yes'), never), [{ yes: '1' }]);
    await failsWith('denied', login(user, `${password}x`));
    await failsWith('denied', login(user, password.slice(1)));
  }
  assert.equal(server.sql("SELECT COUNT(*) FROM mysql.user WHERE user = 'keeper'").trim(), '1');
});

/** What a server may take quotes and backslashes for. */
const MODES = ['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', 'PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES'];
const inEachMode = async (run: (mode: string) => Promise<void>) => {
  const before = server.sql('SELECT @@GLOBAL.sql_mode').trim();
  try {
    for (const mode of MODES) {
      server.sql(`SET GLOBAL sql_mode = '${mode}'`);
      await run(mode);
    }
  } finally {
    server.sql(`SET GLOBAL sql_mode = '${before}'`);
  }
};
const accounts = () => server.sql("SELECT CONCAT(user, '@', host) FROM mysql.user ORDER BY 1");

const nasty = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc
      .array(
        fc.constantFrom("'", '"', '\\', '`', ';', '--', '/*', '*/', '#', '\0', '\n', '\u001a', '\u00bf', '\u00bf\u0027', '\u2019', '密', '🔑', '%', ' ', 'a'),
        { minLength: 1 },
      )
      .map((parts) => parts.join('')),
  )
  .filter((text) => text.isWellFormed());

test('whatever the SQL mode, any text is a password and nothing more: it alone lets in, and there are no other accounts than before', async () => {
  await inEachMode(async (mode) => {
    await using keeper = await login('keeper', 'first');
    await keeper.query(createUser('moded', 'before'), never);
    const before = accounts();
    await fc.assert(
      fc.asyncProperty(nasty, async (password) => {
        await keeper.query(alterUser('moded', password), never);
        await (await login('moded', password))[Symbol.asyncDispose]();
        await failsWith('denied', login('moded', `${password}x`));
      }),
      { numRuns: 40, examples: PASSWORDS.map((one) => [one]) },
    );
    assert.equal(accounts(), before, mode);
  });
});

test('whatever the SQL mode, a table of any name that is not refused is that table', async () => {
  const names = ['odd;name', "it's", '"double"', '-- x', '/* x */', '# x', 'a.b', 'a b', '%', '密码', "'; DROP USER keeper; --"];
  for (const refused of ['`', 'a`b', '\\', 'a\0', 'a\nb', '']) assert.throws(() => showTablets('names', refused), { code: 'unreadable' });
  server.sql('CREATE DATABASE names');
  for (const [index, name] of names.entries()) server.sql(`CREATE TABLE names.\`${name}\` (c${index} INT)`);
  await inEachMode(async () => {
    await using keeper = await login('keeper', 'first');
    for (const [index, name] of names.entries()) {
      // The only thing changed: the word that MariaDB does not know.
      const [column] = await keeper.query(text(showTablets('names', name).replace('SHOW TABLETS', 'SHOW COLUMNS')), never);
      assert.equal(column?.['Field'], `c${index}`);
    }
  });
});

test('a user name is one user, and one that could end its text is refused before it is sent', async () => {
  for (const user of ["o'brien", 'back\\slash']) assert.throws(() => createUser(user, 'secret'), { code: 'unreadable' });
  for (const user of ['plain_user', 'dot.ted-user', 'a@b', 'ünï']) {
    await using keeper = await login('keeper', 'first');
    await keeper.query(createUser(user, 'secret'), never);
    await using own = await login(user, 'secret');
    assert.equal((await own.query(text("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@%', 1) AS user"), never))[0]?.['user'], user);
  }
});

test('numbers, NULL, empty text and long values arrive as the server wrote them', async () => {
  await using keeper = await login('keeper', 'first');
  const [row] = await keeper.query(
    text("SELECT 9223372036854775807 AS id, NULL AS nothing, '' AS empty, 1.10 AS version, REPEAT('y', 10000000) AS many"),
    never,
  );
  assert.deepEqual({ ...row, many: row?.['many']?.length }, { id: '9223372036854775807', nothing: null, empty: '', version: '1.10', many: 10_000_000 });
});

test('what the server refuses is refused, says why, and the connection goes on', async () => {
  await using keeper = await login('keeper', 'first');
  const error = await failsWith('refused', keeper.query(text("SELECT 'secret' FROM nowhere.at_all"), never));
  assert.ok(!error.message.includes('secret'), error.message);
  assert.deepEqual(await keeper.query(text('SELECT 1 AS one'), never), [{ one: '1' }]);
});

test('one call is one statement: a second one behind a semicolon is refused, and not run', async () => {
  await using keeper = await login('keeper', 'first');
  await failsWith('refused', keeper.query(text('SELECT 1; CREATE USER smuggled'), never));
  assert.equal(server.sql("SELECT COUNT(*) FROM mysql.user WHERE user = 'smuggled'").trim(), '0');
});

test('without the right it is denied', async () => {
  await using keeper = await login('keeper', 'first');
  await keeper.query(createUser('nobody', 'secret'), never);
  await using nobody = await login('nobody', 'secret');
  await failsWith('denied', nobody.query(createUser('another', 'x'), never));
});

test('a server that dies under a statement: the statement is lost, the next connection unreachable, and after a restart all is as it was', async () => {
  await using keeper = await login('keeper', 'first');
  const asked = failsWith('lost', keeper.query(text('SELECT SLEEP(60)'), never));
  await doors.clock.sleep(200);
  await server.kill();
  await asked;
  await failsWith('lost', keeper.query(text('SELECT 1'), never));
  await failsWith('unreachable', login('keeper', 'first'));
  await server.restart();
  await using again = await login('keeper', 'first');
  assert.deepEqual(await again.query(text('SELECT 1 AS one'), never), [{ one: '1' }]);
});

test('a connection whose server dies between two statements harms nobody', async () => {
  await using keeper = await login('keeper', 'first');
  await keeper.query(text('SELECT 1'), never);
  await server.restart();
  await doors.clock.sleep(100);
  await failsWith('lost', keeper.query(text('SELECT 1'), never));
});

test('a server that hangs is given up when asked to: while logging in and while answering', async () => {
  await using keeper = await login('keeper', 'first');
  await server.hang();
  try {
    const told = () => AbortSignal.timeout(500);
    await assert.rejects(keeper.query(text('SELECT 1'), told()), { name: 'TimeoutError' });
    await assert.rejects(frontEnd(doors, { host: '127.0.0.1', port: server.port, account: { user: 'keeper', password: 'first' } }, alone(told())), {
      name: 'TimeoutError',
    });
  } finally {
    server.goOn();
  }
  await using again = await login('keeper', 'first');
  assert.deepEqual(await again.query(text('SELECT 1 AS one'), never), [{ one: '1' }]);
});
