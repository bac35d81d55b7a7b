import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { ConfigMap, DaemonSet, PersistentVolumeClaim, Role, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { DorisCluster, DorisMonitor } from '../src/index.ts';
import type { MonitorStatus } from '../src/api/doris-monitor.ts';
import DASHBOARDS from '../src/monitor/dashboards.gen.json' with { type: 'json' };
import { PodMonitor, PrometheusRule, ServiceMonitor } from '../src/monitor/objects/pod-monitor.ts';
import { METRICS, sourceUid } from '../src/monitor/objects/source.ts';
import { withPrometheusOperator } from './prometheus-operator.ts';
import { doris, example } from './subject.ts';

const user = { fieldManager: 'user', force: true };
const at = { namespace: 'default', name: 'basic' };
const named = (name: string) => ({ namespace: 'default', name });

test('a monitor comes up, loses its logs when they are switched off, and gives back what it had when it goes', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  const monitor = example('monitor.yaml');
  await w.api.apply(DorisMonitor, monitor, user);
  await w.until(DorisMonitor, at, (now) => conditionOf(now, 'Ready')?.reason === 'SecretMissing');
  const secret = { metadata: named('grafana-admin'), type: 'Opaque', data: { password: Buffer.from('hidden').toString('base64') } };
  await w.api.apply(Secret, secret, user);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  const status = (await w.find(DorisMonitor, at))?.status as MonitorStatus;
  assert.deepEqual([status.prometheus?.ready, status.grafana?.ready, status.loki?.ready, status.promtail?.ready], [true, true, true, true]);
  assert.equal(status.stage, 'completed');
  assert.ok(!JSON.stringify(await w.find(StatefulSet, named('basic-grafana'))).includes('hidden'));

  const without = { ...monitor, spec: { ...monitor.spec, disableLoki: true } };
  await w.api.apply(DorisMonitor, without, user);
  await w.until(ConfigMap, named('basic-loki-config'), (now) => now === undefined);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  assert.equal(await w.find(StatefulSet, named('basic-loki')), undefined);
  assert.equal(await w.find(Service, named('basic-loki')), undefined);
  assert.equal(await w.find(DaemonSet, named('basic-promtail')), undefined);
  assert.match((await w.find(ConfigMap, named('basic-grafana-secret')))?.data?.['datasource.yml'] ?? '', /deleteDatasources:\n {2}- name: doris-logs/);

  await w.api.delete(DorisMonitor, at);
  await w.until(ConfigMap, named('basic-promtheus-config'), (now) => now === undefined);
  await w.until(StatefulSet, named('basic-prometheus'), (now) => now === undefined);
  assert.ok(await w.find(Role, named('doris-monitor')), 'other monitors use it');
});

test('a monitor without a size for its volume is told so', { timeout: 60_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  const monitor = example('monitor.yaml');
  const bad = { ...monitor, spec: { cluster: 'basic', prometheus: { image: '' } } };
  await w.api.apply(DorisMonitor, bad, user);
  await w.until(DorisMonitor, at, (now) => conditionOf(now, 'Ready')?.reason === 'InvalidSpec');
  assert.match(conditionOf(await w.find(DorisMonitor, at), 'Ready')?.message ?? '', /spec\.prometheus\.requests\.storage/);
});

test('of two monitors of one cluster the older one goes on, whatever their names, and the other takes over when it goes', { timeout: 60_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  const spec = { cluster: 'basic', prometheus: { image: '', requests: { storage: '1Gi' } } };
  const [older, younger] = [named('second'), named('first')];
  await w.api.apply(DorisMonitor, { metadata: older, spec }, user);
  await w.until(DorisMonitor, older, (now) => isReady(now));
  await w.clock.advance(2_000);
  await w.api.apply(DorisMonitor, { metadata: younger, spec }, user);
  await w.until(DorisMonitor, younger, (now) => conditionOf(now, 'Ready')?.reason === 'AlreadyMonitored');
  await w.clock.advance(600_000);
  assert.ok(isReady(await w.find(DorisMonitor, older)));
  assert.equal(await w.find(StatefulSet, named('first-prometheus')), undefined, 'its pods would be the other one’s');

  await w.api.delete(DorisMonitor, older);
  await w.until(DorisMonitor, younger, (now) => isReady(now));
});

