import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Namespace, EventsEvent, Pod, Secret } from '@binnacle/client/kinds';
import { controller, watch } from '../src/controller.ts';
import { eventRecorder } from '../src/events/recorder.ts';
import { finalizer } from '../src/finalizer.ts';
import { logger, silentLogger } from '../src/logger.ts';
import { noMetrics } from '../src/metrics/metrics.ts';
import { prometheus } from '../src/metrics/prometheus.ts';
import { healthServer } from '../src/metrics/server.ts';
import { operator } from '../src/operator/operator.ts';
import { rbacOf } from '../src/operator/rbac.ts';
import { done, waitFor } from '../src/outcome.ts';
import { step } from '../src/step.ts';
import { fakeApi } from './fake-api.ts';
import { virtualClock } from './clock.ts';
import { condition, putWidget, running } from './run.ts';
import { PLACE, Widget } from './widget.ts';

test('an operator may do what its controllers declare, and nothing else', () => {
  const grants = [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }];
  const widgets = controller(Widget, {
    steps: [finalizer('example.com/f', Widget, {}, async () => done), step('config', Widget, { owns: [ConfigMap], reads: [Secret], grants }, async () => done)],
    watches: [watch(Pod, () => [])],
  });
  const [account, role, binding, leader, leaderBinding] = rbacOf(operator({ name: 'test', controllers: [widgets] }), {
    namespace: 'system',
    serviceAccount: 'test-operator',
  });
  const meta = { name: 'test-operator' };
  const subjects = [{ kind: 'ServiceAccount', name: 'test-operator', namespace: 'system' }];
  assert.deepEqual(account, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...meta, namespace: 'system' } });
  assert.deepEqual(role!['rules'], [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
    { apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get', 'list', 'watch', 'patch'] },
    { apiGroups: ['example.com'], resources: ['widgets/finalizers'], verbs: ['update'] },
    { apiGroups: ['example.com'], resources: ['widgets/status'], verbs: ['patch'] },
    ...grants,
  ]);
  assert.deepEqual(binding!['roleRef'], { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'test-operator' });
  assert.deepEqual(binding!['subjects'], subjects);
  assert.deepEqual(leader!['rules'], [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: ['test-operator'], verbs: ['get', 'update'] },
  ]);
  assert.equal(leaderBinding!.metadata.namespace, 'system');
});

