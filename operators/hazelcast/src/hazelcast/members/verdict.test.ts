import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Live } from '@binnacle/client';
import type { Pod, StatefulSet } from '@binnacle/client/kinds';
import { done, stop, waitFor } from '@binnacle/runtime';
import { cluster } from '../../../test/cluster.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { MemberError } from '../../protocol/error.ts';
import { parseMemberState } from '../../protocol/member-state.ts';
import type { MemberState } from '../../protocol/member-state.ts';
import { CONFIGURATION } from '../names.ts';
import { report } from '../report.ts';
import { memberStatuses } from './status.ts';
import { restoreOf, restoreStatus } from './restore.ts';
import type { Seen } from './status.ts';
import { verdict } from './verdict.ts';

const state = (more: Partial<MemberState> = {}): MemberState => ({
  uuid: 'u',
  version: '5.5.0',
  nodeState: 'ACTIVE',
  clusterState: 'ACTIVE',
  master: false,
  lite: false,
  ownedPartitions: 90,
  safe: true,
  members: ['a', 'b', 'c'],
  backupTask: 'NO_TASK',
  backupProgress: { completed: 0, total: 0 },
  hotRestart: { status: 'UNKNOWN', remainingValidationMs: -1, remainingDataLoadMs: -1 },
  ...more,
});

function pod(ordinal: number, status: object = {}): Live<typeof Pod> {
  const metadata = { name: `hazelcast-${ordinal}`, namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  const ready = { podIP: `10.0.0.${ordinal}`, conditions: [{ type: 'Ready', status: 'True' }], ...status };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: ready };
}

const three = (each: (ordinal: number) => Partial<MemberState> = () => ({})): readonly Seen[] =>
  [0, 1, 2].map((ordinal) => ({ pod: pod(ordinal), state: state(each(ordinal)) }));
const settled = { metadata: { generation: 1 }, status: { observedGeneration: 1, replicas: 3, readyReplicas: 3, updatedReplicas: 3 } } as unknown as Live<
  typeof StatefulSet
>;
const reason = (wanted: number, live: typeof settled | undefined, seen: readonly Seen[]) => {
  const outcome = verdict(wanted, live, seen);
  return outcome.type === 'wait' ? outcome.reason : outcome.type;
};

test('a cluster runs when all members are ready, connected, one cluster, and have their copies', () => {
  assert.equal(reason(3, settled, three()), 'done');
  assert.equal(reason(3, settled, three().slice(1)), 'MembersStarting');
  assert.equal(reason(3, undefined, []), 'MembersStarting');
  assert.equal(reason(3, settled, [...three().slice(1), { pod: pod(0), problem: 'lost' }]), 'MembersUnreachable');
  assert.equal(
    reason(
      3,
      settled,
      three((ordinal) => (ordinal === 0 ? { safe: false } : {})),
    ),
    'Rebalancing',
  );
  assert.equal(
    reason(
      3,
      settled,
      three(() => ({ safe: false, clusterState: 'PASSIVE' })),
    ),
    'done',
  );
});

test('members that did not find one another are no cluster, however ready each is', () => {
  const outcome = verdict(
    3,
    settled,
    three((ordinal) => (ordinal === 0 ? { members: ['a'] } : { members: ['b', 'c'] })),
  );
  assert.deepEqual(
    outcome,
    waitFor('MembersApart', 'not one cluster of 3 members: hazelcast-0 sees 1, hazelcast-1 sees 2, hazelcast-2 sees 2', { afterMs: 5000 }),
  );
});

test('a pod that cannot come up is named with its reason, that of its init container too', () => {
  const waiting = [{ name: 'init-container', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } }];
  const outcome = verdict(3, settled, [...three().slice(1), { pod: pod(0, { initContainerStatuses: waiting }) }]);
  assert.deepEqual(outcome, waitFor('PodsFailing', 'multiple (1) errors: pod hazelcast-0 in namespace default failed for back-off: CrashLoopBackOff'));
  const creating = [{ name: 'hazelcast', state: { waiting: { reason: 'ContainerCreating' } } }];
  assert.equal(reason(3, settled, [...three().slice(1), { pod: pod(0, { conditions: [], containerStatuses: creating }) }]), 'MembersStarting');
});

