import { outside, unsafe } from './safety.ts';
import type { Member } from './safety.ts';

/** What there is. */
export interface Observed {
  /** By the spec. */
  readonly wanted: number;
  /** All members have met at least once: there may be data. */
  readonly formed: boolean;
  /** Members run a version that forms no cluster with the wanted one, and the user said yes to losing what they hold. */
  readonly incompatible: boolean;
  /** For whom no member may stop, for people: a backup that is being taken; undefined: for nobody. */
  readonly backup: string | undefined;
  /** Undefined: no StatefulSet yet. */
  readonly live:
    | {
        readonly replicas: number;
        readonly partition: number;
        /** The pod template is about to change with the next apply. */
        readonly changes: boolean;
        /** Kubernetes has seen the last change. */
        readonly observed: boolean;
        readonly updateRevision: string | undefined;
        /** Kubernetes says that the last roll-out is over. */
        readonly complete: boolean;
      }
    | undefined;
  /** Pods there are, those that are going too. */
  readonly members: readonly Member[];
}

/** How the StatefulSet is to be next, and what that waits for before it goes on. */
export interface Plan {
  readonly replicas: number;
  /** Pods from this ordinal on may be made anew from a changed template. */
  readonly partition: number;
  readonly waiting?: { readonly reason: 'ScalingIn' | 'RollingUpdate'; readonly message: string };
}

/**
 * The next move of the StatefulSet. Members leave one at a time, the highest ordinal first, and restart one at a time, each only while every partition has
 * all its copies: the existing operator stopped all at once, and lost a third of the data (spec/hazelcast-members.md §7). Time alone never makes a step safe.
 * Nor while a backup is being taken, which would fail; but for a pause, which stops all, and for a member that takes part in nothing.
 * Between roll-outs the partition is closed (`replicas`), so that a changed template moves no pod before this says so.
 */
export function plan(o: Observed): Plan {
  const { live, wanted } = o;
  if (live === undefined) return { replicas: wanted, partition: wanted };
  // Back from nothing, or to nothing: there is no data in memory to keep. A pod below the partition would be made from the template of before.
  if (live.replicas === 0 && !o.incompatible) return { replicas: wanted, partition: 0 };
  if (wanted === 0) return { replicas: 0, partition: 0 };
  if (o.incompatible) return { replicas: 0, partition: 0, waiting: { reason: 'RollingUpdate', message: 'all members stop: the versions form no cluster' } };
  if (wanted < live.replicas) return scaleIn(o, live.replicas);
  const going = o.members.filter(({ ordinal }) => ordinal >= live.replicas);
  if (going.length > 0 && wanted === live.replicas) {
    return { replicas: wanted, partition: live.partition, waiting: { reason: 'ScalingIn', message: `member ${going[0]!.ordinal} is leaving` } };
  }
  return { replicas: wanted, ...rollOut(o, live, wanted) };
}

function scaleIn(o: Observed, replicas: number): Plan {
  const stay = (message: string): Plan => ({ replicas, partition: replicas, waiting: { reason: 'ScalingIn', message } });
  const leave = (to: number): Plan => ({
    replicas: to,
    partition: to,
    waiting: { reason: 'ScalingIn', message: `member ${replicas - 1} is leaving, ${to - o.wanted} more to leave` },
  });
  // One that is ready may hold data, though the members have not all met.
  if (!o.formed && o.members.every(({ health, ready }) => health === undefined && !ready)) return { replicas: o.wanted, partition: o.wanted };
  const members = o.members.filter(({ ordinal }) => ordinal < replicas);
  const before = o.members.find(({ ordinal, terminating }) => ordinal >= replicas || terminating);
  if (before !== undefined) return stay(`member ${before.ordinal} is still leaving`);
  const last = members.find(({ ordinal }) => ordinal === replicas - 1);
  const silent = members.find((member) => member !== last && member.health === undefined);
  if (silent !== undefined) return stay(`member ${silent.ordinal} does not answer, and would stay`);
  if (members.length < replicas - (last === undefined ? 1 : 0)) return stay(`${replicas - members.length} members that would stay are missing`);
  if (last !== undefined && last.health === undefined && !outside(last, members)) return stay(`member ${last.ordinal} does not answer, and holds data`);
  const problem = unsafe(members);
  if (problem !== undefined) return stay(`member ${replicas - 1} leaves when it is safe: ${problem}`);
  return o.backup === undefined ? leave(replicas - 1) : stay(`member ${replicas - 1} leaves when ${o.backup} has ended`);
}

type Gate = Pick<Plan, 'partition' | 'waiting'>;

function rollOut(o: Observed, live: NonNullable<Observed['live']>, replicas: number): Gate {
  const shut = (message: string, partition: number): Gate => ({ partition, waiting: { reason: 'RollingUpdate', message } });
  if (live.changes) return { partition: live.replicas };
  if (!live.observed) return { partition: live.partition };
  const members = o.members.filter(({ ordinal }) => ordinal < live.replicas);
  const outdated = members.filter(({ revision }) => revision !== live.updateRevision);
  const next = outdated.reduce<Member | undefined>((highest, member) => (member.ordinal > (highest?.ordinal ?? -1) ? member : highest), undefined);
  if (next === undefined) {
    if (!live.complete || members.length < live.replicas) return { partition: live.partition };
    return { partition: replicas };
  }
  if (next.terminating) return shut(`member ${next.ordinal} restarts`, Math.min(live.partition, next.ordinal));
  // One that takes part in nothing cannot lose anything, and waiting for it would keep the change that mends it from coming.
  if (outside(next, members)) return shut(`member ${next.ordinal} restarts`, next.ordinal);
  const absent = members.length < live.replicas || members.some(({ health, terminating }) => health === undefined || terminating);
  const problem = absent ? 'not all members are back' : unsafe(members);
  if (problem !== undefined) return shut(`member ${next.ordinal} restarts when it is safe: ${problem}`, next.ordinal + 1);
  if (o.backup !== undefined) return shut(`member ${next.ordinal} restarts when ${o.backup} has ended`, next.ordinal + 1);
  return shut(`member ${next.ordinal} restarts`, next.ordinal);
}
