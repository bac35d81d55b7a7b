import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady, conditionOf } from '@binnacle/client';
import { ConfigMap, Job, PersistentVolumeClaim, Pod, Secret } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { alone } from '@binnacle/runtime';
import { DorisCluster, DorisInitializer } from '../src/index.ts';
import type { InitializerStatus } from '../src/api/doris-initializer.ts';
import { frontEnd } from '../src/sql/front-end.ts';
import { SHOW_FRONTENDS } from '../src/sql/statements.ts';
import { doris, example } from './subject.ts';

const user = { fieldManager: 'user', force: true };
const at = { namespace: 'default', name: 'basic' };
const JOB = { namespace: 'default', name: 'basic-initializer' };
const initializer = example('initializer.yaml');

const statusOf = async (w: World): Promise<InitializerStatus> => ((await w.find(DorisInitializer, at))?.status ?? {}) as InitializerStatus;

async function passwords(w: World, root: string): Promise<void> {
  const data = { root: Buffer.from(root).toString('base64'), admin: Buffer.from('admin-pw').toString('base64') };
  const secret = { metadata: { namespace: 'default', name: 'doris-passwords' }, type: 'Opaque', data };
  await w.api.apply(Secret, secret, user);
}

async function apply(w: World, spec: Readonly<Record<string, unknown>>, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
  const object = { ...initializer, metadata: { ...at, annotations }, spec };
  await w.api.apply(DorisInitializer, object, user);
}

/** Whether `root` can log in with a password, as a client in the cluster. */
async function mayLogIn(w: World, password: string): Promise<boolean> {
  let result: boolean | undefined;
  const asked = (async () => {
    const where = { host: 'basic-fe.default.svc.cluster.local', port: 9030, account: { user: 'root', password } };
    await using fe = await frontEnd({ network: w.sandbox.network, clock: w.clock }, where, alone(new AbortController().signal));
    await fe.query(SHOW_FRONTENDS, new AbortController().signal);
    return true;
  })().then(
    (yes) => (result = yes),
    () => (result = false),
  );
  await w.clock.until(() => result !== undefined);
  return await asked;
}

test('an initializer waits for its cluster, runs once, and sets a changed password without running the script again', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  await passwords(w, 'first');
  await apply(w, initializer.spec);
  await w.until(DorisInitializer, at, (now) => conditionOf(now, 'Ready')?.reason === 'ClusterMissing');
  assert.equal((await statusOf(w)).phase, 'waiting');
  assert.equal(await w.find(Job, JOB), undefined, 'nothing runs without a cluster');

  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  await w.until(DorisInitializer, at, (now) => conditionOf(now, 'Ready')?.reason === 'ClusterNotReady');
  assert.equal((await statusOf(w)).phase, 'waiting', 'nor has it failed while the cluster comes up');
  await w.until(DorisInitializer, at, (now) => isReady(now));
  const first = await statusOf(w);
  assert.equal(first.phase, 'applied');
  assert.equal(first.status, 'completed');
  assert.deepEqual(first.run?.parts, ['root', 'admin', 'sql']);
  assert.ok(await mayLogIn(w, 'first'));
  assert.equal(await mayLogIn(w, ''), false);
  const pods = (await w.api.list(Pod, { namespace: 'default' })).items.filter((pod) => pod.metadata.name.startsWith('basic-initializer'));
  assert.equal(pods.length, 1, 'one pod was enough');

  await w.api.delete(Job, JOB);
  await apply(w, { ...initializer.spec, image: 'tnir/mysqlclient:1.4.7' });
  await w.until(DorisInitializer, at, (now) => isReady(now));
  await w.clock.advance(120_000);
  assert.equal(await w.find(Job, JOB), undefined, 'neither a deleted Job nor another edit runs it again');
  assert.equal((await statusOf(w)).run?.number, 1);

  await passwords(w, 'second');
  await apply(w, { ...initializer.spec, initSqlScript: 'DROP TABLE demo.visits' });
  await w.until(DorisInitializer, at, (now) => isReady(now) && (now?.status as InitializerStatus | undefined)?.run?.number === 2);
  const second = await statusOf(w);
  assert.deepEqual(second.run?.parts, ['root']);
  assert.ok(await mayLogIn(w, 'second'));
  const brought = (await w.find(Secret, { namespace: 'default', name: 'basic-initr-secret' }))?.data?.['statements'] ?? '';
  assert.equal(Buffer.from(brought, 'base64').toString(), '[]', 'no script');
  assert.equal(conditionOf(await w.find(DorisInitializer, at), 'SqlAsWritten')?.reason, 'AlreadyRun');
  const everything = JSON.stringify([await w.find(DorisInitializer, at), await w.find(Job, JOB)]);
  assert.ok(!/first|second|admin-pw/.test(everything), 'no password in status or arguments');
});

