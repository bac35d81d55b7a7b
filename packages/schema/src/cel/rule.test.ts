import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../structural.ts';
import { RuleError } from './compile.ts';
import { compileRule } from './rule.ts';

const text: Schema = { type: 'string' };
const schema: Schema = {
  type: 'object',
  properties: {
    n: { type: 'integer' },
    f: { type: 'number' },
    s: text,
    l: { type: 'array', items: { type: 'integer' } },
    m: { type: 'object', additionalProperties: text },
    o: { type: 'object', properties: { a: text, namespace: text, 'x-y': { type: 'integer' } } },
    t: { type: 'string', format: 'date-time' },
    d: { type: 'string', format: 'duration' },
    b: { type: 'string', format: 'byte' },
    either: { 'x-kubernetes-int-or-string': true },
    items: { type: 'array', items: { type: 'object', properties: { k: text, v: { type: 'integer' } } } },
    e: { type: 'object', 'x-kubernetes-embedded-resource': true },
  },
};
const value = {
  n: 5,
  f: 1,
  s: 'Hello',
  l: [1, 2, 3],
  m: { a: 'x', constructor: 'y' },
  o: { a: '1', namespace: 'ns', 'x-y': 4 },
  t: '2024-01-01T00:00:00Z',
  d: '1h30m',
  b: 'aGk=',
  either: 5,
  items: [
    { k: 'a', v: 1 },
    { k: 'b', v: 2 },
  ],
  e: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
};

test('numbers are what the schema says, not what JSON looks like', () => {
  for (const rule of ['self.n + 1 == 6', 'self.f + 0.5 == 1.5', 'self.n > 4.5', 'self.either == 5', 'type(self.either) == int', 'self.l.all(i, i % 2 < 3)'])
    holds(rule);
});

test('the expressions of real kinds hold', () => {
  for (const rule of [
    "self.s.matches('(?i)^hello$') && !self.s.matches('[[:digit:]]') && self.s.matches('(?P<first>H)')",
    "self.s.find('[A-Z]') == 'H' && self.s.findAll('l') == ['l', 'l'] && self.s.findAll('l', 1).size() == 1",
    "self.s.lowerAscii() == 'hello' && self.s.split('l').size() == 3 && self.s.replace('l', 'L', 1) == 'HeLlo'",
    'self.l.sum() == 6 && self.l.isSorted() && self.l.max() == 3 && self.l.indexOf(2) == 1',
    "self.m.all(k, size(k) > 0) && self.m['constructor'] == 'y' && !has(self.m.toString)",
    "self.o.__namespace__ == 'ns' && self.o.x__dash__y == 4 && self.?o.?a.orValue('') == '1'",
    "self.t > timestamp('2023-01-01T00:00:00Z') && self.d > duration('1h') && self.b == b'hi'",
    'self.items.exists_one(i, i.v == 1) && self.items.filter(i, i.v > 1).map(i, i.k) == ["b"]',
    'self.items.all(x, self.items.exists_one(y, x.k == y.k))',
    "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('0.5')) == quantity('1') && !isQuantity('1X')",
    "url('https://ex.io:443/a?x=1').getHost() == 'ex.io:443' && url('https://ex.io').getEscapedPath() == '' && url('https://ex.io/').getEscapedPath() == '/'",
    "url('https://[::1]:8443/').getHostname() == '::1' && url('/a?x=1').getQuery()['x'] == ['1'] && !isURL('foo')",
    'sets.contains(self.l, [1]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])',
    "isIP('::1') && isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33')",
    "self.e.kind == 'Pod' && self.e.metadata.name == 'x'",
  ])
    holds(rule);
});

test('what cannot work is refused when it is compiled', () => {
  for (const rule of [
    'self.nope',
    'self.s == 5',
    'self.n == 5.0',
    'self.n == null',
    'self.s',
    'other > 1',
    'self.n >',
    'nofunction(self.s)',
    'self.items.all(i, i.x == 1)',
  ])
    assert.throws(() => compileRule({ rule }, schema), RuleError, rule);
});

test('a rule tells whether it looks back', () => {
  assert.equal(compileRule({ rule: 'self.o == oldSelf.o' }, schema).transition, true);
  assert.equal(compileRule({ rule: "self.s != 'oldSelf'" }, schema).transition, false);
});

function holds(rule: string): void {
  assert.deepEqual(compileRule({ rule }, schema).evaluate(value), { holds: true }, rule);
}
