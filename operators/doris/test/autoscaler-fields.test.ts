import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { StatefulSet, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { jsonEqual } from '@binnacle/schema';
import { leaves } from '@binnacle/testing';
import { DorisAutoscaler, DorisCluster, DorisClusterAutoscaler } from '../src/index.ts';
import { AT, component, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import type { Part } from './monitor-fields.ts';
import { changed, over } from './over.ts';

const user = { fieldManager: 'user', force: true };
const KINDS = [DorisAutoscaler, DorisClusterAutoscaler] as const;
type Kind = (typeof KINDS)[number];

/** An autoscaler with a rule for each component, and nothing else said. */
const PLAIN: Part = {
  cluster: AT.name,
  cn: { replicas: { max: 3 }, rules: { cpu: { max: 80 } } },
  be: { replicas: { max: 3 }, rules: { cpu: { max: 80 } } },
};

/** A story of a field: without it, with it, with another value; and of which component's HorizontalPodAutoscaler it is. */
type Row = readonly [part: 'cn' | 'be', on: Part, other: Part, without?: Part];

const queries = (name: string) => ({ type: 'Pods', pods: { metric: { name }, target: { type: 'AverageValue', averageValue: '20' } } });
// A direction has a behaviour where it has a rule.
const ONLY_DOWN: Part = { cn: { rules: { cpu: { max: undefined, min: 20 } } } };

function behavior(part: 'cn' | 'be', direction: 'scaleUp' | 'scaleDown'): Readonly<Record<string, Row>> {
  const without = direction === 'scaleDown' ? ONLY_DOWN : {};
  const of = (rules: object) => over(without, { [part]: { behavior: { [direction]: rules } } });
  const policies = (more: object) => of({ policies: [{ type: 'Pods', value: 2, periodSeconds: 60, ...more }] });
  const at = `${part}.behavior.${direction}`;
  return {
    [`${at}.stabilizationWindowSeconds`]: [part, of({ stabilizationWindowSeconds: 30 }), of({ stabilizationWindowSeconds: 60 }), without],
    [`${at}.selectPolicy`]: [part, of({ selectPolicy: 'Disabled' }), of({ selectPolicy: direction === 'scaleUp' ? 'Min' : 'Max' }), without],
    [`${at}.policies.type`]: [part, policies({}), policies({ type: 'Percent' }), without],
    [`${at}.policies.value`]: [part, policies({}), policies({ value: 3 }), without],
    [`${at}.policies.periodSeconds`]: [part, policies({}), policies({ periodSeconds: 90 }), without],
    [`${at}.tolerance`]: [part, of({ tolerance: '50m' }), of({ tolerance: '200m' }), without],
  };
}

function both(part: 'cn' | 'be'): Readonly<Record<string, Row>> {
  const of = (more: object): Part => ({ [part]: more });
  return {
    [`${part}.replicas.max`]: [part, of({ replicas: { max: 4 } }), of({ replicas: { max: 5 } })],
    [`${part}.replicas.min`]: [part, of({ replicas: { min: 2 } }), of({ replicas: { min: 3 } })],
    [`${part}.rules.cpu.max`]: [part, of({ rules: { cpu: { max: 70 } } }), of({ rules: { cpu: { max: 60 } } })],
    [`${part}.rules.memory.max`]: [part, of({ rules: { memory: { max: 70 } } }), of({ rules: { memory: { max: 60 } } })],
    [`${part}.metrics`]: [part, of({ metrics: [queries('running')] }), of({ metrics: [queries('running'), queries('waiting')] })],
  };
}

/** Every field that reaches a HorizontalPodAutoscaler. */
const FIELDS: Readonly<Record<string, Row>> = {
  ...both('cn'),
  ...both('be'),
  'cn.rules.cpu.min': ['cn', over(ONLY_DOWN, { cn: { rules: { memory: { min: 30 } } } }), over(ONLY_DOWN, { cn: { rules: { cpu: { min: 25 } } } }), ONLY_DOWN],
  'cn.rules.memory.min': ['cn', { cn: { rules: { memory: { min: 20 } } } }, over(ONLY_DOWN, { cn: { rules: { memory: { min: 30 } } } })],
  'cn.scalePeriodSeconds.scaleUp': ['cn', { cn: { scalePeriodSeconds: { scaleUp: 15 } } }, { cn: { scalePeriodSeconds: { scaleUp: 30 } } }],
  'cn.scalePeriodSeconds.scaleDown': [
    'cn',
    over(ONLY_DOWN, { cn: { scalePeriodSeconds: { scaleDown: 15 } } }),
    over(ONLY_DOWN, { cn: { scalePeriodSeconds: { scaleDown: 30 } } }),
    ONLY_DOWN,
  ],
  'cn.disableScaleDown': [
    'cn',
    { cn: { metrics: [queries('running')], disableScaleDown: true } },
    { cn: { metrics: [queries('running')], disableScaleDown: false } },
    { cn: { metrics: [queries('running')] } },
  ],
  ...behavior('cn', 'scaleUp'),
  ...behavior('cn', 'scaleDown'),
  ...behavior('be', 'scaleUp'),
};
/** Told in stories of their own below. */
const OWN_STORY = ['cluster', 'replicas'];

async function apply({ w }: Story, kind: Kind, spec: Part): Promise<void> {
  await w.api.apply(kind as typeof DorisAutoscaler, { metadata: AT, spec }, user);
}

async function ready({ w }: Story, kind: Kind): Promise<void> {
  await w.until(kind as typeof DorisAutoscaler, AT, (now) => isReady(now) && now?.status?.observedGeneration === now?.metadata.generation);
}

/** What is wanted of every HorizontalPodAutoscaler, by component. */
async function scalers({ w }: Story): Promise<Readonly<Record<string, unknown>>> {
  const { items } = await w.api.list(V2HorizontalPodAutoscaler, { namespace: AT.namespace });
  return Object.fromEntries(
    items.map(({ metadata, spec }) => [metadata.labels?.['app.kubernetes.io/component']?.split('-')[0], { metadata: metadata.name, spec }]),
  );
}

async function grown(): Promise<Story> {
  const s = await story();
  await s.apply({ ...sized(1, 1), cn: component('cn', 1) });
  await s.ready();
  return s;
}

test('each field of an autoscaler has a row here', () => {
  for (const kind of KINDS) {
    const all = [...leaves(kind.schema.properties!['spec']!, (path) => path.endsWith('.metrics'))];
    assert.deepEqual(all.toSorted(), [...OWN_STORY, ...Object.keys(FIELDS)].toSorted());
  }
});

for (const kind of KINDS)
  test(`each field of a ${kind.kind} reaches its HorizontalPodAutoscaler, and leaves it as it was when it is taken out`, { timeout: 110_000 }, async () => {
    await using s = await grown();
    const look = async (part: Part) => {
      await apply(s, kind, over(PLAIN, part));
      await ready(s, kind);
      return await scalers(s);
    };
    const odd: string[] = [];
    const same = (what: string, found: readonly string[], wanted: readonly string[]) => {
      if (!jsonEqual(found, wanted)) odd.push(`${what}: changes ${found.join(', ') || 'nothing'}, and not ${wanted.join(', ') || 'nothing'}`);
    };
    for (const [field, [part, on, other, without = {}]] of Object.entries(FIELDS)) {
      const before = await look(without);
      const first = await look(on);
      // What is off stays off.
      same(`${field} is set`, changed(before, first), [part]);
      same(`${field} is edited`, changed(first, await look(other)), [part]);
      same(`${field} is taken out`, changed(before, await look(without)), []);
    }
    for (const part of ['cn', 'be'] as const) {
      const before = await look({});
      same(`${part} goes`, changed(before, await look({ [part]: undefined })), [part]);
      same(`${part} comes back`, changed(before, await look({})), []);
    }
    assert.deepEqual(odd, []);
  });

const targets = async (s: Story) =>
  Object.values(await scalers(s)).map((one) => (one as { readonly spec: { readonly scaleTargetRef: { readonly name: string } } }).spec.scaleTargetRef.name);

test('an autoscaler that is given another cluster scales that one, and the one before no longer: also while there is none of that name, or no name at all', async () => {
  await using s = await grown();
  const kind = DorisClusterAutoscaler;
  const reason = (wanted: string) =>
    s.w.until(kind, AT, (now) => conditionOf(now, 'Ready')?.reason === wanted && now?.status?.observedGeneration === now?.metadata.generation);
  await apply(s, kind, PLAIN);
  await ready(s, kind);
  assert.deepEqual(await targets(s), ['prod-be', 'prod']);

  await apply(s, kind, over(PLAIN, { cluster: 'other' }));
  await reason('ClusterMissing');
  assert.deepEqual(await targets(s), [], 'nothing adds back ends to the cluster before');
  const other = { ...sized(1, 1), cn: component('cn', 1) };
  await s.w.api.apply(DorisCluster, { metadata: { namespace: AT.namespace, name: 'other' }, spec: other }, user);
  await ready(s, kind);
  assert.deepEqual(await targets(s), ['other-be', 'prod']);

  await apply(s, kind, over(PLAIN, { cluster: '' }));
  await ready(s, kind);
  assert.deepEqual(await targets(s), []);
  const younger = { namespace: AT.namespace, name: 'younger' };
  await s.w.api.apply(kind, { metadata: younger, spec: over(PLAIN, { cluster: 'prod' }) }, user);
  await s.w.until(kind, younger, (now) => isReady(now));
  assert.deepEqual(await targets(s), ['prod-be', 'younger']);
  await apply(s, kind, PLAIN);
  await ready(s, kind);
  await s.w.until(kind, younger, (now) => conditionOf(now, 'Ready')?.reason === 'AlreadyScaled');
  assert.deepEqual(await targets(s), ['prod-be', 'prod'], 'Kubernetes would stop two on one set');
});

test('a number of compute nodes that somebody writes is the number there is, and stays when it is taken out: it is a HorizontalPodAutoscaler’s from then on', async () => {
  await using s = await grown();
  const set = { namespace: AT.namespace, name: 'prod-cn' };
  const wanted = async () => ((await s.w.find(DorisAutoscaler, AT))?.spec as { readonly replicas?: number } | undefined)?.replicas;
  // Of what is not measured it takes nothing away.
  await apply(s, DorisAutoscaler, PLAIN);
  await ready(s, DorisAutoscaler);
  assert.equal(await wanted(), 1);
  for (const replicas of [2, 3]) {
    await apply(s, DorisAutoscaler, { ...PLAIN, replicas });
    await s.w.until(StatefulSet, set, (now) => now?.spec?.replicas === replicas && now.status?.readyReplicas === replicas);
  }
  await apply(s, DorisAutoscaler, PLAIN);
  await ready(s, DorisAutoscaler);
  await s.w.clock.advance(60_000);
  assert.equal(await wanted(), 3);
  assert.equal((await s.w.find(StatefulSet, set))?.spec?.replicas, 3);
});
