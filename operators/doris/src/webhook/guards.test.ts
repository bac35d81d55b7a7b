import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { Guard, View, Write } from '@binnacle/runtime';
import { virtualClock } from '@binnacle/testing';
import { DorisCluster } from '../api/doris-cluster.ts';
import { labelsOf } from '../cluster/names.ts';
import type { ComponentName } from '../cluster/names.ts';
import { Pod } from '../pod.ts';
import { guards } from './guards.ts';

const NAMESPACE = 'default';
const clock = virtualClock();

interface Seen {
  readonly cluster?: object;
  readonly pods?: readonly object[];
  readonly sets?: readonly object[];
}

/** A cache that holds these. */
function view({ cluster, pods = [], sets = [] }: Seen): View {
  const all = new Map<AnyKind, readonly any[]>([
    [DorisCluster, cluster === undefined ? [] : [cluster]],
    [Pod, pods],
    [StatefulSet, sets],
  ]);
  const rows = (kind: AnyKind) => all.get(kind) ?? [];
  return {
    get: (kind, ref) => rows(kind).find((one) => one.metadata.name === ref.name),
    list: (kind, options) => rows(kind).filter((one) => Object.entries(options?.labels ?? {}).every(([key, value]) => one.metadata.labels[key] === value)),
    ownedBy: () => [],
    find: () => [],
  };
}

const pod = (component: ComponentName, ordinal: number, { ready = true, ...metadata }: { readonly ready?: boolean } & Record<string, unknown> = {}) => ({
  metadata: { namespace: NAMESPACE, name: `prod-${component}-${ordinal}`, uid: `${component}-${ordinal}`, labels: labelsOf('prod', component), ...metadata },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const set = (component: ComponentName, replicas: number) => ({
  metadata: { namespace: NAMESPACE, name: `prod-${component}`, labels: labelsOf('prod', component) },
  spec: { replicas },
});
const cluster = (change: object = {}, status: object = {}) => ({
  metadata: { namespace: NAMESPACE, name: 'prod', ...change },
  spec: { fe: {}, be: {}, cn: {} },
  status,
});
const three = (ready: readonly boolean[]) => ready.map((one, ordinal) => pod('fe', ordinal, { ready: one }));

/** What a guard says; each call with guards that remember nothing, unless they are given. */
function ask(name: string, write: Partial<Write<AnyKind>> & { readonly object?: any; readonly before?: any }, seen: Seen, from = guards(clock)): string {
  const found = from.find((one) => one.name === name) as Guard;
  const ref = { namespace: NAMESPACE, name: (write.before ?? write.object)?.metadata?.name ?? 'prod-fe-0' };
  return found.review({ operation: 'DELETE', ref, object: undefined, before: undefined, user: 'kubernetes-admin', dryRun: false, ...write }, view(seen)).type;
}

const oneDown: Seen = { cluster: cluster(), pods: three([true, true, false]), sets: [set('fe', 3)] };

test('the front end that the quorum needs is not deleted by people, and its eviction has to wait', () => {
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0) }, oneDown), 'refuse');
  assert.equal(ask('doris-pod-eviction', { operation: 'CREATE', ref: { namespace: NAMESPACE, name: 'prod-fe-0' } }, oneDown), 'later');
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 2, { ready: false }) }, oneDown), 'allow', 'the one that is down already');
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0) }, { ...oneDown, pods: three([true, true, true]) }), 'allow');
});

test('two deletions right after each other: the second is not let through on what was true before the first', async () => {
  const seen = { ...oneDown, pods: three([true, true, true]) };
  const same = guards(clock);
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0), dryRun: true }, seen, same), 'allow');
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0) }, seen, same), 'allow');
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 1) }, seen, same), 'refuse');
  await clock.advance(10_000);
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 1) }, seen, same), 'allow', 'somebody else kept the first');
});

test('the cluster’s own controllers and the operator are never in anybody’s way, an autoscaler that evicts is', () => {
  for (const user of [
    'system:serviceaccount:kube-system:statefulset-controller',
    'system:kube-controller-manager',
    'system:node:one',
    'system:serviceaccount:x:doris-operator',
  ])
    assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0), user }, oneDown), 'allow', user);
  const user = 'system:serviceaccount:kube-system:cluster-autoscaler';
  assert.equal(ask('doris-pod-eviction', { user, ref: { namespace: NAMESPACE, name: 'prod-fe-0' } }, oneDown), 'later');
});

test('a cluster that is going, one that is gone, and what its owner let go hold nobody up', () => {
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0) }, { ...oneDown, cluster: cluster({ deletionTimestamp: 'now' }) }), 'allow');
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0) }, { pods: oneDown.pods!, sets: oneDown.sets! }), 'allow');
  const annotations = { 'al-assad.github.io/allow-disruption': 'true' };
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 0, { annotations }) }, oneDown), 'allow');
  assert.equal(ask('doris-pod-deletion', { before: pod('cn', 0) }, oneDown), 'allow', 'compute nodes hold nothing');
  assert.equal(ask('doris-pod-deletion', { before: { metadata: { name: 'other', labels: {} } } }, oneDown), 'allow');
});

