import { LAST_SUCCESSFUL_SPEC } from './api/check/update.ts';
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

/** Its cluster may be PASSIVE for it, and it is still to make that ACTIVE again. */
export function mayKeepPassive(hb: Backup): boolean {
  return hb.status?.run?.activate ?? (begunBefore(hb) && !isFinished(hb));
}