test('a run waits until Doris has the password that the Secret of the operator’s account has: its Job would be refused', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  await passwords(w, 'first');
  const cluster = example('basic.yaml');
  await w.api.apply(DorisCluster, cluster, user);
  await apply(w, initializer.spec);
  await w.until(DorisInitializer, at, (now) => isReady(now));

  // Of a spec that is refused nothing is brought about, so nobody changes the password either.
  const refused = { ...cluster, spec: { ...cluster.spec, fe: { ...(cluster.spec as { readonly fe: object }).fe, config: { query_port: 'none' } } } };
  await w.api.apply(DorisCluster, refused, user);
  await w.until(DorisCluster, at, (now) => !isReady(now));
  const account = { metadata: { namespace: 'default', name: 'basic-opr-account' }, data: { password: Buffer.from('another').toString('base64') } };
  await w.api.apply(Secret, account, user);
  await passwords(w, 'second');
  await w.until(DorisInitializer, at, (now) => conditionOf(now, 'Ready')?.reason === 'AccountChanging');
  await w.clock.advance(60_000);
  assert.equal((await statusOf(w)).run?.state, 'Starting');

  await w.api.apply(DorisCluster, cluster, user);
  await w.until(DorisInitializer, at, (now) => isReady(now));
  const pods = (await w.api.list(Pod, { namespace: 'default' })).items.filter((pod) => pod.metadata.name.startsWith('basic-initializer'));
  assert.equal(pods.length, 1, 'one pod was enough');
});

test('several initializers of one cluster run, each of them once', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  for (const name of ['one', 'two']) {
    const spec = { cluster: 'basic', initSqlScript: `CREATE DATABASE ${name}` };
    await w.api.apply(DorisInitializer, { metadata: { namespace: 'default', name }, spec }, user);
  }
  for (const name of ['one', 'two']) await w.until(DorisInitializer, { namespace: 'default', name }, (now) => isReady(now));
  await w.clock.advance(120_000);
  for (const { metadata, status } of (await w.api.list(DorisInitializer, { namespace: 'default' })).items)
    assert.deepEqual([status?.run?.number, status?.run?.parts], [1, ['sql']], metadata.name);
});

test('a script that failed is not begun anew when the operator’s account gets another password, and once more another', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  const written = { cluster: 'basic', maxRetry: 0, adminPassword: 'plain', initSqlScript: 'CREATE DATABASE shop;\n\nCREATE NONSENSE' };
  await apply(w, written);
  await w.until(DorisInitializer, at, (now) => conditionOf(now, 'Ready')?.reason === 'JobFailed');
  for (const password of ['the first', 'the second', 'the third', 'the fourth', 'the fifth', 'the sixth', 'the seventh']) {
    const encoded = Buffer.from(password).toString('base64');
    await w.api.apply(Secret, { metadata: { namespace: 'default', name: 'basic-opr-account' }, data: { password: encoded } }, user);
    await w.until(Secret, { namespace: 'default', name: 'basic-opr-account-applied' }, (now) => now?.data?.['password'] === encoded, 90_000);
    await w.clock.advance(60_000);
  }
  const { run } = await statusOf(w);
  assert.deepEqual([run?.number, run?.state], [1, 'Failed'], 'statements before the failed one ran twice');

  await apply(w, { ...written, adminPassword: 'another' });
  await w.until(DorisInitializer, at, (now) => (now?.status as InitializerStatus | undefined)?.run?.number === 2);
});

