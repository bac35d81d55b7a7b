import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import type { Answer } from '../raw.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH } from './requests.ts';
import { podNames, pods, ready, template, until } from './workloads.ts';

const target = await openTarget();
const whole = needs(target, 'controllers', 'node');

async function evict(ns: TestNamespace, name: string): Promise<Answer> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: ns.name } };
  return await target.ask('POST', `${ns.path('pods')}/${name}/eviction`, { body });
}

/** Two pods of a ReplicaSet, and their budget; `more` goes over the spec of a pod. */
async function guarded(ns: TestNamespace, budget: object, more: object = {}, image = target.images.sleeper): Promise<readonly string[]> {
  const selector = { matchLabels: { app: 'x' } };
  await done(target, 'POST', ns.path('replicasets', 'apps/v1'), {
    metadata: { name: 'r' },
    spec: { replicas: 2, selector, template: template('x', image, more) },
  });
  await done(target, 'POST', ns.path('poddisruptionbudgets', 'policy/v1'), { metadata: { name: 'pb' }, spec: { selector, ...budget } });
  const { items } = await until(target, `${ns.path('pods')}?labelSelector=app%3Dx`, 'two pods', (list) => list.items.length === 2);
  return items.map(({ metadata }: any) => metadata.name);
}

/** A pod that has it is not ready before somebody says so, however long that takes. */
const GATE = { conditionType: 'example.com/open' };

/** Says so of all pods that are there. */
async function open(ns: TestNamespace): Promise<void> {
  const status = { conditions: [{ type: GATE.conditionType, status: 'True' }] };
  for (const name of await podNames(target, ns, 'x')) await done(target, 'PATCH', `${ns.path('pods')}/${name}/status`, { status }, PATCH.strategic);
}

const budget = (ns: TestNamespace, holds: (status: any) => boolean) =>
  until(target, `${ns.path('poddisruptionbudgets', 'policy/v1')}/pb`, 'the budget', ({ status }) => status?.disruptionsAllowed !== undefined && holds(status));

test('70. a budget says how many pods may be missing, and an eviction beyond it is refused with 429', whole, async () => {
  await using ns = await target.namespace();
  const [first] = await guarded(ns, { minAvailable: 2 });
  const { status } = await budget(ns, ({ currentHealthy }) => currentHealthy === 2);
  assert.deepEqual([status.expectedPods, status.desiredHealthy, status.currentHealthy, status.disruptionsAllowed], [2, 2, 2, 0]);
  const condition = status.conditions.find(({ type }: any) => type === 'DisruptionAllowed');
  assert.deepEqual([condition.status, condition.reason], ['False', 'InsufficientPods']);
  const refused = await evict(ns, first!);
  assert.deepEqual([refused.status, refused.json.reason], [429, 'TooManyRequests']);
  assert.equal(refused.json.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  const [cause] = refused.json.details.causes;
  assert.deepEqual([cause.reason, cause.message], ['DisruptionBudget', 'The disruption budget pb needs 2 healthy pods and has 2 currently']);
});

test('70. an eviction that the budget lets through deletes the pod, and the next has to wait for its successor', whole, async () => {
  await using ns = await target.namespace();
  const [first, second] = await guarded(ns, { maxUnavailable: 1 }, { readinessGates: [GATE] });
  await open(ns);
  await budget(ns, ({ disruptionsAllowed }) => disruptionsAllowed === 1);
  const allowed = await evict(ns, first!);
  assert.deepEqual([allowed.status, allowed.json.status], [201, 'Success']);
  assert.equal((await evict(ns, second!)).status, 429);
  await eventually('the second may go', async () => {
    await open(ns);
    return (await evict(ns, second!)).status === 201;
  });
  await eventually('two successors', async () => {
    await open(ns);
    return (await pods(target, ns, 'x')).filter(ready).length === 2;
  });
});

test('70. a pod that does not run is always evicted; one that two budgets guard is not', whole, async () => {
  await using ns = await target.namespace();
  const [first] = await guarded(ns, { minAvailable: 2 }, {}, target.images.missing);
  await budget(ns, ({ expectedPods }) => expectedPods === 2);
  assert.equal((await evict(ns, first!)).status, 201);
  await done(target, 'POST', ns.path('pods'), { metadata: { name: 'p', labels: { app: 'y' } }, spec: template('y', target.images.sleeper).spec });
  for (const name of ['one', 'two'])
    await done(target, 'POST', ns.path('poddisruptionbudgets', 'policy/v1'), {
      metadata: { name },
      spec: { minAvailable: 0, selector: { matchLabels: { app: 'y' } } },
    });
  await until(target, `${ns.path('pods')}/p`, 'ready', ready);
  const both = await evict(ns, 'p');
  assert.equal(both.status, 500);
  assert.match(both.json.message, /This pod has more than one PodDisruptionBudget, which the eviction subresource does not support\./);
});