test('what members that start wait for is what is missing at that moment', () => {
  const message = (live: typeof settled | undefined, seen: readonly Seen[]) => {
    const outcome = verdict(3, live, seen);
    return outcome.type === 'wait' ? outcome.message : outcome.type;
  };
  const behind = (status: object) => ({ ...settled, status: { ...settled.status, ...status } }) as typeof settled;
  const full = { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }] };
  assert.equal(message(behind({ observedGeneration: 0 }), three()), 'Kubernetes has not taken up the last change of the StatefulSet');
  assert.equal(message(settled, three().slice(1)), '2 of 3 members are ready; no pod yet for 1');
  assert.equal(
    message(settled, [...three().slice(1), { pod: pod(0, full) }]),
    '2 of 3 members are ready; not ready: hazelcast-0 (Unschedulable: 0/1 nodes are available)',
  );
  assert.equal(message(behind({ readyReplicas: 2 }), three()), 'all 3 members are ready; their StatefulSet has not counted them yet');
  assert.equal(message(behind({ updatedReplicas: 2 }), three()), '2 of 3 members run the newest template');
});

test('a paused cluster is paused when its last member has stopped', () => {
  assert.equal(reason(0, settled, three()), 'Pausing');
  assert.equal(reason(0, settled, []), 'done');
});

