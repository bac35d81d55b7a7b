import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import type { AnyKind, Writable } from '@binnacle/client';
import { CustomResourceDefinition, Pod, StatefulSet } from '@binnacle/client/kinds';
import { DorisCluster } from '@binnacle/doris';
import { Hazelcast } from '@binnacle/hazelcast';
import type { AnyResource } from '@binnacle/runtime';
import { crd } from '@binnacle/schema';
import { snapshot, world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { example } from './examples.ts';
import { doris, hazelcast } from './subjects.ts';

/** As the API server of a kind whose schema knew no rules: what it took is still there when the rules have come. */
async function storePastAdmission(w: World, kind: AnyResource, object: Writable): Promise<void> {
  const strict = crd(kind);
  const [version] = strict.spec.versions;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } as const;
  const lax = { ...version!, schema, subresources: { status: {} } };
  await w.api.apply(CustomResourceDefinition, { ...strict, spec: { ...strict.spec, versions: [lax] } } as never, AS_USER);
  await w.api.apply(kind, object, AS_USER);
  await w.api.apply(CustomResourceDefinition, strict as never, AS_USER);
}

const AS_USER = { fieldManager: 'user', force: true } as const;
const LONG = 'n'.repeat(53);

interface Main {
  readonly subject: Subject;
  readonly kind: AnyResource;
  readonly file: string;
  /** `says`: the field's path and what would be right. */
  readonly cases: readonly { readonly wrong: string; readonly name?: string; readonly spec?: object; readonly says: RegExp }[];
  readonly edit: object;
}

const hz = example('hazelcast/basic.yaml')['spec'] as object;
const dc = example('doris/basic.yaml')['spec'] as { readonly fe: object; readonly be: object };
const storage = (name: string) => ({ name, request: '1Gi', storageClassName: 'standard' });

const MAINS: readonly Main[] = [
  {
    subject: hazelcast,
    kind: Hazelcast,
    file: 'hazelcast/basic.yaml',
    cases: [
      { wrong: 'a name too long for its pods', name: LONG, says: /metadata\.name: Too long: may not be more than 52 bytes/ },
      {
        wrong: 'two items of one name',
        spec: { ...hz, executorServices: [{ name: 'a' }, { name: 'a' }] },
        says: /spec\.executorServices\[1\]\.name: Duplicate value: "a"/,
      },
      { wrong: 'a negative size', spec: { ...hz, clusterSize: -1 }, says: /spec\.clusterSize: Invalid value: -1: .*greater than or equal to 0/ },
      {
        wrong: 'an unknown word',
        spec: { ...hz, exposeExternally: { type: 'Clever' } },
        says: /spec\.exposeExternally\.type: Unsupported value: "Clever": supported values: "Smart", "Unisocket"/,
      },
      { wrong: 'a wrong type', spec: { ...hz, clusterSize: 'three' }, says: /spec\.clusterSize: Invalid value: "string": .*must be of type integer/ },
      { wrong: 'a spec that is a list', spec: [], says: /spec: Invalid value: "array": .*must be of type object/ },
    ],
    edit: { exposeExternally: { type: 'Clever' } },
  },
  {
    subject: doris,
    kind: DorisCluster,
    file: 'doris/basic.yaml',
    cases: [
      { wrong: 'a name too long for its pods', name: LONG, says: /metadata\.name: Too long: may not be more than 45 bytes/ },
      {
        wrong: 'two items of one name',
        spec: { ...dc, be: { ...dc.be, storage: [storage('a'), storage('a')] } },
        says: /spec\.be\.storage\[1\]\.name: Duplicate value: "a"/,
      },
      {
        wrong: 'a negative size',
        spec: { ...dc, be: { ...dc.be, replicas: -1 } },
        says: /spec\.be\.replicas: Invalid value: -1: .*greater than or equal to 0/,
      },
      {
        wrong: 'an unknown word',
        spec: { ...dc, statefulSetUpdateStrategy: 'Sideways' },
        says: /spec\.statefulSetUpdateStrategy: Unsupported value: "Sideways": supported values: "RollingUpdate", "OnDelete"/,
      },
      { wrong: 'a wrong type', spec: { ...dc, fe: 'three' }, says: /spec\.fe: Invalid value: "string": .*must be of type object/ },
      { wrong: 'a spec that is a list', spec: [], says: /spec: Invalid value: "array": .*must be of type object/ },
    ],
    edit: { nodeSelector: 'all' },
  },
];

