import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawWatch } from '../raw.ts';
import { needs, openTarget } from '../target.ts';
import { follow } from './follow.ts';
import type { Followed } from './follow.ts';
import { done, PATCH, things, verdict } from './requests.ts';
import { fill } from './workloads.ts';

const target = await openTarget();

/** The next so many events, bookmarks left out, as `TYPE name`. */
async function told(watch: RawWatch, count: number): Promise<readonly string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const event = await watch.next();
    assert.ok(event !== undefined, `the watch ended after ${seen.join(', ')}`);
    if (event.type !== 'BOOKMARK') seen.push(`${event.type} ${event.object.metadata.name}`);
  }
  return seen;
}

/** Names of the next so many objects that are made. */
async function madeAsTold(events: Followed, count: number): Promise<readonly string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { type, object } = await events.next();
    assert.equal(type, 'ADDED');
    seen.push(object.metadata.name);
  }
  return seen;
}

test('21. a watch from a version hears what came after it; from 0 and without one it hears first what is there; in the order of versions', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('secrets');
  const a = await done(target, 'POST', maps, { metadata: { name: 'a' } });
  const b = await done(target, 'POST', maps, { metadata: { name: 'b' } });
  await using from = await target.watch(`${maps}?watch=1&resourceVersion=${a.metadata.resourceVersion}`);
  await using zero = await target.watch(`${maps}?watch=true&resourceVersion=0`);
  await using unset = await target.watch(`${maps}?watch=true`);
  assert.equal(from.status, 200);
  const start = ['ADDED a', 'ADDED b'];
  assert.deepEqual(new Set(await told(unset, 2)), new Set(start));
  const changed = await done(target, 'PATCH', `${maps}/a`, { stringData: { x: '1' } }, PATCH.merge);
  assert.deepEqual(await told(from, 2), ['ADDED b', 'MODIFIED a']);
  assert.deepEqual(await told(unset, 1), ['MODIFIED a']);
  // From any version the server remembers: the two may come as they are by now.
  const cached = await told(zero, 2);
  assert.ok(cached.includes('ADDED b'), cached.join());
  await done(target, 'DELETE', `${maps}/b`);
  const gone = (await from.next())!;
  assert.deepEqual([gone.type, gone.object.kind, gone.object.apiVersion], ['DELETED', 'Secret', 'v1']);
  assert.ok(Number(gone.object.metadata.resourceVersion) > Number(changed.metadata.resourceVersion));
  assert.equal(gone.object.metadata.uid, b.metadata.uid);
});

test('21. a version that is no number is refused', async () => {
  const answer = await target.ask('GET', '/api/v1/configmaps?watch=true&resourceVersion=abc');
  assert.ok(answer.status >= 400, `${answer.status} ${answer.text}`);
  assert.match(answer.json.message, /resourceVersion: Invalid value: "abc"|invalid resource version/i);
});

test('21. a version that is forgotten ends the watch with 410 Expired, in an answer of 200', needs(target, 'forgets'), async () => {
  await using ns = await target.namespace();
  await fill(target, ns, 1100);
  await using events = await target.watch(`${ns.path('configmaps')}?watch=true&resourceVersion=1`);
  const said = (await events.next())!;
  assert.deepEqual([events.status, said.type, await events.next()], [200, 'ERROR', undefined]);
  assert.deepEqual([said.object.kind, said.object.status, said.object.reason, said.object.code], ['Status', 'Failure', 'Expired', 410]);
  assert.match(said.object.message, /^too old resource version: 1 \(\d+\)$/);
});

test('22. what stops to match a selector is DELETED, as it was, with the new version; what starts to is ADDED', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const made = await done(target, 'POST', maps, { metadata: { name: 'a', labels: { on: 'yes' } }, data: { x: '1' } });
  await using events = await target.watch(`${maps}?watch=true&labelSelector=on%3Dyes&resourceVersion=${made.metadata.resourceVersion}`);
  const left = await done(target, 'PATCH', `${maps}/a`, { metadata: { labels: { on: 'no' } }, data: { x: '2' } }, PATCH.merge);
  const out = (await events.next())!;
  assert.deepEqual([out.type, out.object.metadata.labels, out.object.data], ['DELETED', { on: 'yes' }, { x: '1' }]);
  assert.equal(out.object.metadata.resourceVersion, left.metadata.resourceVersion);
  await done(target, 'PATCH', `${maps}/a`, { data: { x: '3' } }, PATCH.merge);
  await done(target, 'PATCH', `${maps}/a`, { metadata: { labels: { on: 'yes' } } }, PATCH.merge);
  const back = (await events.next())!;
  assert.deepEqual([back.type, back.object.data], ['ADDED', { x: '3' }]);
});

