import { conditionOf, parseTimestamp } from '@binnacle/client';
import { LAST_SUCCESSFUL_SPEC } from './api/check/update.ts';
import type { Cluster } from './api/hazelcast.ts';
import type { Backup } from './api/hot-backup.ts';

// What a HotBackup says of itself, for whoever has to do with its cluster.

/** It has ended, well or not, and is never taken again. */
export function isFinished(hb: Backup): boolean {
  return hb.status?.state === 'Success' || hb.status?.state === 'Failure';
}

/** The Hazelcast that it is about: once begun, whatever an edit says. */
export function clusterOf({ spec, status }: Backup): string {
  return status?.run?.cluster ?? spec.hazelcastResourceName;
}

/** Whether this is that Hazelcast still, and not one that took its name since. */
export function isOf({ status }: Backup, hz: { readonly metadata: { readonly uid: string } }): boolean {
  return (status?.run?.uid ?? hz.metadata.uid) === hz.metadata.uid;
}

/** The existing operator began it: it says so on the object before it does anything, and nowhere how far it came. Source: spec/hazelcast-core.md §3.1. */
export function begunBefore(hb: Backup): boolean {
  return hb.metadata.annotations?.[LAST_SUCCESSFUL_SPEC] !== undefined;
}

/** How long a backup that does not reach its members or agents holds others up; ms. What these wait to do may be what mends them. */
const HELD_MS = 600_000;

/** It is being taken of this cluster, and a member that stopped now would spoil it. */
export function holdsMembers(hb: Backup, hz: Cluster, nowMs: number): boolean {
  const { run } = hb.status ?? {};
  if (run === undefined || clusterOf(hb) !== hz.metadata.name || !isOf(hb, hz)) return false;
  return conditionOf(hb, 'Ready')?.reason !== 'MembersUnreachable' || nowMs - parseTimestamp(run.startedAt) <= HELD_MS;
}

/** Its cluster may be PASSIVE for it, and it is still to make that ACTIVE again. */
export function mayKeepPassive(hb: Backup): boolean {
  return hb.status?.run?.activate ?? (begunBefore(hb) && !isFinished(hb));
}
