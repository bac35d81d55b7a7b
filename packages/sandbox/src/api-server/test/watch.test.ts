import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG, PATCH, testServer } from './server.ts';
import type { TestServer } from './server.ts';

const make = (world: TestServer, name: string, labels: Record<string, string> = {}) => world.ask('POST', CONFIG, { metadata: { name, labels } });
const take = async (events: AsyncGenerator<any>, count: number) => {
  const taken: any[] = [];
  while (taken.length < count) taken.push((await events.next()).value);
  return taken;
};

test('a watch from a version tells all that came after it, in order; one without begins with what is there', async () => {
  await using world = await testServer();
  const from = (await make(world, 'a')).json.metadata.resourceVersion;
  await make(world, 'b');
  await world.ask('DELETE', `${CONFIG}/a`);
  await using since = world.watch(`${CONFIG}?watch=true&resourceVersion=${from}`);
  const [added, deleted] = await take(since, 2);
  assert.deepEqual([added.type, added.object.metadata.name, deleted.type, deleted.object.metadata.name], ['ADDED', 'b', 'DELETED', 'a']);
  assert.ok(Number(deleted.object.metadata.resourceVersion) > Number(added.object.metadata.resourceVersion));
  await using present = world.watch(`${CONFIG}?watch=true`);
  assert.deepEqual(
    (await take(present, 1)).map((event) => [event.type, event.object.metadata.name]),
    [['ADDED', 'b']],
  );
});

test('an object that leaves a selection is told as deleted, as it was, under the new version', async () => {
  await using world = await testServer();
  await make(world, 'a', { app: 'web' });
  await using events = world.watch(`${CONFIG}?watch=true&labelSelector=app%3Dweb`);
  await take(events, 1);
  const left = (await world.ask('PATCH', `${CONFIG}/a`, { metadata: { labels: { app: 'db' } } }, PATCH.merge)).json;
  await world.ask('PATCH', `${CONFIG}/a`, { metadata: { labels: { app: 'web' } } }, PATCH.merge);
  const [gone, back] = await take(events, 2);
  assert.deepEqual([gone.type, gone.object.metadata.labels.app, gone.object.metadata.resourceVersion], ['DELETED', 'web', left.metadata.resourceVersion]);
  assert.equal(back.type, 'ADDED');
});

test('a version that is too old ends the watch with 410 Expired in an answer of 200', async () => {
  await using world = await testServer({ history: 5 });
  for (let index = 0; index < 12; index++) await make(world, `c-${index}`);
  await using events = world.watch(`${CONFIG}?watch=true&resourceVersion=2`);
  const [expired] = await take(events, 1);
  assert.deepEqual([expired.type, expired.object.code, expired.object.reason], ['ERROR', 410, 'Expired']);
  assert.equal((await events.next()).done, true);
});

test('a later page of a list that is too old is refused with 410, and a token to go on with all the same', async () => {
  await using world = await testServer({ history: 5 });
  for (let index = 0; index < 4; index++) await make(world, `a-${index}`);
  const first = (await world.ask('GET', `${CONFIG}?limit=2`)).json;
  for (let index = 0; index < 20; index++) await make(world, `b-${index}`);
  const expired = await world.ask('GET', `${CONFIG}?limit=2&continue=${first.metadata.continue}`);
  assert.deepEqual([expired.status, expired.json.reason], [410, 'Expired']);
  const rest = (await world.ask('GET', `${CONFIG}?continue=${expired.json.metadata.continue}`)).json;
  assert.equal(rest.items.length, 22);
});

