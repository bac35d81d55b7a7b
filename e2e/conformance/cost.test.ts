import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTarget } from '../target.ts';
import { DEFINITIONS, newGroup, thingDefinition } from './requests.ts';

const target = await openTarget();
const [MANY, FEWER] = [10_000_000, 100_000];
const text = { type: 'string', maxLength: 100 };
const properties = {
  a: text,
  b: { type: 'boolean' },
  n: { type: 'integer' },
  l: { type: 'array', maxItems: 20, items: text },
  m: { type: 'object', maxProperties: 20, additionalProperties: text },
  e: { type: 'string', enum: ['abc', 'defghij'] },
  t: { type: 'string', format: 'date-time' },
  i: { 'x-kubernetes-int-or-string': true, maxLength: 50 },
};

/** How often a rule may be evaluated, the rule, and by how much it is too dear for that. */
const TOO_DEAR: readonly (readonly [maxItems: number, rule: string, factor: string])[] = [
  [MANY, "self.a != 'x'", '3.0x'],
  [MANY, "self.a.matches('^[a-z]+$')", '84.0x'],
  [MANY, "self.a.startsWith('abcdefghijklmnopqrstuvwxyz') || self.a.contains('abc')", '47.0x'],
  [MANY, 'self.n > 1 && self.n < 5 && has(self.a)', '7.0x'],
  [FEWER, "self.l.all(x, x == 'a')", '1.030000x'],
  [FEWER, 'self.l.exists(x, x.size() > 3)', '1.430000x'],
  [FEWER, 'self.l.exists_one(x, x == self.l[0])', '9.2x'],
  [FEWER, 'self.l.map(x, x.lowerAscii()).size() == 3', '10.8x'],
  [FEWER, "self.l.filter(x, x.startsWith('a')).all(y, y.endsWith('b'))", '4.1x'],
  [MANY, "'a' in self.l", '22.0x'],
  [FEWER, "'a' in self.m && self.m.all(k, self.m[k] == k)", '1.7x'],
  [MANY, "self.a in ['x', 'y', 'zz']", '15.0x'],
  [MANY, '(self.a + self.a).size() > 3', '86.0x'],
  [FEWER, "self.n == 1 ? self.a == 'abcdefghijk' : self.a.split(',').all(x, x == 'a')", '16.9x'],
  [MANY, "quantity(self.a).isGreaterThan(quantity('1Gi'))", '44.0x'],
  [MANY, "duration(self.a) > duration('1s')", '5.0x'],
  [MANY, "self.e == 'abc'", '3.0x'],
  [MANY, "self.t > timestamp('2026-01-01T00:00:00Z')", '4.0x'],
  [FEWER, "self.l.isSorted() && self.l.indexOf('a') == 1", '16.4x'],
  [MANY, "self.a.replace('a', 'bcd').size() < 7", '84.0x'],
  [MANY, "self.a.find('a+') == 'a'", '44.0x'],
  [MANY, "type(self.i) == string ? self.i.matches('%') : self.i < 5", '27.0x'],
  [MANY, "self.?a.orValue('') == 'x'", '4.0x'],
  [MANY, 'self.a.size() > 1', '4.0x'],
  [MANY, '!self.b && -self.n < 3', '7.0x'],
  [MANY, "sets.contains(self.l, ['a', 'b'])", '53.0x'],
  [FEWER, "self.l.join(',').size() < 9", '8.1x'],
  [MANY, "[1, 2].exists(x, x == self.n) && {'a': 1}['a'] == 1", '57.0x'],
  [MANY, "self.a.trim() == 'x' && isURL(self.a) && url(self.a).getHost() == 'a'", '90.0x'],
  [FEWER, "self.l.all(x, !(x in self.m) || self.m[x] != '')", '2.4x'],
  [MANY, "string(self.n) == 'x' || self.a == string(self.n)", '49.0x'],
  [MANY, "self.a.findAll('a').size() > 1 && self.a.substring(1, 3) == 'ab'", '88.0x'],
];

/** The causes of the refusal of a definition with these properties; none: it is taken. */
async function causes(schema: Readonly<Record<string, unknown>>): Promise<readonly { readonly field: string; readonly message: string }[]> {
  const answer = await target.ask('POST', `${DEFINITIONS}?dryRun=All`, { body: thingDefinition(newGroup(), { properties: schema }) });
  return answer.status === 201 ? [] : answer.json.details.causes;
}

test('52. a rule that could cost too much is refused with its definition, and told by how much', async () => {
  for (const [maxItems, rule, factor] of TOO_DEAR) {
    const list = { type: 'array', maxItems, items: { type: 'object', properties, 'x-kubernetes-validations': [{ rule }] } };
    const [first] = await causes({ list });
    assert.equal(/estimated rule cost exceeds budget by factor of (\S+) \(try simplifying the rule/.exec(first?.message ?? '')?.[1], factor, rule);
  }
});

test('52. without bounds a request may hold very much: what looks at all of it is too dear, what looks at each part once is not', async () => {
  const strings = { type: 'array', items: { type: 'string' } };
  const rule = (expression: string, more: object = {}) => ({ 'x-kubernetes-validations': [{ rule: expression, ...more }] });
  assert.deepEqual(await causes({ l: { ...strings, ...rule("self.all(x, x != 'a')") } }), []);
  const [dear] = await causes({ l: { ...strings, ...rule('self.all(x, self.exists_one(y, x == y))') } });
  assert.match(dear?.message ?? '', /exceeds budget by factor of more than 100x/);
  const said = await causes({ n: { type: 'integer', ...rule('self > 1', { messageExpression: "'got ' + string(self)" }) } });
  assert.match(said[0]?.field ?? '', /\.messageExpression$/);
  assert.match(said[0]?.message ?? '', /estimated messageExpression cost exceeds budget by factor of more than 100x/);
  const each = { type: 'object', properties: { s: { type: 'string' } }, required: ['s'], ...rule("self.s.contains('abc')") };
  const total = await causes({ a: { type: 'array', items: each }, b: { type: 'array', items: each } });
  assert.ok(total.some(({ message }) => /estimated rule cost total for entire OpenAPIv3 schema exceeds budget/.test(message)));
});

test('52. what was before is not looked at where nobody can tell which it was', async () => {
  const item = { type: 'object', properties: { k: text, v: text }, required: ['k'], 'x-kubernetes-validations': [{ rule: 'self.v == oldSelf.v' }] };
  const [first] = await causes({ l: { type: 'array', maxItems: 10, items: item } });
  assert.match(first?.message ?? '', /oldSelf cannot be used on the uncorrelatable portion of the schema within /);
  const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] };
  assert.deepEqual(await causes({ l: { type: 'array', maxItems: 10, items: item, ...keyed } }), []);
});
