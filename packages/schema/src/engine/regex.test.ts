import assert from 'node:assert/strict';
import { test } from 'node:test';
import { re2 } from './regex.ts';

test('patterns written for RE2 mean the same here', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['(?i)^abc$', 'ABC', true],
    ['^[[:alnum:]_]+$', 'a_1', true],
    ['^[[:alpha:]]+$', 'a1', false],
    ['\\Aab\\z', 'ab', true],
    ['\\Aab\\z', 'ab\n', false],
    ['^(?P<x>a)$', 'a', true],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'a-b', true],
    ['^\\-\\_$', '-_', true],
    ['^[\\w.\\-]+$', 'a.b-c', true],
    ['^\\\\A$', '\\A', true],
    ['^[]a]+$', ']a', true],
    ['^[^]a]$', 'b', true],
    ['^\\pL+$', 'é', true],
    ['^.$', '🙂', true],
    ['^[(?=]$', '=', true],
  ];
  for (const [pattern, text, wanted] of cases) assert.equal(re2(pattern).test(text), wanted, pattern);
});

test('what RE2 refuses is refused', () => {
  for (const pattern of ['(?=a)', '(?<!a)b', '(a)\\1', '(', '[[:nope:]]']) assert.throws(() => re2(pattern), SyntaxError, pattern);
});
