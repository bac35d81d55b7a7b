import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, EventsEvent, Pod } from '@binnacle/client/kinds';
import type { Spec } from '../src/api/spec.ts';
import { showSettings } from '../src/sql/back-end-http.ts';
import { showSetting } from '../src/sql/settings.ts';
import { SHOW_OWN } from '../src/sql/statements.ts';
import { AT, login, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const never = new AbortController().signal;
type Config = Readonly<Record<string, string>>;

const configured = (fe: Config, be: Config = {}, frontEnds = 1): Spec => {
  const spec = sized(frontEnds, 2);
  return { ...spec, fe: { ...spec.fe!, config: fe }, be: { ...spec.be!, config: be } };
};

/** Which pods there are: another one of the same name has another uid. */
async function uids(s: Story): Promise<Readonly<Record<string, string>>> {
  const { items } = await s.w.api.list(Pod, { namespace: AT.namespace });
  return Object.fromEntries(items.map((pod) => [pod.metadata.name, pod.metadata.uid]));
}

async function onFrontEnd(s: Story, ordinal: number, key: string): Promise<string | undefined> {
  let value: string | undefined;
  await login(s.w, `prod-fe-${ordinal}`, async (fe) => {
    await fe.query(SHOW_OWN, never);
    value = (await showSetting(fe, key, never))?.value;
  });
  return value;
}

async function onMaster(s: Story, key: string): Promise<string | undefined> {
  const master = (await s.frontends()).find((one) => one.master)!;
  return await onFrontEnd(s, Number(/-fe-(\d+)\./.exec(master.host)![1]), key);
}

async function onBackEnd(s: Story, ordinal: number, key: string): Promise<string | undefined> {
  const at = { host: `prod-be-${ordinal}.prod-be-peer.default.svc.cluster.local`, port: 8040, account: { user: '', password: '' } };
  let over = false;
  const asked = showSettings({ network: s.w.sandbox.network, clock: s.w.clock }, at, never).finally(() => (over = true));
  asked.catch(() => undefined);
  await s.w.clock.until(() => over);
  return (await asked).get(key)?.value;
}

async function line(s: Story, map: string, file: string, key: string): Promise<string | undefined> {
  const { data } = await s.w.api.get(ConfigMap, { namespace: AT.namespace, name: map });
  return data?.[file]?.split('\n').find((one) => one.startsWith(`${key}=`));
}

async function reasons(s: Story): Promise<readonly string[]> {
  return (await s.w.api.list(EventsEvent, { namespace: AT.namespace })).items.map((one) => one.reason ?? '');
}

const condition = async (s: Story) => (await s.cluster()).status?.conditions?.find((one) => one.type === 'ConfigurationCurrent');

test('what Doris takes while it runs it is told: every front end and back end has it, the file too, and no pod restarts', async () => {
  await using s = await story();
  await s.apply(configured({}, {}, 3));
  await s.ready();
  const before = await uids(s);
  await s.apply(configured({ qe_slow_log_ms: '900', max_running_txn_num_per_db: '77' }, { streaming_load_max_mb: '500' }, 3));
  await s.ready();
  assert.deepEqual(await uids(s), before);
  for (const ordinal of [0, 1, 2]) assert.equal(await onFrontEnd(s, ordinal, 'qe_slow_log_ms'), '900');
  assert.equal(await onMaster(s, 'max_running_txn_num_per_db'), '77');
  for (const ordinal of [0, 1]) assert.equal(await onBackEnd(s, ordinal, 'streaming_load_max_mb'), '500');
  assert.equal(await line(s, 'prod-fe-config', 'fe.conf', 'qe_slow_log_ms'), 'qe_slow_log_ms=900');
  assert.equal(await line(s, 'prod-be-config', 'be.conf', 'streaming_load_max_mb'), 'streaming_load_max_mb=500');
  assert.equal((await condition(s))?.reason, 'Told');
  assert.ok((await reasons(s)).includes('ConfigurationTold'));

  // Whoever restarts starts with it.
  await s.w.api.delete(Pod, { namespace: AT.namespace, name: 'prod-be-1' });
  await s.w.clock.advance(5_000);
  await s.ready();
  assert.equal(await onBackEnd(s, 1, 'streaming_load_max_mb'), '500');

  // Another value, and then none: what held before holds again, still without a restart.
  const now = await uids(s);
  await s.apply(configured({ qe_slow_log_ms: '901' }, {}, 3));
  await s.ready();
  for (const ordinal of [0, 1, 2]) assert.equal(await onFrontEnd(s, ordinal, 'qe_slow_log_ms'), '901');
  assert.equal(await onMaster(s, 'max_running_txn_num_per_db'), '1000');
  assert.equal(await onBackEnd(s, 0, 'streaming_load_max_mb'), '10240');
  assert.deepEqual(await uids(s), now);
});

test('Doris from 2.1 on passes what is the master’s to the master: whoever leads has it, and no pod restarts for it', async () => {
  await using s = await story();
  const newer = (config: Config): Spec => ({ ...configured(config, {}, 3), version: '2.1.7' });
  await s.apply(newer({}));
  await s.ready();
  const before = await uids(s);
  await s.apply(newer({ max_running_txn_num_per_db: '77', qe_slow_log_ms: '900' }));
  await s.ready();
  assert.deepEqual(await uids(s), before);
  for (const ordinal of [0, 1, 2]) assert.equal(await onFrontEnd(s, ordinal, 'qe_slow_log_ms'), '900');
  assert.equal(await onMaster(s, 'max_running_txn_num_per_db'), '77');
  const led = (await s.frontends()).find((one) => one.master)!.host.split('.')[0]!;
  await s.w.api.delete(Pod, { namespace: AT.namespace, name: led });
  await s.w.clock.advance(5_000);
  await s.ready();
  assert.ok(!(await s.frontends()).find((one) => one.master)!.host.startsWith(`${led}.`), 'nobody else leads');
  assert.equal(await onMaster(s, 'max_running_txn_num_per_db'), '77');
});

test('a node that comes back with an older file, or that somebody set otherwise, is told again', async () => {
  await using s = await story();
  await s.apply(configured({ qe_slow_log_ms: '4000' }));
  await s.ready();
  await s.apply(configured({ qe_slow_log_ms: '900' }));
  await s.ready();
  await s.sql('ADMIN SET FRONTEND CONFIG ("qe_slow_log_ms" = "4000")');
  await s.w.clock.advance(120_000);
  assert.equal(await onFrontEnd(s, 0, 'qe_slow_log_ms'), '900');
  // And back to what pods started with: the pods' template is what it was all along, and the node is not.
  await s.apply(configured({ qe_slow_log_ms: '4000' }));
  await s.ready();
  assert.equal(await onFrontEnd(s, 0, 'qe_slow_log_ms'), '4000');
});

for (const [what, from, to] of [
  ['cannot be set on running nodes', {}, { sys_log_level: 'WARN' }],
  ['is no setting that nodes know', {}, { JAVA_OPTS: '-Dx=y' }],
  ['comes with one that can be set', {}, { qe_slow_log_ms: '900', sys_log_level: 'WARN' }],
  ['is taken out', { qe_slow_log_ms: '900' }, {}],
  ['is new and has the value that held before', {}, { qe_slow_log_ms: '5000' }],
] as const satisfies readonly (readonly [string, Config, Config])[]) {
  test(`a line that ${what} takes effect by a restart`, async () => {
    await using s = await story();
    await s.apply(configured(from));
    await s.ready();
    const before = await uids(s);
    await s.apply(configured(to));
    await s.w.until(Pod, { namespace: AT.namespace, name: 'prod-fe-0' }, (now) => now !== undefined && now.metadata.uid !== before['prod-fe-0']);
    await s.ready();
    const { 'prod-fe-0': _, ...others } = before;
    const { 'prod-fe-0': __, ...rest } = await uids(s);
    assert.deepEqual(rest, others, 'back ends restarted too');
    assert.ok((await reasons(s)).includes('ConfigurationNeedsRestart'));
    assert.equal((await condition(s))?.reason, 'AsStarted');
  });
}

test('a value that Doris refuses is told, and restarts nothing; the next one heals it', async () => {
  await using s = await story();
  await s.apply(configured({ qe_slow_log_ms: '4000' }));
  await s.ready();
  const before = await uids(s);
  await s.apply(configured({ qe_slow_log_ms: 'soon' }));
  await s.reason('ConfigurationNotTold');
  assert.match((await condition(s))?.message ?? '', /qe_slow_log_ms.*type mismatch/);
  await s.apply(configured({ qe_slow_log_ms: '900' }));
  await s.ready();
  assert.equal(await onFrontEnd(s, 0, 'qe_slow_log_ms'), '900');
  assert.deepEqual(await uids(s), before);
});

test('with no front end there to ask, a change is left to the start that comes anyway', async () => {
  await using s = await story();
  await s.apply(configured({}));
  await s.ready();
  const before = (await s.set('fe')).metadata.generation;
  await s.w.api.delete(Pod, { namespace: AT.namespace, name: 'prod-fe-0' });
  await s.apply(configured({ qe_slow_log_ms: '900' }));
  await s.ready();
  assert.equal(await onFrontEnd(s, 0, 'qe_slow_log_ms'), '900');
  assert.notEqual((await s.set('fe')).metadata.generation, before);
});
