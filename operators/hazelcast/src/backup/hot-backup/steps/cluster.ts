import { done, step, stop, waitFor } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { isFinished } from '../turns.ts';

/** How long until the cluster is looked at again; ms. A backup may be older than its cluster. */
const AGAIN_MS = 5_000;

/** Waits for the cluster to run, and refuses one that keeps nothing on disk: there is nothing to back up. */
export const cluster = step('cluster', HotBackup, { reads: [Hazelcast] }, async (hb, cx) => {
  if (isFinished(hb) || hb.status?.run !== undefined) return done;
  const name = hb.spec.hazelcastResourceName;
  const hz = await cx.get(Hazelcast, name);
  cx.status({ state: 'Pending' });
  if (hz === undefined) return waitFor('ClusterNotFound', `Hazelcast '${name}' is not there`, { afterMs: AGAIN_MS });
  if (hz.spec.persistence === undefined) {
    cx.status({ state: 'Failure' });
    return stop('PersistenceDisabled', `Hazelcast '${name}' must enable persistence`);
  }
  if (hz.status?.phase !== 'Running')
    return waitFor('ClusterNotRunning', `Hazelcast '${name}' is ${hz.status?.phase ?? 'new'}: ${hz.status?.message ?? ''}`, { afterMs: AGAIN_MS });
  return done;
});