test('a script that fails is told, is not repeated by itself, and is tried again when it is corrected', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  await apply(w, { cluster: 'basic', maxRetry: 0, adminPassword: 'plain', initSqlScript: 'CREATE DATABASE shop;\n\nCREATE NONSENSE' });
  await w.until(DorisInitializer, at, (now) => conditionOf(now, 'Ready')?.reason === 'JobFailed');
  const failed = await statusOf(w);
  assert.equal(failed.phase, 'failed');
  assert.equal(failed.status, 'failed');
  assert.match(failed.Message ?? '', /statement 2 of 2 \(spec\.initSqlScript line 3, CREATE \.\.\.\) failed/, 'which one, and where it is written');
  assert.equal(conditionOf(await w.find(DorisInitializer, at), 'PasswordsByReference')?.reason, 'PlainText');
  await w.clock.advance(60_000);
  assert.equal((await statusOf(w)).run?.number, 1);

  await apply(w, { cluster: 'basic', maxRetry: 0, adminPassword: 'plain', initSqlScript: 'CREATE DATABASE store' });
  await w.until(DorisInitializer, at, (now) => isReady(now));
  assert.equal((await statusOf(w)).run?.number, 2);
});

test(
  'scripts from Secrets and ConfigMaps run in order, and nothing of them or of any password is in the Job, its pod or the status',
  { timeout: 110_000 },
  async () => {
    await using w = await world([doris]);
    w.start(doris);
    await passwords(w, 'first');
    await w.api.apply(DorisCluster, example('basic.yaml'), user);
    const script =
      "CREATE USER app IDENTIFIED BY 'hidden-app';\nCREATE TABLE shop.a (k INT) DISTRIBUTED BY HASH(k) BUCKETS 1 PROPERTIES ('replication_num' = '1')";
    const from = [{ configMapKeyRef: { name: 'scripts', key: 'db.sql' } }, { secretKeyRef: { name: 'users', key: 'users.sql' } }];
    await apply(w, { cluster: 'basic', rootPasswordFrom: { name: 'doris-passwords', key: 'root' }, initSqlScriptFrom: from });
    await w.until(DorisInitializer, at, (now) => conditionOf(now, 'Ready')?.reason === 'ScriptMissing');
    const map = { metadata: { namespace: 'default', name: 'scripts' }, data: { 'db.sql': 'CREATE DATABASE shop;' } };
    await w.api.apply(ConfigMap, map, user);
    const secret = { metadata: { namespace: 'default', name: 'users' }, type: 'Opaque', data: { 'users.sql': Buffer.from(script).toString('base64') } };
    await w.api.apply(Secret, secret, user);
    await w.until(DorisInitializer, at, (now) => isReady(now));
    assert.deepEqual((await statusOf(w)).run?.parts, ['root', 'sql']);
    const pods = (await w.api.list(Pod, { namespace: 'default' })).items.filter((pod) => pod.metadata.name.startsWith('basic-initializer'));
    const maps = (await w.api.list(ConfigMap, { namespace: 'default' })).items.filter((map) => map.metadata.name.startsWith('basic-initr'));
    assert.ok(!/hidden|first|ACC_PWD|CREATE USER/.test(JSON.stringify([pods, maps, await w.find(Job, JOB), await w.find(DorisInitializer, at)])));
  },
);

test(
  'a cluster that is born anew under the same name is initialised once more, one that comes back over its volumes is not',
  { timeout: 110_000 },
  async () => {
    await using w = await world([doris]);
    w.start(doris);
    await w.api.apply(DorisCluster, example('basic.yaml'), user);
    await apply(w, { cluster: 'basic', initSqlScript: 'CREATE DATABASE shop' });
    await w.until(DorisInitializer, at, (now) => isReady(now));
    const again = async (): Promise<void> => {
      await w.api.delete(DorisCluster, at);
      await w.until(DorisCluster, at, (now) => now === undefined);
      await w.until(Pod, { namespace: 'default', name: 'basic-fe-0' }, (now) => now === undefined);
    };
    await again();
    await w.api.apply(DorisCluster, example('basic.yaml'), user);
    await w.until(DorisCluster, at, (now) => isReady(now));
    await w.clock.advance(60_000);
    assert.equal((await statusOf(w)).run?.number, 1, 'its data is what it was');

    await again();
    for (const kind of [PersistentVolumeClaim, ConfigMap] as const) {
      for (const { metadata } of (await w.api.list(kind, { namespace: 'default' })).items) {
        if (/^(fe-meta|be-storage)-basic|^basic-born/.test(metadata.name)) await w.api.delete(kind, metadata);
      }
    }
    await w.api.apply(DorisCluster, example('basic.yaml'), user);
    await w.until(DorisInitializer, at, (now) => isReady(now) && (now?.status as InitializerStatus | undefined)?.run?.number === 2);
    assert.deepEqual((await statusOf(w)).run?.parts, ['sql']);
  },
);