test('23. a watch ends when its time is over; bookmarks let a quiet one go on where it was', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const made = await done(target, 'POST', maps, { metadata: { name: 'a' } });
  const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=3&resourceVersion=${made.metadata.resourceVersion}`;
  await using events = await target.watch(`${maps}?${query}`);
  const other = await done(target, 'POST', ns.path('secrets'), { metadata: { name: 'elsewhere' } });
  let version = made.metadata.resourceVersion;
  for (let event = await events.next(); event !== undefined; event = await events.next()) {
    if (event.type !== 'BOOKMARK') continue;
    assert.deepEqual([event.object.kind, event.object.apiVersion], ['ConfigMap', 'v1']);
    version = event.object.metadata.resourceVersion;
  }
  // A bookmark is never owed; when there is one, it leads on.
  assert.ok(Number(version) >= Number(made.metadata.resourceVersion));
  await done(target, 'POST', maps, { metadata: { name: 'b' } });
  assert.ok(Number(other.metadata.resourceVersion) > 0);
  await using resumed = await target.watch(`${maps}?watch=true&resourceVersion=${version}`);
  assert.deepEqual(await told(resumed, 1), ['ADDED b']);
});

test('24. WatchList: first all that is there, then a bookmark that says so, then changes', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('secrets');
  for (const name of ['a', 'b', 'c']) await done(target, 'POST', maps, { metadata: { name } });
  const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  await using events = await target.watch(`${maps}?${query}`);
  const names = new Set<string>();
  let mark = await events.next();
  for (; mark?.type === 'ADDED'; mark = await events.next()) names.add(mark.object.metadata.name);
  assert.deepEqual(names, new Set(['a', 'b', 'c']));
  assert.equal(mark?.type, 'BOOKMARK');
  assert.equal(mark.object.metadata.annotations['k8s.io/initial-events-end'], 'true');
  await done(target, 'DELETE', `${maps}/a`);
  assert.deepEqual(await told(events, 1), ['DELETED a']);
});

test('24. WatchList asks for its rules to be kept: 422', async () => {
  const message = async (query: string) => {
    const answer = await target.ask('GET', `/api/v1/configmaps?${query}`);
    assert.deepEqual(verdict(answer), [422, 'Invalid'], query);
    return answer.json.message as string;
  };
  assert.match(await message('watch=true&sendInitialEvents=true'), /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/);
  assert.match(
    await message('watch=true&resourceVersionMatch=NotOlderThan&resourceVersion=1'),
    /resourceVersionMatch is forbidden for watch unless sendInitialEvents/,
  );
  assert.match(await message('sendInitialEvents=true'), /sendInitialEvents is forbidden for list/);
});

test('24. events come in the form that was asked for: tables and bare metadata', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  await done(target, 'POST', maps, { metadata: { name: 'a' }, data: { x: '1' } });
  const only = 'watch=true&fieldSelector=metadata.name%3Da';
  await using tables = await target.watch(`${maps}?${only}`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  const table = (await tables.next())!;
  assert.deepEqual([table.type, table.object.kind, table.object.rows.length, table.object.rows[0].cells[0]], ['ADDED', 'Table', 1, 'a']);
  await using bare = await target.watch(`${maps}?${only}`, { headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' } });
  const metadata = (await bare.next())!.object;
  assert.deepEqual([metadata.kind, metadata.metadata.name, metadata.data], ['PartialObjectMetadata', 'a', undefined]);
});

test('28. many watchers all hear the same, in the same order, nothing left out', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const { metadata } = await done(target, 'GET', maps);
  const [watchers, changes] = [30, 60];
  await using open = new AsyncDisposableStack();
  const watches = await Promise.all(
    Array.from({ length: watchers }, async () => open.use(await follow(target, maps, metadata.resourceVersion, 'labelSelector=n'))),
  );
  const writing = Promise.all(Array.from({ length: changes }, (_, n) => done(target, 'POST', maps, { metadata: { name: `m${n}`, labels: { n: '' } } })));
  const heard = await Promise.all(watches.map((watch) => madeAsTold(watch, changes)));
  await writing;
  assert.equal(new Set(heard[0]).size, changes);
  for (const one of heard) assert.deepEqual(one, heard[0]);
});

test('29. a watcher that reads nothing holds up nobody else', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const { metadata } = await done(target, 'GET', maps);
  await using _asleep = await target.watch(`${maps}?watch=true&resourceVersion=${metadata.resourceVersion}&labelSelector=big`);
  await using awake = await follow(target, maps, metadata.resourceVersion, 'labelSelector=big');
  const data = { text: 'x'.repeat(200_000) };
  const write = async () => {
    for (let n = 0; n < 20; n++) await done(target, 'POST', maps, { metadata: { name: `m${n}`, labels: { big: '' } }, data });
  };
  // Read while it is written: who does not is the other one.
  const [heard] = await Promise.all([madeAsTold(awake, 20), write()]);
  assert.equal(heard.at(-1), 'm19');
});

test('57. selectable fields of a custom kind select in lists, watches and deletions; other fields are refused', async () => {
  await using ns = await target.namespace();
  const properties = { spec: { type: 'object', properties: { color: { type: 'string' }, n: { type: 'integer' } } } };
  await using custom = await things(target, { properties, version: { selectableFields: [{ jsonPath: '.spec.color' }] } });
  const path = custom.path(ns.name);
  const make = (name: string, color: string) =>
    done(target, 'POST', path, { apiVersion: `${custom.group}/v1`, kind: 'Thing', metadata: { name }, spec: { color, n: 1 } });
  await make('a', 'red');
  await make('b', 'blue');
  const red = 'fieldSelector=spec.color%3Dred';
  assert.deepEqual(
    (await done(target, 'GET', `${path}?${red}`)).items.map((item: any) => item.metadata.name),
    ['a'],
  );
  await using events = await target.watch(`${path}?watch=true&${red}`);
  assert.deepEqual(await told(events, 1), ['ADDED a']);
  const other = await target.ask('GET', `${path}?fieldSelector=spec.n%3D1`);
  assert.deepEqual([other.status, other.json.message], [400, 'field label not supported: spec.n']);
  await done(target, 'DELETE', `${path}?${red}`);
  assert.deepEqual(
    (await done(target, 'GET', path)).items.map((item: any) => item.metadata.name),
    ['b'],
  );
});
