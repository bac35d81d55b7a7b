import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { Guard, View } from '@binnacle/runtime';
import { DorisAutoscaler, DorisClusterAutoscaler } from '../api/doris-autoscaler.ts';
import { DorisCluster } from '../api/doris-cluster.ts';
import { scaledBack } from './scaled-back.ts';

const named = (name: string, more: object) => ({ metadata: { namespace: 'default', name, creationTimestamp: '2026-01-01T00:00:00Z' }, ...more });
const RULES = { replicas: { max: 9 }, rules: { cpu: { max: 80 } } };
const autoscaler = (spec: object, name = 'ours') => named(name, { spec: { cluster: 'prod', ...spec } });
const cluster = (be: number, cn: number) => named('prod', { spec: { fe: {}, be: { replicas: be }, cn: { replicas: cn } } });
const set = (part: string, replicas: number) => named(`prod-${part}`, { spec: { replicas } });

/** What is said when `before` becomes `object`, or goes. */
function warnings(before: object, object: object | undefined, seen: ReadonlyMap<AnyKind, readonly object[]>): readonly string[] {
  const view: View = {
    get: (kind, ref) => (seen.get(kind) ?? []).find((one) => (one as { metadata: { name: string } }).metadata.name === ref.name) as never,
    list: (kind) => (seen.get(kind) ?? []) as never,
    ownedBy: () => [],
    find: () => [],
  };
  const hook = scaledBack.find((one) => one.kind === DorisClusterAutoscaler) as Guard;
  const ref = { namespace: 'default', name: 'ours' };
  const operation = object === undefined ? ('DELETE' as const) : ('UPDATE' as const);
  const verdict = hook.review({ operation, ref, object: object as never, before: before as never, user: 'somebody', dryRun: false }, view);
  assert.equal(verdict.type, 'allow');
  return verdict.type === 'allow' ? (verdict.warnings ?? []) : [];
}

const both = autoscaler({ be: RULES, cn: RULES });
const grown = new Map<AnyKind, readonly object[]>([
  [DorisCluster, [cluster(1, 1)]],
  [StatefulSet, [set('be', 3), set('cn', 2)]],
  [DorisClusterAutoscaler, [both]],
]);

test('who deletes an autoscaler that had added nodes is told what leaves, and how to keep it', () => {
  assert.deepEqual(warnings(both, undefined, grown), [
    'DorisCluster prod has 2 compute nodes, and its spec.cn.replicas says 1: the rest leaves. To keep them set it to 2 first',
    'DorisCluster prod has 3 back ends, and its spec.be.replicas says 1: the rest leaves, one after the other, and all data on it is moved. To keep them set it to 3 first',
  ]);
});

test('so is who takes a part out, and nobody who leaves the parts as they are', () => {
  assert.equal(warnings(both, autoscaler({ cn: RULES }), grown).length, 1);
  assert.deepEqual(warnings(both, autoscaler({ be: RULES, cn: { ...RULES, replicas: { max: 5 } } }), grown), []);
});

test('nothing is said when the cluster asks for as many, is going itself, or another autoscaler goes on', () => {
  assert.deepEqual(warnings(both, undefined, new Map([...grown, [DorisCluster, [cluster(3, 2)]]])), []);
  const going = { ...cluster(1, 1), metadata: { ...cluster(1, 1).metadata, deletionTimestamp: '2026-01-02T00:00:00Z' } };
  assert.deepEqual(warnings(both, undefined, new Map([...grown, [DorisCluster, [going]]])), []);
  assert.deepEqual(warnings(both, undefined, new Map([...grown, [DorisAutoscaler, [autoscaler({ be: RULES, cn: RULES }, 'theirs')]]])), []);
});
