import type { ComponentName } from '../names.ts';

/** In which order components get a new template: Doris' own order for an upgrade (spec/doris-field-notes.md §3.6). */
export const ORDER: readonly ComponentName[] = ['be', 'fe', 'cn', 'broker'];

/** One pod and the node that it is in Doris. */
export interface Member {
  readonly ordinal: number;
  readonly pod: string;
  /** Of its pod: made from another template than the one wanted, from that one, or not there (or going). */
  readonly template: 'old' | 'new' | 'none';
  /** Its pod is ready. */
  readonly ready: boolean;
  /** Alive in Doris since its last restart by us, and with the version wanted if its pod is a new one. */
  readonly healthy: boolean;
  readonly master: boolean;
  /** When its node started, as Doris writes it; `''`: unknown. */
  readonly started: string;
}

/** A component whose pods we restart; one with OnDelete is not listed. */
export interface Part {
  readonly name: ComponentName;
  /** The StatefulSet controller has seen the last template, so that `template` of the members can be believed. */
  readonly seen: boolean;
  /** It has written down that all pods are at the new template. */
  readonly complete: boolean;
  readonly replicas: number;
  /** Pods from this ordinal on may be restarted. */
  readonly partition: number;
  readonly members: readonly Member[];
  /** How often the master was moved in this round. Front ends only. */
  readonly masterMoves: number;
  /** A version wanted that is older than the one that runs, as `2.1 to 2.0`. */
  readonly downgrade: string | undefined;
}

/**
 * `scheduling`: the master's settings are as they were (`asWas`), or were remembered, and then are switched off (`off`), all but repair (`repairing`), or not yet
 * or not any more (`on`). `behind`: tablets of which a replica misses rows and could be repaired.
 */
export interface ObservedRollout {
  readonly parts: readonly Part[];
  readonly scheduling: 'asWas' | 'on' | 'repairing' | 'off';
  readonly behind: number;
  readonly paused: boolean;
}

export type RolloutAction =
  | { readonly do: 'remember' | 'switchOff' | 'restore' }
  /** Switches repair on, and leaves the rest off. */
  | { readonly do: 'repair' }
  /** No more pods of it may be restarted. */
  | { readonly do: 'hold'; readonly part: Part }
  /** Lets the StatefulSet controller restart this pod, and no other. */
  | { readonly do: 'restart'; readonly part: Part; readonly member: Member }
  /** Deletes a pod that may be restarted already and that the StatefulSet controller does not: it waits for a pod that will never be ready. */
  | { readonly do: 'replace'; readonly part: Part; readonly member: Member }
  /** Restarts the master with the template it has, so that another front end leads. */
  | { readonly do: 'moveMaster'; readonly part: Part; readonly member: Member }
  | { readonly do: 'wait' | 'refuse' | 'paused'; readonly reason: string; readonly message: string };

/** Elections are chance: after as many without the wanted one a person is asked. */
const MASTER_MOVES_MAX = 5;

/**
 * The next move of an ordered restart; none when every pod is as wanted. One component after the other, one node at a time, the highest ordinal first, each node
 * alive again before the next. Data is not moved about meanwhile, and may be again in the end, also of one that was paused or taken back. What a back end missed
 * while it was away is repaired before the next one goes: Doris counts a replica that is behind for no load, so that the second restart would stop them all. What
 * does not come back is waited for, for ever if need be. A node whose pod is broken anyway may be restarted whatever the others are.
 */
