import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, conditionOf, isReady } from '@binnacle/client';
import { Job, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { admit } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import { leaves } from '@binnacle/testing';
import { DorisAutoscaler, DorisCluster, DorisClusterAutoscaler, DorisInitializer } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { AT, component, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import type { Part, Wrong } from './monitor-fields.ts';
import { fieldsOf, isWrong, over } from './over.ts';
import { AUTOSCALER, AUTOSCALER_ANY, AUTOSCALER_WRONG, CLUSTER, CLUSTER_ANY, CLUSTER_IDLE, CLUSTER_WRONG } from './wrong-fields.ts';
import { INITIALIZER, INITIALIZER_ANY, INITIALIZER_WRONG } from './wrong-fields.ts';

const TABLES = [
  { kind: DorisCluster, plain: CLUSTER, wrong: [...CLUSTER_WRONG, ...CLUSTER_IDLE], any: CLUSTER_ANY },
  { kind: DorisInitializer, plain: INITIALIZER, wrong: INITIALIZER_WRONG, any: INITIALIZER_ANY },
  { kind: DorisAutoscaler, plain: AUTOSCALER, wrong: AUTOSCALER_WRONG, any: AUTOSCALER_ANY },
  { kind: DorisClusterAutoscaler, plain: AUTOSCALER, wrong: AUTOSCALER_WRONG, any: AUTOSCALER_ANY },
] as const;

function faultsOf(kind: (typeof TABLES)[number]['kind'], spec: Part): readonly string[] {
  const object = { apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind, metadata: AT, spec };
  return admit(kind as typeof DorisCluster, object).errors.map(({ field, message }) => `${field}: ${message}`);
}

test('each field of a kind has a row here: what is wrong in it, or that nothing is', () => {
  for (const { kind, wrong, any } of TABLES) {
    const told = [...fieldsOf(wrong), ...any];
    // What is inside of these is not ours to describe.
    const isWhole = (path: string) => any.includes(path) || /(^|\.)(claims|config|metrics)$/.test(path);
    const schema: Schema = kind.schema.properties!['spec']!;
    const all = [...leaves(schema, isWhole)];
    assert.ok(all.length > 10);
    assert.deepEqual(
      all.filter((path) => !told.some((one) => one === path || one.startsWith(`${path}.`) || path.startsWith(`${one}.`))),
      [],
      kind.kind,
    );
  }
});

test('what is wrong in a field is refused with its path and what would be right', () => {
  for (const { kind, plain, wrong } of TABLES) {
    assert.deepEqual(faultsOf(kind, plain), [], kind.kind);
    for (const [field, part, what] of wrong) {
      const found = faultsOf(kind, over(plain, part));
      assert.ok(isWrong(found, field, what), `${kind.kind} ${field}: ${found.join('; ') || 'taken'}`);
    }
  }
});

const user = { fieldManager: 'user', force: true };
const plain = { ...sized(1, 1), cn: component('cn', 1), broker: component('broker', 1) } as unknown as Part;

/** Applies, and waits for what a pass says of it; `undefined`: the API server does not store it. */
async function told(s: Story, part: Part): Promise<{ readonly ready: string; readonly doubt: string } | undefined> {
  try {
    await s.apply(over(plain, part) as unknown as Spec); // sound: that it is none is what the story is about
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return undefined;
  }
  const { generation } = (await s.cluster()).metadata;
  const isSaid = (object: Awaited<ReturnType<typeof s.cluster>>) => conditionOf(object, 'Ready')?.reason === 'InvalidSpec' || isReady(object);
  await s.w.until(DorisCluster, AT, (now) => now !== undefined && now.status?.observedGeneration === generation && isSaid(now));
  const now = await s.cluster();
  const message = (type: string) => {
    const found = conditionOf(now, type);
    return found?.status === 'False' ? (found.message ?? '') : '';
  };
  return { ready: message('Ready'), doubt: message('SpecValid') };
}

/** Those whose fault is not in what Kubernetes would refuse anyway, but in what an edit may ask. */
const AT_ADMISSION_ALONE = /medium|followers|storage\[0\]/;

test('a cluster that has a wrong word already goes on as it was and says which; what has no effect keeps nobody from being ready', async () => {
  await using s = await story();
  await s.apply(plain as unknown as Spec);
  await s.ready();
  const sets = async () => await Promise.all(['fe', 'be', 'cn', 'broker'].map(async (name) => JSON.stringify((await s.set(name)).spec)));
  const before = await sets();
  let judged = 0;
  for (const [field, part, what] of CLUSTER_WRONG.filter(([path]) => !AT_ADMISSION_ALONE.test(path))) {
    const said = await told(s, part);
    if (said === undefined) continue;
    judged += 1;
    assert.ok(isWrong(said.ready.split('; '), field, what), `${field}: ${said.ready || 'ready'}`);
  }
  assert.ok(judged > 30, String(judged));
  assert.deepEqual(await sets(), before);
  for (const [field, part, what] of CLUSTER_IDLE.filter(([path]) => !/claims/.test(path))) {
    const said = await told(s, part);
    assert.ok(said?.ready === '' && said.doubt.includes(`spec.${field}: `) && what.test(said.doubt), `${field}: ${JSON.stringify(said)}`);
  }
});

test('an initializer and an autoscaler that have a wrong word already make nothing, and say which it is', async () => {
  await using s = await story();
  await s.apply(plain as unknown as Spec);
  await s.ready();
  const cases: readonly (readonly [typeof DorisInitializer | typeof DorisClusterAutoscaler, Part, Wrong])[] = [
    [DorisInitializer, { cluster: 'prod', rootPassword: 'new' }, INITIALIZER_WRONG.find(([field]) => field === 'imagePullPolicy')!],
    [DorisClusterAutoscaler, over(AUTOSCALER, { cluster: 'prod' }), AUTOSCALER_WRONG.find(([field]) => field === 'cn.behavior.scaleUp.selectPolicy')!],
  ];
  for (const [kind, spec, [field, part, what]] of cases) {
    await s.w.api.apply(kind as typeof DorisInitializer, { metadata: AT, spec: over(spec, part) }, user);
    await s.w.until(kind as typeof DorisInitializer, AT, (now) => conditionOf(now, 'Ready')?.reason === 'InvalidSpec');
    const said = conditionOf(await s.w.find(kind as typeof DorisInitializer, AT), 'Ready')?.message ?? '';
    assert.ok(isWrong(said.split('; '), field, what), said);
  }
  assert.deepEqual((await s.w.api.list(Job)).items, []);
  assert.deepEqual((await s.w.api.list(V2HorizontalPodAutoscaler)).items, []);
});
