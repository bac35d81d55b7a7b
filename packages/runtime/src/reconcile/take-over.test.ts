import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, isConflict } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { AnyLive } from '../cache/id.ts';
import { silentLogger } from '../logger.ts';
import type { World } from '../reconciler.ts';
import type { Fields } from './fields.ts';
import { takeFields, takeTemplate, takenOver } from './take-over.ts';
import type { TakingOver } from './take-over.ts';

const UID = 'f3b0';
const KEY = `k:{"uid":"${UID}"}`;
const MARK: Fields = { 'f:ownerReferences': { '.': {}, [KEY]: {} } };
/** What is left of it when it is kept. */
const KEPT: Fields = { 'f:ownerReferences': { [KEY]: {} } };
const taking: TakingOver = { fieldManager: 'ours', formerly: ['manager'], owner: UID, restarts: false };

const entry = (manager: string, operation: 'Apply' | 'Update', fieldsV1: Fields, more: object = {}) => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const object = (managedFields: readonly object[], spec: object = {}) => ({ metadata: { managedFields }, spec }) as unknown as AnyLive;
const template = (fields: Fields): Fields => ({ 'f:spec': { 'f:template': { 'f:spec': fields } } });
const ours = (fields: Fields) => entry('ours', 'Apply', { 'f:metadata': MARK, ...fields });
/** Who owns what after it, by manager. */
function owners(entries: readonly object[], spec: object = {}, how: Partial<TakingOver> = {}): Readonly<Record<string, unknown>> | undefined {
  const after = takenOver(object(entries, spec), { ...taking, ...how });
  return after === undefined ? undefined : Object.fromEntries(after.map((one) => [one.manager, one.fieldsV1]));
}

test('what the maker owned becomes ours, whether we apply it or not', () => {
  const maker = entry('manager', 'Update', { 'f:metadata': { ...MARK, 'f:labels': { '.': {}, 'f:a': {}, 'f:b': {} } } });
  assert.deepEqual(owners([ours({ 'f:metadata': { ...MARK, 'f:labels': { 'f:a': {} } } }), maker]), {
    ours: { 'f:metadata': { ...MARK, 'f:labels': { 'f:a': {}, 'f:b': {} } } },
  });
});

test('once taken there is nothing to take, and where nobody was before there never is', () => {
  const others = [
    entry('kubectl', 'Update', { 'f:metadata': { 'f:labels': { 'f:c': {} } } }),
    entry('ours', 'Apply', { 'f:status': {} }, { subresource: 'status' }),
  ];
  assert.equal(owners([ours({}), ...others]), undefined);
  assert.equal(owners([ours({}), ...others], {}, { formerly: [] }), undefined);
});

test('of managers with the same name nothing is taken that did not make the object for this owner', () => {
  const labels = { 'f:labels': { 'f:team': {} } };
  const foreign = { 'f:ownerReferences': { 'k:{"uid":"another"}': {} } };
  for (const other of [
    entry('manager', 'Update', { 'f:metadata': labels }),
    entry('manager', 'Update', { 'f:metadata': { ...foreign, ...labels } }),
    entry('manager', 'Update', { 'f:metadata': { ...MARK, ...labels } }, { subresource: 'status' }),
    entry('manager', 'Update', { 'f:metadata': { ...MARK, ...labels } }, { apiVersion: 'extensions/v1beta1' }),
    entry('manager', 'Apply', { 'f:metadata': { ...MARK, ...labels } }),
    entry('helm', 'Update', { 'f:metadata': { ...MARK, ...labels } }),
  ])
    assert.equal(owners([ours({}), other]), undefined, JSON.stringify(other));
});

test('what is left in the template of pods stays until pods restart anyway', () => {
  const left = template({ 'f:tolerations': {} });
  const maker = entry('manager', 'Update', { 'f:metadata': MARK, 'f:spec': { 'f:replicas': {}, ...left['f:spec'] } });
  const kept = { 'f:metadata': KEPT, ...left };
  assert.deepEqual(owners([ours({ 'f:spec': { 'f:replicas': {} } }), maker]), { ours: { 'f:metadata': MARK, 'f:spec': { 'f:replicas': {} } }, manager: kept });
  assert.equal(owners([ours({}), entry('manager', 'Update', kept)]), undefined, 'and is asked for once');
  assert.deepEqual(owners([ours({}), entry('manager', 'Update', kept)], {}, { restarts: true }), { ours: { 'f:metadata': MARK, ...left } });
});

test('a list that holds an entry twice cannot be applied, so it stays with whoever wrote it', () => {
  const env = { 'f:env': { 'k:{"name":"A"}': {}, 'k:{"name":"B"}': { '.': {}, 'f:value': {} } } };
  const containers = (fields: Fields) => template({ 'f:containers': { 'k:{"name":"member"}': fields } });
  const spec = (...names: readonly string[]) => ({ template: { spec: { containers: [{ name: 'member', env: names.map((name) => ({ name })) }] } } });
  const entries = [ours({}), entry('manager', 'Update', { 'f:metadata': MARK, ...containers({ 'f:tty': {}, ...env }) })];
  assert.deepEqual(owners(entries, spec('A', 'B', 'A'), { restarts: true }), {
    ours: { 'f:metadata': MARK, ...containers({ 'f:tty': {} }) },
    manager: { 'f:metadata': KEPT, ...containers(env) },
  });
  assert.deepEqual(owners(entries, spec('A', 'B'), { restarts: true }), { ours: { 'f:metadata': MARK, ...containers({ 'f:tty': {}, ...env }) } });
});

