import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import { done, things, verdict } from './requests.ts';
import { fill } from './workloads.ts';

const target = await openTarget();

const names = (list: any): readonly string[] => list.items.map((item: any) => item.metadata.name);

test('25. pages of a list are one picture: what is made in between is not on later ones', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('secrets');
  for (let n = 0; n < 5; n++) await done(target, 'POST', maps, { metadata: { name: `m${n}` } });
  const first = await done(target, 'GET', `${maps}?limit=2`);
  assert.deepEqual([names(first), first.metadata.remainingItemCount], [['m0', 'm1'], 3]);
  await done(target, 'POST', maps, { metadata: { name: 'm2-between' } });
  await done(target, 'DELETE', `${maps}/m3`);
  const second = await done(target, 'GET', `${maps}?limit=2&continue=${encodeURIComponent(first.metadata.continue)}`);
  assert.deepEqual([names(second), second.metadata.remainingItemCount], [['m2', 'm3'], 1]);
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  const last = await done(target, 'GET', `${maps}?limit=2&continue=${encodeURIComponent(second.metadata.continue)}`);
  assert.deepEqual([names(last), last.metadata.continue ?? '', last.metadata.remainingItemCount], [['m4'], '', undefined]);
  const selected = await done(target, 'GET', `${maps}?limit=1&labelSelector=!none`);
  assert.equal(selected.metadata.remainingItemCount, undefined, 'nobody counts what a selector has not looked at');
  const both = await target.ask('GET', `${maps}?limit=2&continue=${encodeURIComponent(first.metadata.continue)}&resourceVersion=1`);
  assert.deepEqual([both.status, both.json.message.includes('specifying resource version is not allowed when using continue')], [400, true]);
  assert.equal((await target.ask('GET', `${maps}?limit=2&continue=nonsense`)).status, 400);
});

test('25. a page of a list that is forgotten is refused with 410, and a token to go on with what is there now', needs(target, 'forgets'), async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  for (const name of ['a', 'b', 'c']) await done(target, 'POST', maps, { metadata: { name } });
  const { metadata } = await done(target, 'GET', `${maps}?limit=1`);
  await fill(target, ns, 1100);
  await done(target, 'DELETE', `${maps}/b`);
  const next = (token: string) => target.ask('GET', `${maps}?limit=2&continue=${encodeURIComponent(token)}`);
  const expired = await next(metadata.continue);
  assert.deepEqual(verdict(expired), [410, 'Expired']);
  const rest = await next(expired.json.metadata.continue);
  assert.deepEqual([rest.status, names(rest.json)[0]], [200, 'c']);
});

test('25. built-in items carry no kind, custom ones do; a list is sorted by namespace and name and is never null', async () => {
  await using ns = await target.namespace();
  assert.deepEqual((await done(target, 'GET', ns.path('pods'))).items, []);
  for (const name of ['b', 'a', 'a-1']) await done(target, 'POST', ns.path('secrets'), { metadata: { name } });
  const list = await done(target, 'GET', ns.path('secrets'));
  assert.deepEqual([list.kind, list.apiVersion, list.items[0].kind, list.items[0].apiVersion], ['SecretList', 'v1', undefined, undefined]);
  assert.deepEqual(names(list), ['a', 'a-1', 'b']);
  await using custom = await things(target, { properties: {} });
  await done(target, 'POST', custom.path(ns.name), { apiVersion: `${custom.group}/v1`, kind: 'Thing', metadata: { name: 'a' } });
  const own = await done(target, 'GET', custom.path(ns.name));
  assert.deepEqual([own.kind, own.items[0].kind, own.items[0].apiVersion], ['ThingList', 'Thing', `${custom.group}/v1`]);
  const everywhere = await done(target, 'GET', `/apis/${custom.group}/v1/things`);
  assert.deepEqual(names(everywhere), ['a']);
});

