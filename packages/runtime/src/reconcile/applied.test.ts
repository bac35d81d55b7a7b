import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyLive } from '../cache/id.ts';
import { applied } from './applied.ts';
import type { Whole } from './desired.ts';

const metadata = { name: 'web', namespace: 'prod', uid: 'u', resourceVersion: '1' };
const live = (version = '1', data: object = { a: '1', b: '2' }) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, resourceVersion: version }, data }) as unknown as AnyLive &
    Parameters<ReturnType<typeof applied>['isNoop']>[0];
const wanted = (data: object): Whole => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'prod' }, data });

test('what was applied and is there is not applied again, in whatever order it is said', () => {
  const memory = applied(() => 'prod/w');
  assert.equal(memory.isNoop(live(), live(), wanted({ a: '1', b: '2' })), false);
  memory.applied(live(), live(), wanted({ a: '1', b: '2' }), false);
  assert.equal(memory.isNoop(live(), live(), wanted({ a: '1', b: '2' })), true);
  assert.equal(memory.isNoop(live(), live(), wanted({ b: '2', a: '1' })), true);
  assert.equal(memory.isNoop(live(), live(), wanted({ a: '1' })), false);
});

test('what somebody changed is applied again, what somebody added is not', () => {
  const memory = applied(() => 'prod/w');
  memory.applied(live(), live(), wanted({ a: '1', b: '2' }), false);
  assert.equal(memory.isNoop(live(), live('2', { a: '1', b: '3' }), wanted({ a: '1', b: '2' })), false);
  assert.equal(memory.isNoop(live(), live('3', { a: '1', b: '2', c: '3' }), wanted({ b: '2', a: '1' })), true);
  assert.equal(memory.isNoop(live(), live('3', { a: '1', b: '2', c: '3' }), wanted({ a: '1', b: '2' })), true);
});

test('until it has been applied it may be somebody’s who was here before', () => {
  const memory = applied(() => 'prod/w');
  assert.equal(memory.mayBeTheirs(live(), live()), true);
  for (const theirs of [true, false]) {
    memory.applied(live(), live(), wanted({ a: '1' }), theirs);
    assert.equal(memory.mayBeTheirs(live(), live()), theirs);
  }
});
