import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import { ConfigMap, Job, Secret, ServiceAccount } from '@binnacle/client/kinds';
import { admit, jsonEqual } from '@binnacle/schema';
import { leaves } from '@binnacle/testing';
import { DorisInitializer } from '../src/index.ts';
import type { InitializerStatus } from '../src/api/doris-initializer.ts';
import { RUN_AGAIN } from '../src/initializer/names.ts';
import { AT, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import type { Part } from './monitor-fields.ts';
import { changed, over } from './over.ts';

const user = { fieldManager: 'user', force: true };
const PLAIN: Part = { cluster: AT.name, adminPassword: 'plain' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What a field is, and what is made of it: of the Job alone it is not told before something runs. */
type Row = readonly [on: unknown, other: unknown];
const OF_THE_JOB: Readonly<Record<string, Row>> = {
  image: ['tnir/mysqlclient:1.4.7', 'tnir/mysqlclient:1.4.8'],
  imagePullPolicy: ['Always', 'IfNotPresent'],
  'imagePullSecrets.name': [[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }]],
  maxRetry: [3, 0],
  serviceAccount: ['first', 'second'],
  requests: [{ cpu: '100m', storage: '1Gi' }, { memory: '1Mi' }],
  limits: [{ cpu: '1' }, { memory: '3Gi' }],
  'tolerations.key': [[{ key: 'a' }], [{ key: 'b' }]],
  'tolerations.operator': [[{ key: 'a', operator: 'Exists' }], [{ key: 'a', operator: 'Equal' }]],
  'tolerations.value': [[{ key: 'a', value: 'a' }], [{ key: 'a', value: 'b' }]],
  'tolerations.effect': [[{ key: 'a', effect: 'NoSchedule' }], [{ key: 'a', effect: 'PreferNoSchedule' }]],
  'tolerations.tolerationSeconds': [[{ key: 'a', effect: 'NoExecute', tolerationSeconds: 10 }], [{ key: 'a', effect: 'NoExecute', tolerationSeconds: 20 }]],
  nodeSelector: [{ 'kubernetes.io/os': 'linux' }, { 'kubernetes.io/arch': 'amd64' }],
};
/** What is to be done in Doris: told in the stories below. */
const TO_DO = ['rootPassword', 'rootPasswordFrom', 'adminPassword', 'adminPasswordFrom', 'initSqlScript', 'initSqlScriptFrom'];
const create = (name: string) => `CREATE DATABASE IF NOT EXISTS ${name}`;
const of = (field: string, value: unknown): Part => ({ [field.split('.')[0]!]: value });

async function begun(): Promise<Story> {
  const s = await story();
  await s.apply(sized(1, 1));
  const put = (kind: AnyKind, name: string, data: Readonly<Record<string, string>> = {}) =>
    s.w.api.apply(kind, { metadata: { namespace: AT.namespace, name }, ...(kind === ServiceAccount ? {} : { data }) }, user);
  for (const name of ['first', 'second']) {
    await put(ServiceAccount, name);
    await put(Secret, name, { key: base64(`of ${name}`), other: base64(`other of ${name}`), script: base64(create('e')) });
  }
  await put(Secret, 'scripts', { sql: base64(create('a')) });
  await put(ConfigMap, 'scripts', { sql: create('b'), other: create('c') });
  await put(ConfigMap, 'others', { sql: create('d') });
  return s;
}

/** Applies, with another value of the annotation, and waits until all that this asks for is done. */
async function look({ w }: Story, part: Part, again?: number): Promise<Readonly<Record<string, unknown>>> {
  const annotations = again === undefined ? {} : { [RUN_AGAIN]: String(again) };
  await w.api.apply(DorisInitializer, { metadata: { ...AT, annotations }, spec: over(PLAIN, part) } as never, user);
  await w.until(DorisInitializer, AT, (now) => {
    const { run, observedGeneration } = (now?.status ?? {}) as InitializerStatus;
    return isReady(now) && observedGeneration === now?.metadata.generation && run?.wish.again === annotations[RUN_AGAIN];
  });
  const at = (name: string) => ({ namespace: AT.namespace, name: `${AT.name}-${name}` });
  const { backoffLimit, template } = (await w.find(Job, at('initializer')))?.spec ?? {};
  const { labels: _, ...metadata } = template?.metadata ?? {};
  const { 'root-previous': _earlier, ...secret } = (await w.find(Secret, at('initr-secret')))?.data ?? {};
  const text = Object.entries(secret).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
  return {
    Job: { backoffLimit, metadata, spec: template?.spec },
    ConfigMap: (await w.find(ConfigMap, at('initr-conf')))?.data,
    Secret: Object.fromEntries(text),
  };
}

const ran = async ({ w }: Story) => ((await w.find(DorisInitializer, AT))?.status as InitializerStatus | undefined)?.run ?? assert.fail('nothing ran');

/** What the newest run has brought in. */
async function brought({ w }: Story, key: 'root' | 'admin' | 'statements'): Promise<string> {
  const secret = await w.find(Secret, { namespace: AT.namespace, name: `${AT.name}-initr-secret` });
  return Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
}

test('each field of an initializer has a row here', () => {
  const all = [...leaves(DorisInitializer.schema.properties!['spec']!, (path) => TO_DO.includes(path) || path === 'claims')];
  // Refused; and fixed, as is told below.
  assert.deepEqual(all.toSorted(), ['claims', 'cluster', ...TO_DO, ...Object.keys(OF_THE_JOB)].toSorted());
});

test(
  'each field of an initializer’s Job changes nothing once it has run, is in the Job of the next run, and leaves no trace there when it is taken out',
  { timeout: 110_000 },
  async () => {
    await using s = await begun();
    let again = 0;
    const before = await look(s, {}, again);
    const odd: string[] = [];
    const same = (what: string, found: readonly string[], wanted: readonly string[]) => {
      if (!jsonEqual(found, wanted)) odd.push(`${what}: changes ${found.join(', ') || 'nothing'}, and not ${wanted.join(', ') || 'nothing'}`);
    };
    for (const [field, [on, other]] of Object.entries(OF_THE_JOB)) {
      same(`${field} is set after the run`, changed(before, await look(s, of(field, on), again)), []);
      const first = await look(s, of(field, on), (again += 1));
      same(`${field} is set`, changed(before, first), ['Job']);
      same(`${field} is edited`, changed(first, await look(s, of(field, other), (again += 1))), ['Job']);
      same(`${field} is taken out`, changed(before, await look(s, {}, (again += 1))), []);
    }
    assert.deepEqual(odd, []);
    assert.equal((await ran(s)).number, 1 + again, 'each new value ran it once');
  },
);

test('a password is set as soon as it is written, and again with each edit; one that is taken out stays in Doris as it is', { timeout: 110_000 }, async () => {
  await using s = await begun();
  await look(s, {});
  let runs = 1;
  for (const [account, plain] of [
    ['root', undefined],
    ['admin', 'plain'],
  ] as const) {
    const [password, from] = [`${account}Password`, `${account}PasswordFrom`];
    const secret = (more: object): Part => ({ [password]: 'one', [from]: { name: 'first', key: 'key', ...more } });
    const steps: readonly (readonly [string, Part, string])[] = [
      [password, { [password]: 'one' }, 'one'],
      [`${password} is edited`, { [password]: 'two' }, 'two'],
      [`${from} wins`, secret({}), 'of first'],
      [`${from}.key`, secret({ key: 'other' }), 'other of first'],
      [`${from}.name`, secret({ name: 'second' }), 'of second'],
      [`${from} is taken out`, { [password]: 'one' }, 'one'],
    ];
    for (const [what, part, wanted] of steps) {
      await look(s, part);
      runs += 1;
      assert.deepEqual([await brought(s, account), (await ran(s)).parts, (await ran(s)).number], [wanted, [account], runs], what);
    }
    for (const part of [{ [password]: undefined }, secret({ name: 'none', optional: true }), { [password]: '' }, { [password]: 'one' }]) {
      await look(s, part);
      assert.equal((await ran(s)).number, runs, `nothing to set: ${JSON.stringify(part)}`);
    }
    await look(s, { [password]: plain });
    // The one before it is written again, and is another one than was set last.
    if (plain !== undefined) runs += 1;
    assert.equal((await ran(s)).number, runs);
  }
});

test(
  'a script runs when it is written, an edit of it only when that is asked for, and those from elsewhere come after it, in order',
  { timeout: 110_000 },
  async () => {
    await using s = await begun();
    await look(s, {});
    const statements = async () => (JSON.parse(await brought(s, 'statements')) as readonly { readonly sql: string }[]).map(({ sql }) => sql.split(' ').at(-1));
    const asWritten = async () => conditionOf(await s.w.find(DorisInitializer, AT), 'SqlAsWritten')?.status;
    await look(s, { initSqlScript: create('first') });
    assert.deepEqual([await statements(), (await ran(s)).number], [['first'], 2]);
    await look(s, { initSqlScript: create('second') });
    assert.deepEqual([await asWritten(), (await ran(s)).number], ['False', 2]);
    await look(s, {});
    assert.deepEqual([await asWritten(), (await ran(s)).number], ['True', 2]);
    await look(s, { initSqlScriptFrom: [{ configMapKeyRef: { name: 'scripts', key: 'sql' } }] });
    assert.deepEqual([await asWritten(), (await ran(s)).number], ['False', 2], 'it is another script, and one has run');

    const map = (more: object) => ({ configMapKeyRef: { name: 'scripts', key: 'sql', ...more } });
    const secret = (more: object) => ({ secretKeyRef: { name: 'scripts', key: 'sql', ...more } });
    const cases: readonly (readonly [Part, readonly string[]])[] = [
      [{ initSqlScript: create('second') }, ['second']],
      [{ initSqlScript: create('second'), initSqlScriptFrom: [secret({}), map({})] }, ['second', 'a', 'b']],
      [{ initSqlScriptFrom: [map({ key: 'other' }), secret({})] }, ['c', 'a']],
      [{ initSqlScriptFrom: [map({ name: 'others' }), secret({ name: 'first', key: 'script' })] }, ['d', 'e']],
      [{ initSqlScriptFrom: [map({ name: 'none', optional: true }), secret({ key: 'none', optional: true }), map({})] }, ['b']],
      [{}, []],
    ];
    for (const [index, [part, wanted]] of cases.entries()) {
      await look(s, part, index + 1);
      assert.deepEqual(await statements(), wanted, JSON.stringify(part));
    }
  },
);

test('an initializer begins when its cluster is named, and that stays the one', async () => {
  await using s = await begun();
  await look(s, { cluster: '' });
  assert.equal(await s.w.find(Job, { namespace: AT.namespace, name: `${AT.name}-initializer` }), undefined);
  await look(s, {});
  assert.equal((await ran(s)).number, 1);
  const object = (part: Part) => ({ apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisInitializer', metadata: AT, spec: over(PLAIN, part) });
  for (const cluster of ['other', '']) {
    const [fault] = admit(DorisInitializer, object({ cluster }), object({})).errors;
    assert.match(`${fault?.field}: ${fault?.message}`, /^spec\.cluster: Forbidden: fixed, at prod: another cluster takes another DorisInitializer$/);
  }
});
