import { conditionOf } from '@binnacle/client';
import type { Cluster } from './api/hazelcast.ts';
import type { Backup } from './api/hot-backup.ts';
import { clusterOf, isFinished } from './backup-state.ts';

/**
 * Whose turn it is at each cluster: one backup at a time, and none while a member is told to stop. Passes of different objects run at the same time, and none sees
 * in the status what another is about to write there. Nobody has a turn after a restart: then the statuses tell who is on.
 */
export interface Turns {
  /** Takes the turn; false when another one has it. `all`: the HotBackups there are, since one may have gone without a word. */
  take(hb: Backup, all: readonly Backup[]): boolean;
  give(hb: Backup): void;
  /** Takes it to stop a member, until disposed of; undefined: a backup begins. Of one that has begun its status tells. */
  stop(hz: Cluster, all: readonly Backup[]): Disposable | undefined;
}

const MEMBERS = 'members';

/** Nobody has a turn. */
export function turns(): Turns {
  const holders = new Map<string, string>();
  const keyOf = (hb: Backup) => `${hb.metadata.namespace}/${clusterOf(hb)}`;
  const free = (key: string, all: readonly Backup[], by: string): boolean => {
    const holder = holders.get(key);
    return holder === undefined || holder === by || (holder !== MEMBERS && !all.some(({ metadata }) => metadata.uid === holder));
  };
  return {
    take(hb, all) {
      const { uid } = hb.metadata;
      if (!free(keyOf(hb), all, uid)) return false;
      holders.set(keyOf(hb), uid);
      return true;
    },
    give(hb) {
      if (holders.get(keyOf(hb)) === hb.metadata.uid) holders.delete(keyOf(hb));
    },
    stop({ metadata }, all) {
      const key = `${metadata.namespace}/${metadata.name}`;
      const holder = holders.get(key);
      const none = { [Symbol.dispose]: () => undefined };
      if (all.some((hb) => hb.metadata.uid === holder && hb.status?.run !== undefined)) return none;
      if (!free(key, all, MEMBERS)) return undefined;
      holders.set(key, MEMBERS);
      return { [Symbol.dispose]: () => void holders.delete(key) };
    },
  };
}

/** Waits of which nobody knows whether they ever end: a person has to do something. */
const HELD_UP = ['InvalidSpec', 'SecretNotFound'];

/** Who goes before: one that is being taken; else, among those that wait for no more than their turn, an older one. Undefined: nobody. Pure. */
export function before(hb: Backup, all: readonly Backup[]): Backup | undefined {
  if (hb.status?.run !== undefined) return undefined;
  const others = all.filter((one) => one.metadata.uid !== hb.metadata.uid && clusterOf(one) === clusterOf(hb) && !isFinished(one));
  const age = ({ metadata }: Backup) => `${metadata.creationTimestamp}/${metadata.name}`;
  const mayGo = (one: Backup) => one.metadata.deletionTimestamp === undefined && !HELD_UP.includes(conditionOf(one, 'Ready')?.reason ?? '');
  return others.find(({ status }) => status?.run !== undefined) ?? others.find((one) => mayGo(one) && age(one) < age(hb));
}
