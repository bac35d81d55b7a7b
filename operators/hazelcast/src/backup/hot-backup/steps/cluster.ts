import { Secret } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { bucketFaults } from '../../../api/check/hot-backup.ts';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { isFinished } from '../../../backup-state.ts';
import type { Turns } from '../../../turns.ts';

/** How long until the cluster is looked at again; ms. A backup may be older than its cluster. */
const AGAIN_MS = 5_000;

/** Waits for the cluster to run, and refuses one that keeps nothing on disk: there is nothing to back up. */
export const cluster = (turns: Turns) =>
  step('cluster', HotBackup, { reads: [Hazelcast, Secret] }, async (hb, cx) => {
    if (isFinished(hb) || hb.status?.run !== undefined) return done;
    // What keeps it from beginning may wait for the turn itself.
    turns.give(hb);
    const name = hb.spec.hazelcastResourceName;
    const hz = await cx.get(Hazelcast, name);
    cx.status({ state: 'Pending' });
    // The rules of admission once more: an object may be older than they are.
    const faults = [...bucketFaults('spec', hb.spec)].map(({ field, message }) => `${field}: ${message}`);
    if (faults.length > 0) return stop('InvalidSpec', `error validating Spec: ${faults.join('; ')}`);
    if (hz === undefined) return waitFor('ClusterNotFound', `Hazelcast '${name}' is not there`, { afterMs: AGAIN_MS });
    if (hz.spec.persistence === undefined) {
      cx.status({ state: 'Failure' });
      return stop('PersistenceDisabled', `Hazelcast '${name}' must enable persistence`);
    }
    const credentials = hb.spec.secretName || hb.spec.secret;
    if (hb.spec.bucketURI && credentials && (await cx.get(Secret, credentials)) === undefined)
      return waitFor('SecretNotFound', `spec.secretName: Not found: "${credentials}"`, { afterMs: AGAIN_MS });
    if (hz.metadata.deletionTimestamp !== undefined) return waitFor('ClusterNotRunning', `Hazelcast '${name}' is being deleted`, { afterMs: AGAIN_MS });
    if (hz.status?.phase !== 'Running')
      return waitFor('ClusterNotRunning', `Hazelcast '${name}' is ${hz.status?.phase ?? 'new'}${hz.status?.message ? `: ${hz.status.message}` : ''}`, {
        afterMs: AGAIN_MS,
      });
    return done;
  });