const at = (name: string) => ({ namespace: 'default', name });

for (const { subject, kind, file, cases, edit } of MAINS) {
  test(`${kind.kind}: what is wrong and was stored before its rules is told with its path and what would be right; nothing is made for it`, async () => {
    await using w = await world([subject]);
    const object = (index: number) => {
      const { name = `stored-${index}`, spec } = cases[index]!;
      return { ...example(file, name), ...(spec === undefined ? {} : { spec }) } as unknown as Writable & { readonly metadata: { readonly name: string } };
    };
    for (const index of cases.keys()) await storePastAdmission(w, kind, object(index));
    await w.clock.advance(60_000);
    const before = Object.keys(await snapshot(w, []));
    w.start(subject);
    for (const [index, { wrong, says }] of cases.entries()) {
      await w.until(kind, at(object(index).metadata.name), (now) => conditionOf(now, 'Ready') !== undefined);
      const ready = conditionOf(await w.find(kind, at(object(index).metadata.name)), 'Ready');
      assert.equal(ready?.reason, 'InvalidSpec', wrong);
      assert.match(ready?.message ?? '', says, wrong);
    }
    await w.clock.advance(600_000);
    const made = Object.keys(await snapshot(w, [])).filter((key) => !before.includes(key));
    assert.deepEqual(made, []);
  });

  test(`${kind.kind}: a cluster whose spec turns out wrong goes on as it is, is told of, and heals with an edit`, async () => {
    await using w = await world([subject]);
    w.start(subject);
    const object = example(file, 'prod');
    await w.api.apply(kind, object, AS_USER);
    await w.until(kind, at('prod'), (now) => now !== undefined && isReady(now));
    const ours = async () =>
      await Promise.all(
        [StatefulSet, Pod].map(async (one) =>
          (await w.api.list(one as AnyKind)).items.map(({ metadata }) => [metadata.name, metadata.uid, metadata.generation]),
        ),
      );
    const before = await ours();
    await storePastAdmission(w, kind, { ...object, spec: { ...(object['spec'] as object), ...edit } } as unknown as Writable);
    await w.until(kind, at('prod'), (now) => conditionOf(now, 'Ready')?.reason === 'InvalidSpec');
    const [pod] = (await w.api.list(Pod)).items;
    await w.api.delete(Pod, pod!.metadata);
    await w.until(kind, at('prod'), (now) => conditionOf(now, 'Degraded')?.status === 'True');
    await w.until(kind, at('prod'), (now) => conditionOf(now, 'Degraded')?.status === 'False');
    assert.equal(conditionOf(await w.find(kind, at('prod')), 'Ready')?.reason, 'InvalidSpec');
    const kept = (list: Awaited<ReturnType<typeof ours>>) => list.map((part) => part.filter(([name]) => name !== pod!.metadata.name));
    assert.deepEqual(kept(await ours()), kept(before));
    const undone = Object.fromEntries(Object.keys(edit).map((field) => [field, null]));
    await w.api.patch(kind, at('prod'), { type: 'merge', body: { spec: undone } });
    await w.until(kind, at('prod'), (now) => now !== undefined && isReady(now));
  });
}

test('what is refused of a new cluster is let be where it runs already, and SpecValid tells', async () => {
  await using w = await world([hazelcast]);
  const first = w.start(hazelcast);
  const object = example('hazelcast/basic.yaml', 'prod');
  await w.api.apply(Hazelcast, object, AS_USER);
  await w.until(Hazelcast, at('prod'), (now) => now !== undefined && isReady(now));
  assert.equal(conditionOf(await w.find(Hazelcast, at('prod')), 'SpecValid'), undefined);
  await first.stop();
  const twice = { ...hz, executorServices: [{ name: 'a' }, { name: 'a' }] };
  await w.api.apply(Hazelcast, { ...object, spec: twice } as never, AS_USER);
  w.start(hazelcast);
  await w.until(Hazelcast, at('prod'), (now) => conditionOf(now, 'SpecValid')?.status === 'False' && isReady(now));
  assert.match(conditionOf(await w.find(Hazelcast, at('prod')), 'SpecValid')?.message ?? '', /spec\.executorServices\[1\]\.name: Duplicate value: "a"/);
  await w.api.apply(Hazelcast, object, AS_USER);
  await w.until(Hazelcast, at('prod'), (now) => conditionOf(now, 'SpecValid')?.status === 'True');
});
