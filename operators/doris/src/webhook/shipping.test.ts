import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import type { Guard, View, Write } from '@binnacle/runtime';
import { shipping } from './shipping.ts';

const component = { baseImage: 'doris', replicas: 1 };
const doris = { key: 'doris', operator: 'Equal', value: 'be', effect: 'NoSchedule' };

function warned(monitor: object, cluster: object | undefined, before?: object): readonly string[] {
  const view = { get: () => cluster && { spec: { version: '2.0.3', fe: component, ...cluster } } } as unknown as View; // sound: nothing else is asked
  const ref = { namespace: 'default', name: 'prod' };
  const object = (spec: object) => ({ metadata: ref, spec: { cluster: 'prod', ...spec } });
  const write = { operation: 'CREATE', ref, user: 'me', dryRun: false, object: object(monitor), before: before && object(before) };
  const verdict = (shipping as Guard).review(write as unknown as Write<AnyKind>, view); // sound: as the webhook gives it
  return verdict.type === 'allow' ? (verdict.warnings ?? []) : assert.fail('it only warns');
}

const promtail = { promtail: { image: '' } };
const tainted = { be: { ...component, tolerations: [doris] } };

test('who ships logs and tolerates less than the cluster’s pods is told which logs are missing', () => {
  assert.deepEqual(warned(promtail, tainted), [
    'spec.promtail.tolerations: spec.be of DorisCluster tolerates doris=be:NoSchedule, which is not tolerated here: logs of nodes with that taint are not collected',
  ]);
  assert.match(warned({ alloy: { image: '' } }, { tolerations: [{ operator: 'Exists' }] })[0] ?? '', /^spec\.alloy\.tolerations: spec\.fe .* any taint,/);
  assert.equal(warned({ ...promtail, tolerations: [{ ...doris, value: 'fe' }] }, tainted).length, 1);
  assert.equal(warned({ ...promtail, tolerations: [{ ...doris, effect: 'NoExecute' }] }, tainted).length, 1);
  assert.equal(
    warned({ ...promtail, tolerations: [doris] }, { be: { ...component, tolerations: [{ key: 'doris', operator: 'Exists' }] } }).length,
    1,
    'less wide',
  );
});

test('nothing is said where it tolerates as much, where no logs are shipped, and of what Kubernetes tolerates by itself', () => {
  for (const tolerations of [[doris], [{ key: 'doris', operator: 'Exists' }], [{ operator: 'Exists' }]]) {
    assert.deepEqual(warned({ promtail: { image: '', tolerations } }, tainted), []);
    assert.deepEqual(warned({ ...promtail, tolerations }, tainted), []);
  }
  assert.deepEqual(warned({}, tainted), []);
  assert.deepEqual(warned({ ...promtail, disableLoki: true }, tainted), []);
  assert.deepEqual(warned(promtail, undefined), []);
  assert.deepEqual(warned(promtail, {}), []);
  assert.deepEqual(warned(promtail, tainted, promtail), [], 'an edit of something else says nothing again');
  const mild = [
    { ...doris, effect: 'PreferNoSchedule' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  ];
  assert.deepEqual(warned(promtail, { be: { ...component, tolerations: mild } }), []);
});
