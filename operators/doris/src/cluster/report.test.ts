import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, stop, waitFor } from '@binnacle/runtime';
import { report, stageOf } from './report.ts';

const object = { spec: { version: '2.0.3' } };

test("stages are the existing operator's words", () => {
  assert.deepEqual(['account', 'feConfig', 'feMembership', 'beStatefulSet', 'cnConfig', 'brokerServices', 'validation'].map(stageOf), [
    'operator-sql-account/Secret',
    'fe/Configmap',
    'fe',
    'be/Statefulset',
    'cn/ConfigMap',
    'broker/Service',
    'validation',
  ]);
});

test('complete is Running; waiting is Creating at first and Updating later; refusing is Failed', () => {
  const all = report(object, { outcome: done });
  assert.deepEqual([all.phase, all.stage, all.stageStatus, all.allReady], ['Running', 'complete', 'succeeded', true]);
  const waiting = { outcome: waitFor('X', 'why'), step: 'beMembership' };
  assert.deepEqual([report(object, waiting).phase, report({ ...object, status: all }, waiting).phase], ['Creating', 'Updating']);
  const failed = report(object, { outcome: stop('X', 'why'), step: 'validation' });
  assert.deepEqual([failed.phase, failed.stageStatus, failed.lastMessage, failed.allReady], ['Failed', 'failed', 'why', false]);
});
