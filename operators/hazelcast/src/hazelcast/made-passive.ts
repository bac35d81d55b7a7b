import { isNamespaceTerminating } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import type { Context, Desired } from '@binnacle/runtime';
import type { Cluster } from '../api/hazelcast.ts';
import { selectorOf } from './names.ts';

/** The ConfigMap that remembers it. */
export const madePassiveName = (cluster: string): string => `${cluster}-made-passive`;
const BACKUP_KEY = 'hot-backup';

/**
 * That this cluster may be PASSIVE because of a backup, and of which. Of no owner: members write the state of their cluster on their volumes, so it must outlive
 * the Hazelcast and the HotBackup just as the volumes do. Without it nobody could tell a PASSIVE of ours, which is to be undone, from one of a person's.
 */
export const madePassive = (hz: Cluster, backup: string): Desired<typeof ConfigMap> => ({
  name: madePassiveName(hz.metadata.name),
  labels: selectorOf(hz),
  data: { [BACKUP_KEY]: backup },
});

/** The HotBackup in such a note; undefined: it is none, whatever it is called. */
export const passiveFor = (note: Live<typeof ConfigMap> | undefined): string | undefined => note?.data?.[BACKUP_KEY];

/** Writes it down. In a namespace that goes nothing can be, and nothing is left to be undone. */
export async function noteMadePassive(hz: Cluster, backup: string, cx: Pick<Context<never, typeof ConfigMap, never>, 'ensure'>): Promise<void> {
  try {
    await cx.ensure(ConfigMap, madePassiveName(hz.metadata.name), () => madePassive(hz, backup), { owner: 'none' });
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error;
  }
}
