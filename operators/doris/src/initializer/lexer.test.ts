import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitScript } from './lexer.ts';

function sqlOf(text: string): readonly string[] {
  const script = splitScript(text);
  assert.ok(script.type === 'statements', JSON.stringify(script));
  return script.statements.map(({ sql }) => sql);
}

/** Text that people put between quotes: all that means something outside of them, NUL, more than one byte. */
const inner = fc
  .array(fc.constantFrom(';', "'", '"', '`', '\\', '--', '-- x', '#', '/*', '*/', '//', '\n', '\r\n', '\0', '密码', '🔑', 'é', '%', ' ', 'a', 'DELIMITER'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));
const text = fc.tuple(fc.constantFrom("'", '"'), inner, fc.boolean()).map(([quote, content, doubled]) => {
  const escaped = content.replaceAll('\\', '\\\\').replaceAll(quote, doubled ? quote + quote : `\\${quote}`);
  return quote + escaped + quote;
});
const name = inner.map((content) => `\`${content.replaceAll('`', '``')}\``);
const hint = fc.constantFrom('/*+ SET_VAR(a=1;) */', "/*!40101 it's; */");
const word = fc.constantFrom('SELECT', 'INSERT', 'x', '1', '(', ')', ',', '=', '密', '- -1', '1--1', '@a');
const statement = fc.array(fc.oneof(word, word, text, name, hint), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(' '));
const comment = fc.constantFrom('-- it\'s; "one`\n', "# it's; one\n", "/* it's;\n one */", '--\n', ' ', '\n\n', '\t');

test('statements that were put together with semicolons and comments come apart as they were', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(comment, statement)), (all) => {
      const script = all.map(([before, sql]) => `${before}${sql}${before}`).join(';');
      assert.deepEqual(
        sqlOf(script),
        all.map(([, sql]) => sql),
      );
    }),
    { numRuns: 500 },
  ));

test('they come apart as well at a delimiter that is set, and a semicolon in them is then theirs', () =>
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1 }), fc.constantFrom('//', '$$', '|', '☃'), (all, delimiter) => {
      const own = all.map((sql) => `${sql} ; ${sql}`);
      fc.pre(own.every((sql) => !sql.includes(delimiter)));
      assert.deepEqual(sqlOf(`DELIMITER ${delimiter}\n${own.join(`${delimiter}\n`)}${delimiter}\ndelimiter ;\nSELECT 1; SELECT 2`), [
        ...own,
        'SELECT 1',
        'SELECT 2',
      ]);
    }),
  ));

test('whatever is written is split or refused with a line of it, and what was split once stays one statement', () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        inner,
        fc.array(fc.oneof(inner, statement, comment)).map((parts) => parts.join('')),
      ),
      (script) => {
        const split = splitScript(script);
        const lines = script.split('\n').length;
        if (split.type === 'fault') return assert.ok(split.line >= 1 && split.line <= lines);
        for (const { sql, line } of split.statements) {
          assert.ok(line >= 1 && line <= lines && sql === sql.trim() && sql !== '');
          // Two dashes before the delimiter are none of a comment, and at the end of a text they are.
          if (!/delimiter/i.test(script) && !sql.endsWith('--')) assert.deepEqual(sqlOf(sql), [sql]);
        }
      },
    ),
    { numRuns: 500 },
  ));

test('a statement is known by the line on which it begins', () => {
  const script = splitScript("-- first\n\nCREATE TABLE a (\n x INT\n);\n/* two\nlines */ INSERT INTO a VALUES ('\n'); SELECT 1");
  assert.ok(script.type === 'statements');
  assert.deepEqual(
    script.statements.map(({ line }) => line),
    [3, 7, 8],
  );
});

test('what is never closed is refused where it opens, without its text', () => {
  assert.deepEqual(splitScript("SELECT 1;\nSELECT 'secret"), { type: 'fault', line: 2, what: "a ' that stands here is never closed" });
  assert.deepEqual(splitScript('SELECT 1;\n\n/* secret'), { type: 'fault', line: 3, what: 'a comment that begins here is never closed' });
  assert.equal(splitScript("SELECT 'a\\'").type, 'fault');
  assert.equal(splitScript('DELIMITER\nSELECT 1').type, 'fault');
});

test('a script of comments and blanks has no statement', () => assert.deepEqual(sqlOf(' ;;\n-- x;\n/* ; */ ; # y'), []));