test('a back end that Doris has emptied may go whatever the others do, and an observer has no vote', () => {
  const node = (component: string, ordinal: number, more: object) => ({
    host: `prod-${component}-${ordinal}.prod-${component}-peer.default.svc.cluster.local`,
    alive: true,
    ...more,
  });
  const be = { nodes: [node('be', 0, { tablets: 4 }), node('be', 1, { tablets: 0, decommissioned: true }), node('be', 2, { tablets: 4 })] };
  const pods = [pod('be', 0), pod('be', 1), pod('be', 2, { ready: false })];
  const seen = { cluster: cluster({}, { be }), pods, sets: [set('be', 3)] };
  assert.equal(ask('doris-pod-deletion', { before: pod('be', 1) }, seen), 'allow');
  assert.equal(ask('doris-pod-deletion', { before: pod('be', 0) }, seen), 'refuse');
  const fe = { nodes: [node('fe', 0, { role: 'FOLLOWER' }), node('fe', 1, { role: 'OBSERVER' }), node('fe', 2, { role: 'FOLLOWER' })] };
  const observed = { ...oneDown, cluster: cluster({}, { fe }) };
  assert.equal(ask('doris-pod-deletion', { before: pod('fe', 1) }, observed), 'allow');
});

test('a StatefulSet of data is scaled by its cluster alone; compute nodes by anybody, and more pods are nobody’s loss', () => {
  const update = (component: ComponentName, before: number, now: number, more: object = {}) =>
    ask('doris-stateful-set-update', { operation: 'UPDATE', before: set(component, before), object: set(component, now), ...more }, oneDown);
  assert.equal(update('be', 3, 2), 'refuse');
  assert.equal(update('be', 2, 3), 'allow');
  assert.equal(update('cn', 3, 0), 'allow');
  assert.equal(update('be', 3, 2, { fieldManager: 'doris-doriscluster' }), 'allow', 'the operator, whoever it runs as');
  const scale = (replicas: object) =>
    ask(
      'doris-stateful-set-scale',
      { operation: 'UPDATE', before: { metadata: { name: 'prod-fe' }, spec: { replicas: 3 } }, object: { spec: replicas } },
      oneDown,
    );
  assert.equal(scale({}), 'refuse', 'none at all');
  assert.equal(scale({ replicas: 3 }), 'allow');
});

test('StatefulSets, volumes and the account go with their cluster, not before', () => {
  assert.equal(ask('doris-stateful-set-deletion', { before: set('fe', 3) }, oneDown), 'refuse');
  assert.equal(ask('doris-stateful-set-deletion', { before: set('fe', 3), propagationPolicy: 'Orphan' }, oneDown), 'allow', 'its pods run on');
  const claim = (ordinal: number) => ({ metadata: { name: `fe-meta-prod-fe-${ordinal}`, labels: labelsOf('prod', 'fe') } });
  assert.equal(ask('doris-volume-deletion', { before: claim(2) }, oneDown), 'refuse');
  assert.equal(ask('doris-volume-deletion', { before: claim(3) }, oneDown), 'allow', 'of a front end that left');
  const suspended = { ...set('fe', 0), metadata: { ...set('fe', 0).metadata, annotations: { 'al-assad.github.io/suspended-replicas': '3' } } };
  assert.equal(ask('doris-volume-deletion', { before: claim(2) }, { ...oneDown, sets: [suspended] }), 'refuse', 'no pod runs, and the data is wanted');
  assert.equal(ask('doris-volume-deletion', { before: claim(3) }, { ...oneDown, sets: [suspended] }), 'allow');
  // While a StatefulSet is made anew, its pods run or are to run.
  assert.equal(ask('doris-volume-deletion', { before: claim(2) }, { ...oneDown, sets: [] }), 'refuse');
  assert.equal(ask('doris-volume-deletion', { before: claim(3) }, { ...oneDown, sets: [] }), 'allow');
  const wanted = { ...cluster(), spec: { fe: { replicas: 2 }, be: {}, cn: {} } };
  assert.equal(ask('doris-volume-deletion', { before: claim(1) }, { cluster: wanted }), 'refuse');
  assert.equal(ask('doris-volume-deletion', { before: claim(2) }, { cluster: wanted }), 'allow');
  const secret = (name: string) => ({ metadata: { name, labels: labelsOf('prod', '') } });
  assert.equal(ask('doris-account-deletion', { before: secret('prod-opr-account') }, oneDown), 'refuse');
  assert.equal(ask('doris-account-deletion', { before: secret('prod-other') }, oneDown), 'allow');
});

test('a volume without a pod stays while Doris has tablets on it, or counts its vote', () => {
  const node = (component: string, ordinal: number, more: object) => ({
    host: `prod-${component}-${ordinal}.prod-${component}-peer.default.svc.cluster.local`,
    ...more,
  });
  const be = { nodes: [node('be', 2, { alive: false, tablets: 4 }), node('be', 3, { alive: false, tablets: 0 })] };
  const fe = { nodes: [node('fe', 1, { alive: false, role: 'FOLLOWER' }), node('fe', 2, { alive: false, role: 'OBSERVER' })] };
  const seen = { cluster: cluster({}, { be, fe }), sets: [set('be', 2), set('fe', 1)] };
  const verdict = (name: string, component: ComponentName) =>
    ask('doris-volume-deletion', { before: { metadata: { name, labels: labelsOf('prod', component) } } }, seen);
  assert.equal(verdict('be-storage-prod-be-2', 'be'), 'refuse');
  assert.equal(verdict('be-storage-prod-be-3', 'be'), 'allow');
  assert.equal(verdict('fe-meta-prod-fe-1', 'fe'), 'refuse');
  assert.equal(verdict('fe-meta-prod-fe-2', 'fe'), 'allow');
});