test('with namespaces to look after it has its rights there alone, and in all for what is in none', () => {
  const grants = [{ apiGroups: [''], resources: ['pods/log', 'nodes'], verbs: ['get'] }];
  const widgets = controller(Widget, { steps: [step('config', Widget, { owns: [ConfigMap], reads: [Namespace], grants }, async () => done)] });
  const objects = rbacOf(operator({ name: 'test', controllers: [widgets] }), { namespace: 'system', serviceAccount: 'test', namespaces: ['a', 'b'] });
  const rules = (kind: string, namespace?: string) =>
    objects.find((one) => one.kind === kind && one.metadata.name === 'test' && one.metadata.namespace === namespace)!['rules'];
  assert.deepEqual(rules('ClusterRole'), [
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
  ]);
  assert.deepEqual(rules('Role', 'a'), [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
    { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['example.com'], resources: ['widgets/finalizers'], verbs: ['update'] },
    { apiGroups: ['example.com'], resources: ['widgets/status'], verbs: ['patch'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  ]);
  assert.deepEqual(rules('Role', 'b'), rules('Role', 'a'));
  const bindings = objects
    .filter(({ kind }) => kind.endsWith('Binding'))
    .map(({ kind, metadata, roleRef }) => [kind, metadata.namespace, (roleRef as any).kind]);
  assert.deepEqual(bindings, [
    ['ClusterRoleBinding', undefined, 'ClusterRole'],
    ['RoleBinding', 'a', 'Role'],
    ['RoleBinding', 'b', 'Role'],
    ['RoleBinding', 'system', 'Role'],
  ]);
});

test('a controller that writes into objects of its own kind may neither make nor delete them', () => {
  const widgets = controller(Widget, { steps: [step('begin', Widget, { owns: [Widget] }, async () => done)] });
  const [, role] = rbacOf(operator({ name: 'test', controllers: [widgets] }), { namespace: 'system', serviceAccount: 'test-operator' });
  const rules = role!['rules'] as readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  assert.deepEqual(rules.find(({ resources }) => resources.includes('widgets'))?.verbs, ['get', 'list', 'watch', 'patch']);
});

test('two controllers of one name are refused: they would undo each other’s writes', () => {
  const widgets = controller(Widget, { steps: [] });
  assert.throws(() => operator({ name: 'test', controllers: [widgets, widgets] }), /two controllers named widget/);
});

test('an Event that repeats is counted on the first one, and too many of one reason are dropped: they keep back no other', async () => {
  const api = fakeApi();
  const clock = virtualClock();
  putWidget(api, { size: 1 });
  const recorder = eventRecorder({ api, clock, log: silentLogger, metrics: noMetrics, controller: 'test-widget', instance: 'a' });
  const object = await api.get(Widget, PLACE);
  const record = (message: string) => recorder.record(object, { type: 'Normal', reason: 'Scaled', message, action: 'Scale' });
  for (let times = 0; times < 3; times++) record('to 3');
  await recorder.flush();
  const { items } = await api.list(EventsEvent);
  assert.equal(items.length, 1);
  assert.deepEqual(
    [items[0]!.note, items[0]!.series?.count, items[0]!.regarding?.uid, items[0]!.eventTime],
    ['to 3', 3, object.metadata.uid, '2026-01-01T00:00:00.000000Z'],
  );
  for (let times = 0; times < 100; times++) record(`to ${times + 10}`);
  await recorder.flush();
  assert.equal((await api.list(EventsEvent)).items.length, 23);
  recorder.record(object, { type: 'Normal', reason: 'Decommissioning', message: 'one node', action: 'Scale' });
  await recorder.flush();
  assert.equal((await api.list(EventsEvent)).items.length, 24);
  await clock.advance(300_000);
  record('at last');
  await recorder.flush();
  assert.equal((await api.list(EventsEvent)).items.length, 25);
});

test('Events that the server refuses delay and fail nothing', async () => {
  const api = fakeApi();
  api.before = ({ kind }) => {
    if (kind === 'Event') throw new Error('no events here');
  };
  putWidget(api, { size: 1 });
  await using it = running(api, [controller(Widget, { steps: [step('work', Widget, {}, async () => done)] })]);
  await it.quiet();
  assert.equal(condition(api, 'Ready')?.status, 'True');
});

test('how many objects are not Ready is told, by controller: those that wait, are refused or fail, until they are well or gone', async () => {
  const metrics = prometheus();
  const api = fakeApi();
  const look = step('look', Widget, {}, async ({ spec }) => {
    if (spec.colour === 'odd') throw new Error('no way');
    return spec.size > 1 ? waitFor('TooLarge', 'shrink it') : done;
  });
  await using it = running(api, [controller(Widget, { steps: [look] })], { metrics });
  const told = async () => /^runtime_objects_not_ready\{controller="widget"\} (\d+)$/m.exec(await metrics.registry.metrics())?.[1];
  putWidget(api, { size: 1 }, 'well');
  await it.quiet();
  assert.equal(await told(), '0');
  putWidget(api, { size: 2 }, 'waits');
  putWidget(api, { size: 1, colour: 'odd' }, 'fails');
  await it.quiet();
  assert.equal(await told(), '2');
  api.meddle(Widget, { ...PLACE, name: 'waits' }, (object) => ({ ...object, metadata: { ...object['metadata'], generation: 2 }, spec: { size: 1 } }));
  await it.quiet();
  assert.equal(await told(), '1');
  api.meddle(Widget, { ...PLACE, name: 'fails' }, () => undefined);
  await it.quiet();
  assert.equal(await told(), '0');
});

test('dashboards made for controller-runtime find their names, and probes their paths', async () => {
  const metrics = prometheus();
  const api = fakeApi();
  putWidget(api, { size: 1 });
  await using it = running(api, [controller(Widget, { steps: [step('work', Widget, {}, async () => done)] })], { metrics });
  await it.quiet();
  let ready = false;
  await using server = await healthServer({ registry: metrics.registry, live: () => true, ready: () => ready, port: 0 });
  // oxlint-disable-next-line no-restricted-globals -- the test is the client
  const get = async (path: string) => await fetch(`http://127.0.0.1:${server.port}${path}`);
  const text = await (await get('/metrics')).text();
  for (const line of [
    'controller_runtime_reconcile_total{controller="widget",result="success"} 1',
    'workqueue_adds_total{name="widget",controller="widget"} 1',
    'workqueue_depth{name="widget",controller="widget"} 0',
    'runtime_cache_objects{kind="example.com/v1/widgets"} 1',
  ]) {
    assert.ok(text.includes(line), `${line} is missing in\n${text}`);
  }
  assert.match(text, /rest_client_requests_total\{code="200",method="PATCH"\} 1/);
  assert.deepEqual([(await get('/healthz')).status, (await get('/readyz')).status, (await get('/secrets')).status], [200, 503, 404]);
  ready = true;
  assert.equal((await get('/readyz')).status, 200);
});

test('a log line names what it is about and never a password', () => {
  const lines: string[] = [];
  const log = logger({ level: 'info', destination: { write: (line) => void lines.push(line) } }).child({ controller: 'widget' });
  log.info({ object: PLACE, login: { user: 'root', Password: 'hunter2', list: [{ apiToken: 'hunter2' }] }, reason: 'Ready' }, 'connected');
  log.debug({}, 'not at this level');
  assert.equal(lines.length, 1);
  assert.ok(!lines[0]!.includes('hunter2'), lines[0]);
  const { level, controller: name, object, login, message } = JSON.parse(lines[0]!);
  assert.deepEqual([level, name, object, login.user, message], ['info', 'widget', PLACE, 'root', 'connected']);
});