export function rolloutPlan(o: ObservedRollout): RolloutAction | undefined {
  const turn = o.parts.find((part) => isOpen(part) || part.members.some((member) => member.template === 'old'));
  if (turn === undefined && o.scheduling === 'asWas') return undefined;
  const unseen = o.parts.find((part) => !part.seen);
  if (unseen !== undefined) return { do: 'wait', reason: 'RolloutStarting', message: `the new template of ${unseen.name} has not been noticed yet` };
  // A template that changed earlier in the order while a later component was at it: that one stops where it is.
  const ahead = o.parts.find((part) => isOpen(part) && (part !== turn || o.paused));
  if (ahead !== undefined) return { do: 'hold', part: ahead };
  if (turn === undefined) return { do: 'restore' };
  if (o.paused) {
    return o.scheduling === 'asWas'
      ? { do: 'paused', reason: 'Paused', message: `paused before ${turn.name}; remove the annotation to go on` }
      : { do: 'restore' };
  }
  if (turn.downgrade !== undefined) {
    if (o.scheduling !== 'asWas') return { do: 'restore' };
    return { do: 'refuse', reason: 'DowngradeRefused', message: `spec.${turn.name}: from ${turn.downgrade}: Doris cannot read newer metadata and data` };
  }
  const scheduling = schedulingFor(turn, o);
  return scheduling ?? within(turn, o);
}

/** Back ends and front ends restart with data at rest; compute nodes and brokers hold none. */
function schedulingFor(turn: Part, { scheduling, behind }: ObservedRollout): RolloutAction | undefined {
  if (turn.name !== 'be' && turn.name !== 'fe') return scheduling === 'asWas' ? undefined : { do: 'restore' };
  if (scheduling === 'off') return undefined;
  if (scheduling === 'repairing' && turn.name === 'be' && behind > 0) {
    return {
      do: 'wait',
      reason: 'ReplicasCatchingUp',
      message: `${behind} tablets have a replica that missed a load; it is repaired before the next node restarts`,
    };
  }
  return { do: scheduling === 'asWas' ? 'remember' : 'switchOff' };
}

function within(turn: Part, o: ObservedRollout): RolloutAction {
  const next = turn.members.findLast((member) => member.template === 'old');
  // Broken and allowed to go already: with ordered pods the StatefulSet controller waits for it for ever (kubernetes: "forced rollback").
  if (next !== undefined && next.ordinal >= turn.partition) {
    return next.ready ? wait(next, 'is about to restart') : { do: 'replace', part: turn, member: next };
  }
  if (next !== undefined && !next.ready) return { do: 'restart', part: turn, member: next };
  // Front ends are all needed before any node goes: without a majority nobody could be asked how that node is.
  const needed = [...turn.members, ...(turn.name === 'fe' ? [] : (o.parts.find((part) => part.name === 'fe')?.members ?? []))];
  const missing = needed.find((member) => member.template === 'none' || !member.ready || !member.healthy);
  if (missing !== undefined) return wait(missing, missing.template === 'none' ? 'has not come back yet' : 'is not alive yet');
  if (turn.name === 'be' && o.behind > 0) return { do: 'repair' };
  if (next === undefined) return turn.complete ? { do: 'hold', part: turn } : wait(turn.members.at(-1), 'is the last one');
  return masterFirst(turn, next) ?? { do: 'restart', part: turn, member: next };
}

/**
 * The master is the last front end to restart, and pods restart from the highest ordinal down: so the first one has to lead. With two front ends no other
 * can be elected while one restarts.
 */
function masterFirst(turn: Part, next: Member): RolloutAction | undefined {
  if (turn.name !== 'fe' || turn.members.length < 3) return undefined;
  const master = turn.members.find((member) => member.master);
  if (master === undefined) return { do: 'wait', reason: 'Upgrading', message: 'no front end of ours is the master now' };
  const untouched = turn.members.every((member) => member.template === 'old');
  const inTheWay = untouched ? master.ordinal !== 0 : master === next && next.ordinal !== 0;
  if (!inTheWay) return undefined;
  if (turn.masterMoves < MASTER_MOVES_MAX) return { do: 'moveMaster', part: turn, member: master };
  const message = `${master.pod} was elected again after ${MASTER_MOVES_MAX} tries; restart it by hand until ${turn.members[0]?.pod} is the master`;
  return { do: 'wait', reason: 'MasterNotMoved', message };
}

const isOpen = (part: Part): boolean => part.partition < part.replicas;

const wait = (member: Member | undefined, what: string): RolloutAction => ({ do: 'wait', reason: 'Upgrading', message: `${member?.pod ?? 'a pod'} ${what}` });