test('of an object that had no owners only what we apply becomes ours: the rest may be anybody’s', () => {
  const nobody = entry('before-first-apply', 'Update', { 'f:metadata': { ...MARK, 'f:finalizers': { 'v:"cloud"': {} } }, 'f:data': { '.': {}, 'f:a': {} } });
  assert.deepEqual(owners([ours({ 'f:data': { 'f:a': {} } }), nobody]), {
    ours: { 'f:metadata': MARK, 'f:data': { 'f:a': {} } },
    'before-first-apply': { 'f:metadata': { ...KEPT, 'f:finalizers': { 'v:"cloud"': {} } } },
  });
});

/** An API server on which somebody else writes the object's status before each of the first `rivals` writes. */
function busy(rivals: number) {
  let version = 1;
  const stored = (): Live<typeof StatefulSet> => {
    const maker = entry('manager', 'Update', { 'f:metadata': MARK, ...template({ 'f:tolerations': {} }) });
    return { metadata: { namespace: 'default', name: 'prod', resourceVersion: String(version), managedFields: [ours({}), maker] } } as unknown as Live<
      typeof StatefulSet
    >;
  };
  const wrote: unknown[] = [];
  const api = {
    get: async () => await Promise.resolve(stored()),
    patch: async (_: unknown, __: unknown, { operations: [is, owners] }: { readonly operations: readonly { readonly value: unknown }[] }) => {
      if (rivals-- > 0) version++;
      if (is?.value !== String(version)) throw new ApiError({ code: 422, reason: 'Invalid', message: 'test failed' });
      wrote.push(owners?.value);
      return await Promise.resolve(stored());
    },
  };
  const world = { api, log: silentLogger, signal: new AbortController().signal } as unknown as World;
  return { wrote, take: () => takeFields(StatefulSet, stored(), { ...taking, restarts: true }, world) };
}

test('where somebody writes meanwhile it is tried again at once', async () => {
  const { wrote, take } = busy(3);
  assert.equal(await take(), true);
  assert.deepEqual(wrote, [[{ ...ours({}), fieldsV1: { 'f:metadata': MARK, ...template({ 'f:tolerations': {} }) } }]]);
});

/** An API server with an object of which another operator wrote the template, and somebody who writes its status before each of the first `rivals` writes. */
function theirs(becomes: object, { rivals = 0, manager = 'manager' } = {}) {
  let version = 1;
  const made = { 'f:metadata': MARK, ...template({ 'f:tolerations': {} }) };
  const stored = (spec: object, ...more: readonly object[]) => {
    const metadata = { namespace: 'default', name: 'prod', resourceVersion: String(version), managedFields: [...more, entry(manager, 'Update', made)] };
    return { apiVersion: 'apps/v1', metadata, spec: { template: spec } } as unknown as Live<typeof StatefulSet>;
  };
  const calls: string[] = [];
  let wrote: unknown;
  const changed = () => new ApiError({ code: 409, reason: 'Conflict', message: 'the object has been modified' });
  const api = {
    async get() {
      calls.push('get');
      return await Promise.resolve(stored({ a: 1 }));
    },
    async patch(_: unknown, __: unknown, { operations: [is, owners] }: { readonly operations: readonly { readonly value: unknown }[] }) {
      calls.push('owners');
      if (rivals-- > 0) version++;
      if (is?.value !== String(version)) throw new ApiError({ code: 422, reason: 'Invalid', message: 'test failed' });
      wrote = owners?.value;
      return await Promise.resolve(stored({ a: 1 }));
    },
  };
  async function tried(over: string) {
    calls.push('tried');
    if (over !== String(version)) throw changed();
    return await Promise.resolve(stored(becomes, ours({ ...template({ 'f:a': {} }) })));
  }
  const world = { api, log: silentLogger, signal: new AbortController().signal } as unknown as World;
  const { restarts: _, ...how } = taking;
  return { calls, wrote: () => wrote, take: () => takeTemplate(StatefulSet, { namespace: 'default', name: 'prod' }, tried, how, world) };
}

test('before a template changes all of it becomes ours, so that one write changes it and drops what is not wanted', async () => {
  const { calls, wrote, take } = theirs({ a: 2 }, { rivals: 2 });
  await take();
  assert.deepEqual(wrote(), [ours(template({ 'f:a': {}, 'f:tolerations': {} }))]);
  assert.deepEqual(
    calls,
    [1, 2, 3].flatMap(() => ['get', 'tried', 'owners']),
  );
});

test('a template that stays as it is, and one that nobody had before, is left alone', async () => {
  const same = theirs({ a: 1 });
  await same.take();
  assert.deepEqual(same.calls, ['get', 'tried']);
  const another = theirs({ a: 2 }, { manager: 'kubectl' });
  await another.take();
  assert.deepEqual(another.calls, ['get']);
});

test('where somebody writes each time it is a conflict, and nothing is taken', async () => {
  const { wrote, take } = busy(Infinity);
  await assert.rejects(take(), isConflict);
  assert.deepEqual(wrote, []);
});
