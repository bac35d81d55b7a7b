import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG, DEFINITIONS, PATCH, testServer, THING, thingDefinition, THINGS } from './server.ts';
import type { Answer } from './server.ts';

const form = (as: string) => ({ accept: `application/json;as=${as};v=v1;g=meta.k8s.io` });
const [TABLE, ONE, SEVERAL] = [form('Table'), form('PartialObjectMetadata'), form('PartialObjectMetadataList')];
const AUTOSCALERS = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const DAEMONS = '/apis/apps/v1/namespaces/default/daemonsets';
const cells = ({ json }: Answer) => json.rows.map((row: any) => row.cells);
const types = ({ json }: Answer) => Object.fromEntries(json.columnDefinitions.map((column: any) => [column.name, column.type]));

test('metadata alone is asked for of one object or of a list; the other is not acceptable, and of a custom object a failure', async () => {
  await using world = await testServer();
  await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.equal((await world.ask('GET', `${CONFIG}/a`, undefined, ONE)).json.kind, 'PartialObjectMetadata');
  assert.equal((await world.ask('GET', CONFIG, undefined, SEVERAL)).json.items[0].kind, 'PartialObjectMetadata');
  assert.equal((await world.ask('GET', `${CONFIG}/a`, undefined, SEVERAL)).status, 406);
  assert.equal((await world.ask('GET', CONFIG, undefined, ONE)).status, 406);
  assert.equal((await world.ask('GET', `${CONFIG}/none`, undefined, SEVERAL)).status, 404);
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 'a' } });
  const { status, json } = await world.ask('GET', `${THINGS}/a`, undefined, SEVERAL);
  assert.deepEqual([status, json.message], [500, 'content is not a list']);
});

test('no metadata is null, and so is no row of a kind without a table; lists of custom kinds do not say in these forms that there is no more', async () => {
  await using world = await testServer();
  assert.equal((await world.ask('GET', CONFIG, undefined, SEVERAL)).json.items, null);
  assert.deepEqual((await world.ask('GET', CONFIG, undefined, TABLE)).json.rows, []);
  assert.equal((await world.ask('GET', '/api/v1/namespaces/default/limitranges', undefined, TABLE)).json.rows, null);
  await world.ask('POST', DEFINITIONS, thingDefinition());
  assert.equal((await world.ask('GET', THINGS)).json.metadata.continue, '');
  for (const as of [TABLE, SEVERAL]) assert.equal('continue' in (await world.ask('GET', THINGS, undefined, as)).json.metadata, false);
});

test('the generation of a DaemonSet’s template is an annotation of the object, not of its metadata alone, and no status changes it', async () => {
  await using world = await testServer();
  const labels = { app: 'x' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await world.ask('POST', DAEMONS, { metadata: { name: 'd', annotations: { a: 'b' } }, spec: { selector: { matchLabels: labels }, template } });
  assert.deepEqual((await world.ask('GET', `${DAEMONS}/d`, undefined, ONE)).json.metadata.annotations, { a: 'b' });
  assert.deepEqual((await world.ask('GET', DAEMONS, undefined, TABLE)).json.rows[0].object.metadata.annotations, { a: 'b' });
  const { json } = await world.ask('PATCH', `${DAEMONS}/d/status`, { metadata: { annotations: null } }, PATCH.merge);
  assert.deepEqual(json.metadata.annotations, { 'deprecated.daemonset.template.generation': '1' });
});

test('tables tell types and cells as the real server does, also of what an autoscaler measures', async () => {
  await using world = await testServer();
  await world.ask('POST', CONFIG, { metadata: { name: 'a' }, data: { x: '1' } });
  const maps = await world.ask('GET', CONFIG, undefined, TABLE);
  assert.deepEqual([types(maps)['Data'], cells(maps)[0][1]], ['string', 1]);
  const utilization = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
  const value = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } };
  const third = { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '5' } } };
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  for (const [name, metrics] of [
    ['one', [utilization]],
    ['two', [value, third]],
    ['three', [utilization, value, third]],
  ] as const)
    await world.ask('POST', AUTOSCALERS, { metadata: { name }, spec: { scaleTargetRef, maxReplicas: 3, metrics } });
  const scalers = await world.ask('GET', AUTOSCALERS, undefined, TABLE);
  assert.deepEqual([types(scalers)['MaxPods'], types(scalers)['Replicas']], ['string', 'string']);
  assert.deepEqual(
    cells(scalers).map((row: any) => row[2]),
    ['cpu: <unknown>/50%', 'cpu: <unknown>/50%, memory: <unknown>/1Gi + 1 more...', 'memory: <unknown>/1Gi, <unknown>/5'],
  );
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
  const crons = '/apis/batch/v1/namespaces/default/cronjobs';
  await world.ask('POST', crons, { metadata: { name: 'c' }, spec: { schedule: '@hourly', jobTemplate: { spec: { template } } } });
  assert.equal(cells(await world.ask('GET', crons, undefined, TABLE))[0][3], 'False');
});

test('a scale has a table and metadata of its own', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 'a' }, spec: { size: 2 } });
  const table = await world.ask('GET', `${THINGS}/a/scale`, undefined, TABLE);
  assert.deepEqual(types(table), { Name: 'string', Desired: 'integer', Available: 'integer', Age: 'date' });
  assert.deepEqual(cells(table)[0].slice(0, 3), ['a', 2, 0]);
  const { json } = await world.ask('GET', `${THINGS}/a/scale`, undefined, ONE);
  assert.deepEqual([json.kind, json.metadata.name, json.spec], ['PartialObjectMetadata', 'a', undefined]);
  assert.equal((await world.ask('GET', `${THINGS}/a/scale`, undefined, SEVERAL)).status, 406);
});

test('the hosts of an Ingress: those that are named, three of them; any host where none is', async () => {
  await using world = await testServer();
  const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
  const defaultBackend = { service: { name: 's', port: { number: 80 } } };
  const hosts = async (name: string, ...all: readonly string[]) => {
    const rules = all.map((host) => (host === '' ? {} : { host }));
    assert.equal((await world.ask('POST', ingresses, { metadata: { name }, spec: { defaultBackend, rules } })).status, 201);
    return cells(await world.ask('GET', `${ingresses}/${name}`, undefined, TABLE))[0][2];
  };
  assert.equal(await hosts('a'), '*');
  assert.equal(await hosts('b', 'x.example.com', ''), 'x.example.com');
  assert.equal(await hosts('c', 'a.b', 'b.b', 'c.b', 'd.b'), 'a.b,b.b,c.b + 1 more...');
});