test('a monitor says whether there is a cluster to watch over, as it comes and goes', { timeout: 60_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  const found = (status: string) => w.until(DorisMonitor, at, (now) => isReady(now) && conditionOf(now, 'ClusterFound')?.status === status);
  const spec = { cluster: 'basic', grafana: { image: '', requests: { storage: '1Gi' } } };
  await w.api.apply(DorisMonitor, { metadata: at, spec }, user);
  await found('False');
  assert.match(conditionOf(await w.find(DorisMonitor, at), 'ClusterFound')?.message ?? '', /no DorisCluster basic in namespace default: nothing is scraped/);
  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  await found('True');
  await w.api.delete(DorisCluster, at);
  await found('False');
});

test('charts point at the data source under the uid that existing dashboards use', () => {
  assert.equal(sourceUid(METRICS), 'PEB833E60655F2EBA');
  for (const { panels } of Object.values(DASHBOARDS)) {
    assert.deepEqual([...new Set(panels.flatMap((panel) => ('datasource' in panel ? [panel.datasource.uid] : [])))], ['PEB833E60655F2EBA']);
    assert.equal(new Set(panels.map((panel) => panel.id)).size, panels.length);
  }
});

test('who votes decides what is alarming: observers do not, and a cluster that grows is heard of', async () => {
  await using w = await world([doris]);
  w.start(doris);
  const rulesOf = async () => (await w.find(ConfigMap, named('basic-promtheus-config')))?.data?.['rules.yml'] ?? '';
  await w.api.apply(DorisMonitor, example('monitor.yaml'), user);
  await w.until(ConfigMap, named('basic-promtheus-config'), (now) => now !== undefined);
  assert.match(await rulesOf(), /of 1 voting front ends/);
  const component = (name: string, replicas: number) => ({ baseImage: `ghcr.io/linsoss/doris-${name}`, replicas, requests: { storage: '1Gi' } });
  const cluster = { metadata: { namespace: 'default', name: 'basic' }, spec: { version: '2.0.3', fe: { ...component('fe', 4), followers: 3 } } };
  await w.api.apply(DorisCluster, cluster, user);
  await w.until(ConfigMap, named('basic-promtheus-config'), (now) => now?.data?.['rules.yml']?.includes('basic-fe-(0|1|2)') === true);
  assert.match(await rulesOf(), /DorisQuorumAtRisk/);
});

test('a larger size of a part grows its volume in place', async () => {
  await using w = await world([doris]);
  w.start(doris);
  const sized = (storage: string) => ({
    metadata: at,
    spec: { cluster: 'basic', prometheus: { image: '', requests: { storage } }, loki: { image: '', requests: { storage: '2Gi' } } },
  });
  const capacity = async (claim: string) => (await w.find(PersistentVolumeClaim, named(claim)))?.status?.capacity?.['storage'];
  await w.api.apply(DorisMonitor, sized('1Gi'), user);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  await w.api.apply(DorisMonitor, sized('3Gi'), user);
  await w.until(PersistentVolumeClaim, named('prometheus-data-basic-prometheus-0'), (now) => now?.status?.capacity?.['storage'] === '3Gi');
  await w.until(DorisMonitor, at, (now) => isReady(now));
  assert.deepEqual([await capacity('prometheus-data-basic-prometheus-0'), await capacity('loki-data-basic-loki-0')], ['3Gi', '2Gi']);
});

test('Alloy takes the place of Promtail, and both at once are refused', async () => {
  await using w = await world([doris]);
  w.start(doris);
  const loki = { image: '', requests: { storage: '1Gi' } };
  const wanted = (shippers: object) => ({ metadata: at, spec: { cluster: 'basic', loki, ...shippers } }) as never;
  await w.api.apply(DorisMonitor, wanted({ promtail: { image: '' } }), user);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  await w.api.apply(DorisMonitor, wanted({ promtail: { image: '' }, alloy: { image: '' } }), user);
  await w.until(DorisMonitor, at, (now) => conditionOf(now, 'Ready')?.reason === 'InvalidSpec');
  assert.match(conditionOf(await w.find(DorisMonitor, at), 'Ready')?.message ?? '', /spec\.alloy.*sent twice/);
  await w.api.apply(DorisMonitor, wanted({ alloy: { image: '' } }), user);
  await w.until(DaemonSet, named('basic-promtail'), (now) => now === undefined);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  const status = (await w.find(DorisMonitor, at))?.status as MonitorStatus;
  assert.deepEqual([status.alloy?.ready, status.promtail], [true, undefined]);
  assert.equal(await w.find(ConfigMap, named('basic-promtail-config')), undefined);
  assert.match((await w.find(ConfigMap, named('basic-alloy-config')))?.data?.['config.alloy'] ?? '', /basic-loki\.default:3100/);
});

