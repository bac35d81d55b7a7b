import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DorisError } from './error.ts';
import { hostPort } from './host-port.ts';
import { addBackend, addBroker, alterUser, createUser, grantNodeAndAdmin, proc, showFrontendConfig, showTablets } from './statements.ts';

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom("'", '"', '\\', '`', ';', '--', '/*', '*/', '#', '\0', '\n', '\u00bf', '\u2019', ' ', 'a')).map((parts) => parts.join('')),
);

test('no password gets out of its place: only its hash is in the statement', () =>
  fc.assert(
    fc.property(nasty, (password) => {
      assert.match(createUser('k8sopr', password), /^CREATE USER IF NOT EXISTS 'k8sopr' IDENTIFIED BY PASSWORD '\*[0-9A-F]{40}'$/);
      assert.match(alterUser('k8sopr', password), /^ALTER USER 'k8sopr' IDENTIFIED BY PASSWORD '\*[0-9A-F]{40}'$/);
    }),
  ));

test('a user or a host that could end the text it stands in is refused, and never told apart by escapes', () =>
  fc.assert(
    fc.property(nasty, fc.integer({ min: -1, max: 70_000 }), (text, port) => {
      for (const build of [() => grantNodeAndAdmin(text), () => addBackend(hostPort(text, port))]) {
        try {
          assert.doesNotMatch(build().replace(/^GRANT .* TO '|^ALTER SYSTEM ADD BACKEND "|['"]$/g, ''), /['"\\`;\s\0]|--.*'|\/\*/);
        } catch (error) {
          if (!(error instanceof DorisError)) throw error;
          assert.equal(error.code, 'unreadable');
        }
      }
    }),
  ));

test('a database or a table of any name stays between its backticks or is refused', () =>
  fc.assert(
    fc.property(nasty, nasty, (database, table) => {
      unlessRefused(() => showTablets(database, table), /^SHOW TABLETS FROM `[^`\\\p{Cc}]+`\.`[^`\\\p{Cc}]+`$/u);
    }),
  ));

test('a setting, a broker and a folder are words alone, or refused', () =>
  fc.assert(
    fc.property(nasty, (text) => {
      unlessRefused(() => showFrontendConfig(text), /^ADMIN SHOW FRONTEND CONFIG LIKE '\w+'$/);
      unlessRefused(() => addBroker(text, hostPort('b-0.x', 8_000)), /^ALTER SYSTEM ADD BROKER \w+ "b-0\.x:8000"$/);
      unlessRefused(() => proc('dbs', text), /^SHOW PROC '\/dbs\/\w+'$/);
    }),
  ));

function unlessRefused(build: () => string, right: RegExp): void {
  try {
    assert.match(build(), right);
  } catch (error) {
    if (!(error instanceof DorisError)) throw error;
    assert.equal(error.code, 'unreadable');
  }
}
