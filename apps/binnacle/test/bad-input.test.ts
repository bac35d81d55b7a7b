import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ApiError, systemClock } from '@binnacle/client';
import type { AnyKind, Writable } from '@binnacle/client';
import { DorisCluster } from '@binnacle/doris';
import { Hazelcast } from '@binnacle/hazelcast';
import { silentLogger } from '@binnacle/runtime';
import { startLocalCluster } from '../src/cluster.ts';
import type { LocalCluster } from '../src/cluster.ts';
import { example } from './examples.ts';

const folder = mkdtempSync(join(tmpdir(), 'binnacle-bad-input-'));
const clock = systemClock();
let cluster: LocalCluster;

before(async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  cluster = await startLocalCluster({ port: 0, kubeconfig, state: undefined, operators: ['doris', 'hazelcast'], clock, log: silentLogger });
  // The webhooks are announced a moment later, and their checks are among those below.
  for (const [kind, file, spec] of [
    [Hazelcast, 'hazelcast/basic.yaml', { clusterSize: 301 }],
    [DorisCluster, 'doris/basic.yaml', { statefulSetUpdateStrategy: 'Sideways' }],
  ] as const) {
    for (const end = clock.monotonic() + 20_000; (await refusal(kind, changed(file, spec))) === undefined; await clock.sleep(20)) {
      assert.ok(clock.monotonic() < end, `nobody checks a ${kind.kind}`);
    }
  }
});

after(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type Change = Readonly<Record<string, unknown>>;

function merged(object: Change, change: Change): Change {
  const next: Record<string, unknown> = { ...object };
  for (const [key, value] of Object.entries(change)) {
    const inner = next[key];
    const both = typeof value === 'object' && value !== null && !Array.isArray(value) && typeof inner === 'object' && inner !== null;
    next[key] = both ? merged(inner as Change, value as Change) : value;
  }
  return next;
}

const changed = (file: string, spec: Change, name = 'bad'): Writable => merged(example(file, name), { spec }) as unknown as Writable;

/** What `kubectl apply` of a new object is answered with: it sends it just so, strictly. `undefined`: it is taken. Nothing is stored. */
async function refusal(kind: AnyKind, object: Writable): Promise<ApiError | undefined> {
  try {
    await cluster.api.create(kind, object, { dryRun: true });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** `wrong`: of the kind of mistake; `says`: the path, and what would be right. */
const CASES: readonly { readonly kind: AnyKind; readonly file: string; readonly wrong: string; readonly spec: Change; readonly says: RegExp }[] = [
  ...[
    { wrong: 'a typo', spec: { clusterSzie: 3 }, says: /unknown field "spec\.clusterSzie"/ },
    { wrong: 'a wrong type', spec: { clusterSize: 'three' }, says: /spec\.clusterSize: Invalid value: "string": .*must be of type integer/ },
    { wrong: 'a negative size', spec: { clusterSize: -1 }, says: /spec\.clusterSize: Invalid value: -1: .*greater than or equal to 0/ },
    {
      wrong: 'an unknown word',
      spec: { exposeExternally: { type: 'Clever' } },
      says: /spec\.exposeExternally\.type: Unsupported value: "Clever": supported values: "Smart", "Unisocket"/,
    },
    {
      wrong: 'two items of one name',
      spec: { executorServices: [{ name: 'a' }, { name: 'a' }] },
      says: /spec\.executorServices\[1\](\.name)?: Duplicate value|spec\.executorServices.*(unique|duplicate)/i,
    },
  ].map((one) => ({ kind: Hazelcast as AnyKind, file: 'hazelcast/basic.yaml', ...one })),
  ...[
    { wrong: 'a typo', spec: { fe: { replcas: 3 } }, says: /unknown field "spec\.fe\.replcas"/ },
    { wrong: 'a wrong type', spec: { be: { replicas: 'three' } }, says: /spec\.be\.replicas: Invalid value: "string": .*must be of type integer/ },
    { wrong: 'a negative size', spec: { be: { replicas: -1 } }, says: /spec\.be\.replicas: Invalid value: -1: .*greater than or equal to 0/ },
    {
      wrong: 'an unknown word',
      spec: { statefulSetUpdateStrategy: 'Sideways' },
      says: /spec\.statefulSetUpdateStrategy: Unsupported value: "Sideways": supported values: "RollingUpdate", "OnDelete"/,
    },
    {
      wrong: 'two items of one name',
      spec: { be: { storage: ['a', 'a'].map((name) => ({ name, request: '1Gi', storageClassName: 'standard' })) } },
      says: /spec\.be\.storage\[1\]\.name: Duplicate value: "a"/,
    },
  ].map((one) => ({ kind: DorisCluster as AnyKind, file: 'doris/basic.yaml', ...one })),
];

for (const { kind, file, wrong, spec, says } of CASES) {
  test(`${kind.kind}: ${wrong} is refused with its path and what would be right`, async () => {
    const refused = await refusal(kind, changed(file, spec));
    assert.ok(refused !== undefined, 'it was taken');
    assert.ok(refused.code === 400 || refused.code === 422, `${refused.code} ${refused.message}`);
    assert.match(refused.message, says);
  });
}

for (const [kind, file] of [
  [Hazelcast, 'hazelcast/basic.yaml'],
  [DorisCluster, 'doris/basic.yaml'],
] as const) {
  test(`${kind.kind}: one of a megabyte is refused where kubectl would keep it twice`, async () => {
    const object = merged(example(file, 'large'), {});
    const text = JSON.stringify(merged(object, { spec: { note: 'x'.repeat(1024 * 1024) } }));
    const annotated = merged(object, { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } } });
    const refused = await refusal(kind, annotated as unknown as Writable);
    assert.equal(refused?.code, 422, refused?.message ?? 'it was taken');
    assert.match(refused.message, /metadata\.annotations: Too long: may not be more than 262144 bytes/);
  });

  test(`${kind.kind}: a name too long for its pods is refused`, async () => {
    const refused = await refusal(kind, changed(file, {}, 'n'.repeat(63)));
    assert.equal(refused?.code, 422, refused?.message ?? 'it was taken');
    assert.match(refused.message, /metadata\.name: (Too long|Invalid value)/);
  });
}
