import type { Clock, Live } from '@binnacle/client';
import { PersistentVolumeClaim, Secret, StatefulSet } from '@binnacle/client/kinds';
import { allow, guard, later, refuse } from '@binnacle/runtime';
import type { Hook, Verdict, View } from '@binnacle/runtime';
import { DorisCluster } from '../api/doris-cluster.ts';
import { accountSecretName, labelsOf, namesOf } from '../cluster/names.ts';
import { replicasThere } from '../cluster/there.ts';
import { disruption } from './disruption.ts';
import { ALLOW_DISRUPTION, copiesOf, guarded, peersOf, stayingCluster, stillHolds } from './seen.ts';
import type { Guarded } from './seen.ts';
import { isBuiltIn, isOperator } from './who.ts';
import { Pod } from '../pod.ts';

/** What every object of a cluster carries, whichever cluster it is. */
const { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': manager } = labelsOf('', '');
const OURS = { 'app.kubernetes.io/name': name!, 'app.kubernetes.io/managed-by': manager! };

/** Until the cache shows that a pod which was let go is going; ms. Two deletions right after each other must not both be let through. */
const LETTING_GO_MS = 10_000;

/**
 * Keeps pods, StatefulSets and volumes of a living cluster from going when that would cost the quorum or the last copy of data. Says no to people and to whoever
 * drains nodes, never to the cluster's own controllers; nothing of this stands in the way once the DorisCluster is being deleted.
 */
export function guards(clock: Clock): readonly Hook[] {
  const leaving = lettingGo(clock);
  return [
    guard({
      name: 'doris-pod-deletion',
      kind: Pod,
      on: ['DELETE'],
      labels: OURS,
      reads: [DorisCluster, Pod, StatefulSet],
      review: ({ user, fieldManager, before, ref, dryRun }, view) => {
        if (isBuiltIn(user) || isOperator({ user, ...(fieldManager === undefined ? {} : { fieldManager }) })) return allow;
        return mayGo(before as Live<typeof Pod> | undefined, guarded(before, ref, view), view, { leaving, dryRun, no: refuse, now: clock.now() }); // sound: what is deleted has been read
      },
    }),
    guard({
      name: 'doris-pod-eviction',
      kind: Pod,
      subresource: 'eviction',
      on: ['CREATE'],
      reads: [DorisCluster, Pod, StatefulSet],
      review: ({ ref, dryRun }, view) => {
        const pod = view.get(Pod, ref);
        return mayGo(pod, guarded(pod, ref, view), view, { leaving, dryRun, no: later, now: clock.now() });
      },
    }),
    guard({
      name: 'doris-stateful-set-deletion',
      kind: StatefulSet,
      on: ['DELETE'],
      labels: OURS,
      reads: [DorisCluster],
      review: ({ user, before, ref, propagationPolicy }, view) => {
        const of = guarded(before, ref, view);
        if (of === undefined || isBuiltIn(user) || isOperator({ user }) || propagationPolicy === 'Orphan') return allow;
        return refuse(
          `${ref.name} runs all ${WORD[of.component]} of DorisCluster ${of.name}: delete that, or this with --cascade=orphan. ${override('statefulset', ref.name)}`,
        );
      },
    }),
    guard({
      name: 'doris-stateful-set-update',
      kind: StatefulSet,
      on: ['UPDATE'],
      labels: OURS,
      reads: [DorisCluster],
      review: (write, view) => {
        if (isOperator(write)) return allow;
        return shrinking(guarded(write.object, write.ref, view), write.ref.name, write.before?.spec?.replicas ?? 1, write.object?.spec?.replicas ?? 1);
      },
    }),
    guard({
      name: 'doris-stateful-set-scale',
      kind: StatefulSet,
      subresource: 'scale',
      on: ['UPDATE'],
      reads: [DorisCluster, StatefulSet],
      review: (write, view) => {
        if (isOperator(write)) return allow;
        // A Scale of no replicas leaves the number out.
        return shrinking(
          guarded(view.get(StatefulSet, write.ref), write.ref, view),
          write.ref.name,
          write.before?.spec?.replicas ?? 0,
          write.object?.spec?.replicas ?? 0,
        );
      },
    }),
    guard({
      name: 'doris-volume-deletion',
      kind: PersistentVolumeClaim,
      on: ['DELETE'],
      labels: OURS,
      reads: [DorisCluster, Pod, StatefulSet],
      review: ({ user, before, ref }, view) => {
        const of = guarded(before, ref, view);
        if (of === undefined || isBuiltIn(user) || isOperator({ user })) return allow;
        const { statefulSet } = namesOf(of.name, of.component);
        const set = view.get(StatefulSet, { ...ref, name: statefulSet });
        // A suspended cluster has no pods and all its data; so has one whose StatefulSet is about to be made anew.
        const there = replicasThere(set, view.list(Pod, { namespace: of.namespace, labels: labelsOf(of.name, of.component) }));
        const wanted = set === undefined ? (of.cluster.spec[of.component]?.replicas ?? 0) : 0;
        const ordinal = Number(/-(\d+)$/.exec(ref.name)?.[1] ?? Infinity);
        const holds = stillHolds(of, ordinal);
        if (ordinal >= Math.max(there, wanted) && holds === undefined) return allow;
        return refuse(
          `${ref.name} holds data of ${statefulSet}-${ordinal}, which DorisCluster ${of.name} ${holds ?? 'is to have'}. ${override('pvc', ref.name)}`,
        );
      },
    }),
    guard({
      name: 'doris-account-deletion',
      kind: Secret,
      on: ['DELETE'],
      labels: OURS,
      reads: [DorisCluster],
      review: ({ user, before, ref }, view) => {
        const cluster = stayingCluster(before, ref, view);
        if (cluster === undefined || ref.name !== accountSecretName(cluster.metadata.name) || isBuiltIn(user) || isOperator({ user })) return allow;
        return refuse(`the password in ${ref.name} is in Doris' metadata as well: a new one would not be let in. ${override('secret', ref.name)}`);
      },
    }),
  ];
}

const WORD = { fe: 'front ends', be: 'back ends' } as const;
const override = (kind: string, name: string): string => `To do it all the same: kubectl annotate ${kind} ${name} ${ALLOW_DISRUPTION}=true`;

interface Going {
  readonly leaving: LettingGo;
  readonly dryRun: boolean;
  readonly no: (message: string) => Verdict;
  readonly now: number;
}

function mayGo(pod: Live<typeof Pod> | undefined, of: Guarded | undefined, view: View, { leaving, dryRun, no, now }: Going): Verdict {
  if (pod === undefined || of === undefined || pod.metadata.deletionTimestamp !== undefined) return allow;
  const found = disruption(of.component, pod.metadata.name, peersOf(of, view, leaving.uids()), copiesOf(of, now));
  if (found.type === 'costly')
    return no(`DorisCluster ${of.name}: ${found.message}. Wait until all ${WORD[of.component]} serve. ${override('pod', pod.metadata.name)}`);
  if (!dryRun) leaving.add(pod.metadata.uid);
  return found.type === 'outage' ? { type: 'allow', warnings: [`DorisCluster ${of.name}: ${found.message}`] } : allow;
}

function shrinking(of: Guarded | undefined, set: string, before: number, now: number): Verdict {
  if (of === undefined || now >= before) return allow;
  const leave = of.component === 'fe' ? 'its front ends leave the quorum' : 'its data is moved away';
  return refuse(`${set} is scaled by spec.${of.component}.replicas of DorisCluster ${of.name}: there ${leave} before pods go. ${override('statefulset', set)}`);
}

interface LettingGo {
  add(uid: string): void;
  uids(): ReadonlySet<string>;
}

/** Pods that were let go a moment ago, whether or not the cache knows. At most as many as are deleted within LETTING_GO_MS. */
function lettingGo(clock: Clock): LettingGo {
  const until = new Map<string, number>();
  return {
    add: (uid) => void until.set(uid, clock.monotonic() + LETTING_GO_MS),
    uids() {
      for (const [uid, end] of until) if (end <= clock.monotonic()) until.delete(uid);
      return new Set(until.keys());
    },
  };
}