test('what Prometheus Operator reads is made where its kind is, goes when it is not wanted, and is said to be missing elsewhere', async () => {
  const wanted = (parts: object) => ({ metadata: at, spec: { cluster: 'basic', ...parts } }) as never;
  {
    await using w = await world([doris]);
    w.start(doris);
    await w.api.apply(DorisMonitor, wanted({ podMonitor: {}, prometheusRule: {} }), user);
    await w.until(DorisMonitor, at, (now) => isReady(now));
    const now = await w.find(DorisMonitor, at);
    for (const type of ['PodMonitorMade', 'PrometheusRuleMade']) assert.equal(conditionOf(now, type)?.reason, 'NoPrometheusOperator');
    assert.equal(conditionOf(now, 'ServiceMonitorMade'), undefined);
  }
  const { subject: read, install } = withPrometheusOperator();
  await using w = await world([read]);
  await install(w);
  w.start(read);
  const [labels, interval] = [{ release: 'ours' }, '30s'];
  await w.api.apply(DorisMonitor, wanted({ podMonitor: { labels, interval }, prometheusRule: { labels } }), user);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  const ports = [
    ['http-port', '30s'],
    ['webserver-port', '30s'],
  ];
  const made = await w.find(PodMonitor, named('basic-doris'));
  assert.equal(made?.metadata.labels?.['release'], 'ours');
  assert.deepEqual(
    made?.spec.podMetricsEndpoints.map((one) => [one.port, one.interval]),
    ports,
  );
  const rule = await w.find(PrometheusRule, named('basic-doris'));
  assert.equal(rule?.metadata.labels?.['release'], 'ours');
  const expressions = rule?.spec.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)) ?? [];
  assert.ok(expressions.length > 8);
  for (const one of expressions)
    assert.match(
      one,
      /^\(.*\) and on \(kubernetes_namespace, cluster\) .*kubernetes_namespace="default",cluster="basic"/s,
      'one Prometheus may have many clusters',
    );

  await w.api.apply(DorisMonitor, wanted({ serviceMonitor: { labels, interval } }), user);
  await w.until(PodMonitor, named('basic-doris'), (now) => now === undefined);
  await w.until(PrometheusRule, named('basic-doris'), (now) => now === undefined);
  const services = await w.find(ServiceMonitor, named('basic-doris'));
  assert.deepEqual(
    services?.spec.endpoints.map((one) => [one.port, one.interval, one.relabelings[0]?.regex]),
    ports.map((one) => [...one, '.+-peer']),
  );
  await w.api.apply(DorisMonitor, wanted({ serviceMonitor: {}, podMonitor: {} }), user);
  await w.until(DorisMonitor, at, (now) => conditionOf(now, 'Ready')?.reason === 'InvalidSpec');
});

test('a part that could not start with one image starts with the next one, and tells why it does not meanwhile', async () => {
  await using w = await world([doris]);
  w.start(doris);
  const running = (image: string) => ({ metadata: at, spec: { cluster: 'basic', prometheus: { image, requests: { storage: '1Gi' } } } }) as never;
  await w.api.apply(DorisMonitor, running(''), user);
  await w.until(DorisMonitor, at, (now) => isReady(now));
  await w.api.apply(DorisMonitor, running('registry.example/no-such:1'), user);
  await w.until(DorisMonitor, at, (now) => /basic-prometheus-0: ErrImagePull/.test(conditionOf(now, 'Ready')?.message ?? ''));
  await w.api.apply(DorisMonitor, running(''), user);
  await w.until(DorisMonitor, at, (now) => isReady(now) && now?.status?.observedGeneration === now?.metadata.generation);
});
