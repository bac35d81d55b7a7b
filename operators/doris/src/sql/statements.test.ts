import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DorisError } from './error.ts';
import { hostPort } from './host-port.ts';
import { addBackend, alterUser, createUser, grantNodeAndAdmin } from './statements.ts';

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