test('bookmarks come each minute, and a watch list ends its first part with one', async () => {
  await using world = await testServer();
  await make(world, 'a');
  const list = `${CONFIG}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
  await using events = world.watch(list);
  const [first, end] = await take(events, 2);
  assert.equal(first.type, 'ADDED');
  assert.deepEqual([end.type, end.object.kind, end.object.metadata.annotations], ['BOOKMARK', 'ConfigMap', { 'k8s.io/initial-events-end': 'true' }]);
  const next = events.next();
  await world.ask('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's' } });
  await world.clock.advance(60_000);
  const bookmark = (await next).value;
  assert.equal(bookmark.type, 'BOOKMARK');
  assert.ok(Number(bookmark.object.metadata.resourceVersion) > Number(end.object.metadata.resourceVersion));
  const wrong = await world.ask('GET', `${CONFIG}?watch=true&sendInitialEvents=true`);
  assert.match(wrong.json.message, /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/);
});

test('a watch ends cleanly after its timeoutSeconds', async () => {
  await using world = await testServer();
  await using events = world.watch(`${CONFIG}?watch=true&resourceVersion=0&timeoutSeconds=5`);
  const next = events.next();
  await world.clock.advance(5000);
  assert.equal((await next).done, true);
});

test('all watchers see the same events in the same order, and one that reads nothing holds up nobody', async () => {
  await using world = await testServer();
  const stop = new AbortController();
  const idle = await world.server.transport({ name: 'idle', groups: ['system:masters'] }).send({ method: 'GET', path: `${CONFIG}?watch=true` }, stop.signal);
  assert.equal(idle.status, 200);
  const watches = Array.from({ length: 20 }, () => world.watch(`${CONFIG}?watch=true`));
  const seen = watches.map((events) => take(events, 50).then((all) => all.map((event) => event.object.metadata.resourceVersion).join(' ')));
  for (let index = 0; index < 50; index++) await make(world, `c-${index}`);
  assert.equal(new Set(await Promise.all(seen)).size, 1);
  stop.abort();
  for (const events of watches) await events.return(undefined);
});

test('pages of a list are of one moment, and say how many are left', async () => {
  await using world = await testServer();
  for (const name of ['p0', 'p1', 'p2', 'p3', 'p4']) await make(world, name);
  const first = (await world.ask('GET', `${CONFIG}?limit=2`)).json;
  assert.deepEqual([first.items.map((item: any) => item.metadata.name), first.metadata.remainingItemCount], [['p0', 'p1'], 3]);
  assert.equal('kind' in first.items[0], false);
  await make(world, 'p2a');
  await world.ask('DELETE', `${CONFIG}/p3`);
  const second = (await world.ask('GET', `${CONFIG}?limit=2&continue=${first.metadata.continue}`)).json;
  const third = (await world.ask('GET', `${CONFIG}?limit=2&continue=${second.metadata.continue}`)).json;
  assert.deepEqual(
    [...second.items, ...third.items].map((item: any) => item.metadata.name),
    ['p2', 'p3', 'p4'],
  );
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  assert.equal(third.metadata.continue, undefined);
  assert.equal((await world.ask('GET', `${CONFIG}?limit=2&resourceVersion=0`)).json.items.length, 5);
  assert.equal((await world.ask('GET', `${CONFIG}?continue=rubbish`)).status, 400);
});

test('a version from the future is waited for, then refused with 504', async () => {
  await using world = await testServer();
  const asked = world.ask('GET', `${CONFIG}?resourceVersion=99999999`);
  await world.clock.advance(3000);
  const { status, json, headers } = await asked;
  assert.deepEqual([status, json.details.causes[0].reason, headers['retry-after']], [504, 'ResourceVersionTooLarge', '1']);
});

test('selectors that cannot be read are refused with the words of Kubernetes', async () => {
  await using world = await testServer();
  const field = await world.ask('GET', `${CONFIG}?fieldSelector=data.x%3D1`);
  assert.equal(field.json.message, '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"');
  const label = await world.ask('GET', `${CONFIG}?labelSelector=${encodeURIComponent('a b')}`);
  assert.equal(label.json.message, "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
  await make(world, 'a', { tier: 'db', n: '5' });
  await make(world, 'b');
  const names = async (selector: string) => {
    const { json } = await world.ask('GET', `${CONFIG}?labelSelector=${encodeURIComponent(selector)}`);
    return json.items.map((item: any) => item.metadata.name);
  };
  assert.deepEqual(await names('tier in (db,web),n>4'), ['a']);
  assert.deepEqual(await names('tier!=db'), ['b']);
  assert.deepEqual(await names('tier notin (db)'), ['b']);
  assert.deepEqual(await names('!tier'), ['b']);
});
