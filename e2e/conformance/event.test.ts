import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTarget } from '../target.ts';
import { done, verdict } from './requests.ts';

const target = await openTarget();
const NEW = 'events.k8s.io/v1';

test('74. an event is one object in two shapes', async () => {
  await using ns = await target.namespace();
  const about = { kind: 'ConfigMap', namespace: ns.name, name: 'a', apiVersion: 'v1' };
  await done(target, 'POST', ns.path('events'), {
    metadata: { name: 'old' },
    involvedObject: about,
    reason: 'Said',
    message: 'hello',
    type: 'Normal',
    source: { component: 'test', host: 'here' },
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-02T00:00:00Z',
    count: 3,
  });
  const inNew = await done(target, 'GET', `${ns.path('events', NEW)}/old`);
  assert.deepEqual([inNew.note, inNew.regarding.name, inNew.deprecatedCount, inNew.deprecatedSource], ['hello', 'a', 3, { component: 'test', host: 'here' }]);
  assert.deepEqual([inNew.deprecatedFirstTimestamp, inNew.deprecatedLastTimestamp], ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']);
  await done(target, 'POST', ns.path('events', NEW), {
    metadata: { name: 'new' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    action: 'Doing',
    reason: 'Done',
    reportingController: 'ex.io/test',
    reportingInstance: 'test-0',
    type: 'Warning',
    regarding: about,
    note: 'well',
  });
  const inOld = await done(target, 'GET', `${ns.path('events')}/new`);
  assert.deepEqual([inOld.message, inOld.involvedObject.name, inOld.reportingComponent, inOld.action], ['well', 'a', 'ex.io/test', 'Doing']);
  const selected = await done(target, 'GET', `${ns.path('events')}?fieldSelector=involvedObject.name%3Da%2Ctype%3DWarning`);
  assert.deepEqual(
    selected.items.map(({ metadata }: any) => metadata.name),
    ['new'],
  );
  const regarding = await done(target, 'GET', `${ns.path('events', NEW)}?fieldSelector=regarding.name%3Da%2Creason%3DSaid`);
  assert.deepEqual(
    regarding.items.map(({ metadata }: any) => metadata.name),
    ['old'],
  );
});

test('74. an event is in the namespace of what it is about, and the new shape asks for more', async () => {
  await using ns = await target.namespace();
  const elsewhere = await target.ask('POST', ns.path('events'), {
    body: { metadata: { name: 'a' }, involvedObject: { kind: 'ConfigMap', namespace: 'default', name: 'a' } },
  });
  assert.deepEqual(verdict(elsewhere), [422, 'Invalid']);
  assert.match(elsewhere.json.message, /involvedObject\.namespace: Invalid value: "default": does not match event\.namespace/);
  const causes = async (event: object) => {
    const regarding = { kind: 'ConfigMap', namespace: ns.name, name: 'a' };
    const answer = await target.ask('POST', ns.path('events', NEW), { body: { metadata: { name: 'b' }, regarding, ...event } });
    assert.deepEqual(verdict(answer), [422, 'Invalid']);
    return answer.json.details.causes.map(({ field }: any) => field).filter((field: string, at: number, all: string[]) => all.indexOf(field) === at);
  };
  assert.deepEqual(await causes({ type: 'Normal' }), ['eventTime']);
  const timed = { eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal' };
  assert.deepEqual(await causes(timed), ['reportingController', 'reportingInstance', 'action', 'reason']);
  const whole = { ...timed, action: 'Doing', reason: 'Done', reportingController: 'ex.io/test', reportingInstance: 'test-0' };
  assert.deepEqual(await causes({ ...whole, type: 'Other' }), ['type']);
});

test('74. of two candidates for a Lease one writes, the other is told that it came too late; its times have six digits', async () => {
  await using ns = await target.namespace();
  const path = ns.path('leases', 'coordination.k8s.io/v1');
  const spec = (holderIdentity: string) => ({ holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:00.000000Z', leaseTransitions: 0 });
  const both = await Promise.all(['a', 'b'].map((one) => target.ask('POST', path, { body: { metadata: { name: 'l' }, spec: spec(one) } })));
  assert.deepEqual(
    both.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409],
  );
  const lease = await done(target, 'GET', `${path}/l`);
  const take = (one: string) => target.ask('PUT', `${path}/l`, { body: { ...lease, spec: { ...spec(one), leaseTransitions: 1 } } });
  const renewed = await Promise.all(['a', 'b'].map(take));
  assert.deepEqual(renewed.map((answer) => verdict(answer).join(' ').trim()).toSorted(), ['200', '409 Conflict']);
  const short = await target.ask('POST', path, { body: { metadata: { name: 'm' }, spec: { renewTime: '2026-01-01T00:00:00.000Z' } } });
  assert.deepEqual(verdict(short), [400, 'BadRequest']);
  const wrong = await target.ask('POST', path, { body: { metadata: { name: 'm' }, spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } } });
  assert.deepEqual(wrong.json.details.causes.map(({ field }: any) => field).toSorted(), ['spec.leaseDurationSeconds', 'spec.leaseTransitions']);
});