test('the phase follows from how the pass ended', () => {
  const phase = (outcome: Parameters<typeof report>[1]['outcome'], hz = cluster()) => report(hz, { outcome }).phase;
  assert.equal(phase(done), 'Running');
  assert.equal(phase(done, cluster({ clusterSize: 0 })), 'Paused');
  assert.equal(phase(waitFor('MembersStarting', '')), 'Pending');
  assert.equal(phase(waitFor('PodsFailing', '')), 'Failed');
  assert.equal(phase(waitFor('Rebalancing', '')), 'Running');
  assert.equal(phase(stop('InvalidSpec', '')), 'Failed');
  const hz = cluster();
  assert.equal(phase(waitFor('X', ''), { ...hz, metadata: { ...hz.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }), 'Terminating');
  assert.deepEqual(report(hz, { outcome: { type: 'gone' } }), {});
});

test('8.6: members are listed by ordinal, whatever order they are seen in', () => {
  const list = memberStatuses([10, 2, 0].map((ordinal) => ({ pod: pod(ordinal) })));
  assert.deepEqual(
    list.map(({ podName }) => podName),
    ['hazelcast-0', 'hazelcast-2', 'hazelcast-10'],
  );
  assert.deepEqual(list[0], { podName: 'hazelcast-0', ip: '10.0.0.0', connected: false, ready: true });
});

test('of each member the status tells what it says, what is wrong with its pod, and how often it was started again', () => {
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
  const containerStatuses = [
    { name: 'sidecar-agent', restartCount: 7, ready: true, image: 'a', imageID: 'a' },
    { name: 'hazelcast', restartCount: 2, ready: false, image: 'h', imageID: 'h', state: { waiting } },
  ];
  const failing = pod(1, { containerStatuses, conditions: [{ type: 'Ready', status: 'False' }] });
  const well = { ...pod(0), metadata: { ...pod(0).metadata, annotations: { [CONFIGURATION]: 'c1' } } };
  assert.deepEqual(memberStatuses([{ pod: well, state: state({ master: true, lite: true }) }, { pod: failing }]), [
    {
      podName: 'hazelcast-0',
      ip: '10.0.0.0',
      uid: 'u',
      version: '5.5.0',
      state: 'ACTIVE',
      master: true,
      lite: true,
      ownedPartitions: 90,
      connected: true,
      ready: true,
      configuration: 'c1',
    },
    { podName: 'hazelcast-1', ip: '10.0.0.1', connected: false, ready: false, ...waiting, restartCount: 2 },
  ]);
});

test('recovery is reported in whole seconds', () => {
  const hotRestart = { status: 'IN_PROGRESS', remainingValidationMs: 1999, remainingDataLoadMs: -1 };
  assert.deepEqual(restoreStatus([{ pod: pod(0), state: state({ hotRestart }) }]), { state: 'InProgress', remainingValidationTime: 1 });
  const loading = { status: 'IN_PROGRESS', remainingValidationMs: -1, remainingDataLoadMs: 2_500 };
  assert.deepEqual(restoreStatus([{ pod: pod(0), state: state({ hotRestart: loading }) }]), { state: 'InProgress', remainingDataLoadTime: 2 });
  for (const [status, told] of [
    ['SUCCEEDED', 'Succeeded'],
    ['FAILED', 'Failed'],
  ] as const)
    assert.equal(restoreStatus([{ pod: pod(0), state: state({ hotRestart: { ...loading, status } }) }])?.state, told);
  assert.equal(restoreStatus(three()), undefined);
});

test('a restore that nobody tells of ends with its wish, its pods, or the pod that cannot come up', () => {
  const wish = { persistence: { restore: { localConfig: { backupFolder: 'backup-1659034855438' } } } };
  const formed = { conditions: [{ type: 'Formed', status: 'True' }] };
  const during = { restore: { state: 'InProgress' } };
  const ending = (spec: object, status: object, seen: readonly Seen[]) => {
    const now = { ...cluster({ clusterSize: 3, ...spec }), status } as unknown as Cluster; // sound: the rest of the status is not looked at
    return restoreOf(now, seen)?.state;
  };
  const silent = [{ pod: pod(0) }];
  const stuck = [{ pod: pod(0, { initContainerStatuses: [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }] }) }];
  assert.equal(ending(wish, {}, []), 'InProgress', 'its pods are to come');
  assert.equal(ending(wish, during, silent), 'InProgress');
  assert.equal(ending(wish, during, stuck), 'Failed', 'such as of a folder that is not there');
  assert.equal(ending({ ...wish, clusterSize: 0 }, during, []), undefined, 'paused');
  assert.equal(ending({}, during, stuck), undefined, 'taken out of the spec');
  assert.equal(ending(wish, { ...formed, ...during }, three()), 'Succeeded');
  assert.equal(ending({}, { ...formed, ...during }, three()), undefined);
  assert.equal(ending({}, { ...formed, ...during }, silent), 'InProgress', 'who is there may still say');
  assert.equal(ending({}, { ...formed, ...during }, stuck), 'Failed');
  assert.equal(ending({}, { ...formed, ...during }, []), undefined);
  assert.equal(ending(wish, { ...formed, restore: { state: 'Succeeded' } }, []), 'Succeeded', 'paused later');
});

test('a state that lacks what decides is refused by name, and unknown fields are not', () => {
  const nodeState = { clusterState: 'ACTIVE', nodeState: 'ACTIVE', memberVersion: '5.7.0' };
  const json = (memberState: object) => JSON.stringify({ timedMemberState: { master: true, memberList: ['a'], news: 1, memberState } });
  const read = parseMemberState(json({ uuid: 'u', nodeState, memberPartitionState: { partitions: [1, 2], memberStateSafe: false }, more: {} }));
  assert.deepEqual([read.ownedPartitions, read.safe, read.version, read.lite], [2, false, '5.7.0', false]);
  assert.throws(
    () => parseMemberState(json({ uuid: 'u' })),
    (error: unknown) => error instanceof MemberError && error.code === 'unreadable' && error.message.includes('nodeState'),
  );
  assert.throws(() => parseMemberState('<html>'), MemberError);
});