test('26. which versions a list may be asked for, and what is answered when it is not there yet', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('secrets');
  const a = await done(target, 'POST', maps, { metadata: { name: 'a' } });
  const b = await done(target, 'POST', maps, { metadata: { name: 'b' } });
  const at = async (query: string) => await target.ask('GET', `${maps}?${query}`);
  const old = a.metadata.resourceVersion;
  const exact = await at(`resourceVersion=${old}&resourceVersionMatch=Exact`);
  assert.deepEqual([names(exact.json), exact.json.metadata.resourceVersion], [['a'], old]);
  // Of a cache that is behind for too long the same is said as of the future, and that one may ask again.
  const newer = await eventually('the cache has the version', async () => {
    const answer = await at(`resourceVersion=${b.metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`);
    return answer.status !== 504 && answer;
  });
  assert.deepEqual(names(newer.json), ['a', 'b']);
  assert.equal((await at('resourceVersion=0&resourceVersionMatch=Exact')).status, 422);
  assert.equal((await at('resourceVersionMatch=Exact')).status, 422);
  assert.equal((await at('resourceVersion=5&resourceVersionMatch=Some')).status, 422);
  const zero = await at('resourceVersion=0&limit=1');
  assert.equal(zero.status, 200);
  const future = await at(`resourceVersion=${Number(b.metadata.resourceVersion) + 1_000_000}`);
  assert.deepEqual(verdict(future), [504, 'Timeout']);
  assert.match(future.json.message, /^Timeout: Too large resource version: \d+, current: \d+$/);
  assert.equal(future.json.details.causes[0].reason, 'ResourceVersionTooLarge');
  assert.equal((await target.ask('GET', `${maps}/a?resourceVersion=${Number(b.metadata.resourceVersion) + 1_000_000}`)).status, 504);
});

test('27. field selectors: each kind has its own, and says which it has not', async () => {
  await using ns = await target.namespace();
  const secrets = ns.path('secrets');
  await done(target, 'POST', secrets, { metadata: { name: 'a' }, type: 'example.com/one' });
  await done(target, 'POST', secrets, { metadata: { name: 'b' }, type: 'example.com/two' });
  const found = async (query: string) => names(await done(target, 'GET', `${secrets}?fieldSelector=${encodeURIComponent(query)}`));
  assert.deepEqual(await found('metadata.name=a'), ['a']);
  assert.deepEqual(await found('metadata.name!=a'), ['b']);
  assert.deepEqual(await found('type=example.com/two'), ['b']);
  assert.deepEqual(await found(`metadata.namespace==${ns.name},metadata.name=b`), ['b']);
  const unknown = await target.ask('GET', `${ns.path('configmaps')}?fieldSelector=data.x%3D1`);
  assert.equal(unknown.status, 400);
  assert.match(unknown.json.message, /"data\.x" is not a known field selector: only "metadata\.name", "metadata\.namespace"/);
  const pod = await target.ask('GET', `${ns.path('pods')}?fieldSelector=spec.nodeName%3D,status.phase%21%3DFailed,spec.restartPolicy%3DAlways`);
  assert.equal(pod.status, 200);
  const wrong = await target.ask('GET', `${ns.path('pods')}?fieldSelector=spec.containers%3D1`);
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.message, /field label not supported: spec\.containers/);
});

test('27. label selectors: the whole grammar', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('secrets');
  const labels: Readonly<Record<string, object>> = { a: { x: '1', y: 'p' }, b: { x: '2' }, c: { y: 'q' }, d: { x: '10' } };
  for (const [name, given] of Object.entries(labels)) await done(target, 'POST', maps, { metadata: { name, labels: given } });
  const found = async (query: string) => names(await done(target, 'GET', `${maps}?labelSelector=${encodeURIComponent(query)}`)).join('');
  for (const [query, expected] of [
    ['x=1', 'a'],
    ['x==1', 'a'],
    ['x!=1', 'bcd'],
    ['x', 'abd'],
    ['!x', 'c'],
    ['x in (1, 2)', 'ab'],
    ['x notin (1,2)', 'cd'],
    ['x>1', 'bd'],
    ['x<10', 'ab'],
    ['x,y=p', 'a'],
  ] as const) {
    assert.equal(await found(query), expected, query);
  }
  const wrong = await target.ask('GET', `${maps}?labelSelector=${encodeURIComponent('a b')}`);
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.message, /unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt/);
});
